"""Statements that count, answered by DuckDB over the files of Delta tables, without a JVM.

Reads tables that are their files and nothing else; which those are is told in `log`, who is asked in `warehouse`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import duckdb
from pyspark.sql import types as T

from jobs.config.sizes import mebibytes

PlainTable = tuple[T.StructType, Sequence[str]]
"""The columns of a table, and the data files that it consists of."""

_TYPES: dict[type[T.DataType], str] = {
    T.StringType: "VARCHAR",
    T.ByteType: "TINYINT",
    T.ShortType: "SMALLINT",
    T.IntegerType: "INTEGER",
    T.LongType: "BIGINT",
    T.FloatType: "FLOAT",
    T.DoubleType: "DOUBLE",
    T.BooleanType: "BOOLEAN",
    T.DateType: "DATE",
    T.TimestampType: "TIMESTAMPTZ",
}
# Of a statement; what else goes wrong (a damaged file, no room) Spark does better, or says in its words.
_MISTAKES = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException)


@dataclass(frozen=True)
class Counting:
    """How much of the machine an answer may take: `memory` as in `1g`, `threads`."""

    memory: str = "1g"
    threads: int = 2

    def rows(self, statement: str, tables: Mapping[str, PlainTable]) -> list[dict[str, Any]] | None:
        """The rows of a SELECT on `tables`, which it names as they are named here; None where Spark is to be asked.

        Nothing of DuckDB is left when the answer is there: no thread, no file.
        """
        with (
            tempfile.TemporaryDirectory() as temporary,
            self._connection(temporary) as connection,
            ThreadPoolExecutor(1) as counting,
        ):
            # In a thread of its own: the one that counts hears of no signal before it is done.
            answer = counting.submit(_answer, connection, statement, tables)
            try:
                return answer.result()
            except _MISTAKES:
                raise
            except duckdb.Error:
                return None
            except BaseException:
                # Again and again: DuckDB does not remember one that comes between two statements.
                while not answer.done():
                    connection.interrupt()
                    wait([answer], timeout=0.1)
                raise

    def _connection(self, temporary: str) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{mebibytes(self.memory):.0f}MiB",
                "threads": self.threads,
                "temp_directory": temporary,
                # What is asked here needs no extension that would first have to be fetched.
                "autoinstall_known_extensions": False,
            },
        )


def _answer(
    connection: duckdb.DuckDBPyConnection, statement: str, tables: Mapping[str, PlainTable]
) -> list[dict[str, Any]]:
    for number, (name, (columns, files)) in enumerate(tables.items()):
        view = f"table_{number}"
        connection.execute(f"CREATE VIEW {view} AS {_content(connection, columns, files)}")
        statement = statement.replace(name, view)
    found = connection.execute(statement)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _content(connection: duckdb.DuckDBPyConnection, columns: T.StructType, files: Sequence[str]) -> str:
    """A SELECT of a table's rows; columns that were added to it later are NULL in its older files."""
    source, held = "", set[str]()
    if files:
        listed = ", ".join(f"'{file}'" for file in files)
        source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        held = {row[0].lower() for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    values = [
        f'"{field.name}"' if field.name.lower() in held else f'{_null_of(field.dataType)} AS "{field.name}"'
        for field in columns.fields
    ]
    return f"SELECT {', '.join(values)} " + (f"FROM {source}" if files else "WHERE FALSE")


def _null_of(type_: T.DataType) -> str:
    """A NULL of a type; without one where the contracts know no such type."""
    known = _name(type_)
    return "NULL" if known is None else f"NULL::{known}"


def _name(type_: T.DataType) -> str | None:
    if isinstance(type_, T.DecimalType):
        return f"DECIMAL({type_.precision},{type_.scale})"
    if isinstance(type_, T.ArrayType):
        element = _name(type_.elementType)
        return None if element is None else f"{element}[]"
    return _TYPES.get(type(type_))
