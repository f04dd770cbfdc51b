"""Files with upstream tables: finding them in a folder, and opening them under the contract of their table.

Parquet keeps its types; CSV is text, so every listed column is read as the type of its contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import ContractError
from jobs.schemas import tables as schemas
from jobs.schemas.tables import Column, Table
from jobs.warehouse import contract
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.delta.warehouse import found_type


@dataclass(frozen=True)
class UpstreamFile:
    """The file, or the folder of files, of one table."""

    table: Table
    path: Path
    form: Literal["parquet", "csv"]


def find_files(folder: Path) -> list[UpstreamFile]:
    """The files of the known tables in `folder`, by `dataset/table.parquet`, `dataset/table.csv` or a folder."""
    found = []
    for table in schemas.SOURCES:
        for form in ("parquet", "csv"):
            named = folder / table.dataset / f"{table.name}.{form}"
            plain = folder / table.dataset / table.name
            path = named if named.exists() else plain if any(plain.glob(f"*.{form}")) else None
            if path is not None:
                found.append(UpstreamFile(table, path, form))
                break
    return found


def open_file(spark: SparkSession, file: UpstreamFile) -> DataFrame:
    """The rows of a table's files, all columns. ContractError for a missing column, another type or a wrong value."""
    rows = _parquet(spark, file) if file.form == "parquet" else _csv(spark, file)
    found = [FoundColumn(field.name, found_type(field.dataType)) for field in rows.schema.fields]
    if wrong := contract.problems(file.table, found, str(file.path)):
        raise ContractError("\n".join(wrong))
    return rows


def _parquet(spark: SparkSession, file: UpstreamFile) -> DataFrame:
    schema = _schema_of_all(file)
    nanoseconds = {field.name for field in schema if str(field.type).startswith("timestamp[ns")}
    rows = spark.read.option("recursiveFileLookup", "true").parquet(str(file.path))
    return rows.select(*[_timestamp(field, field.name in nanoseconds) for field in rows.schema.fields])


def _schema_of_all(file: UpstreamFile) -> pa.Schema:
    """The schema of the first file; ContractError when there is none, or one that is no Parquet or of other types."""
    paths = [file.path] if file.path.is_file() else sorted(file.path.rglob("*.parquet"))
    if not paths:
        raise ContractError(f"table {file.path}: no .parquet file in this folder; put the table's files there")
    schemas_of_files = {path: _schema(path, file) for path in paths}
    first = schemas_of_files[paths[0]]
    for path, schema in schemas_of_files.items():
        for name in file.table.column_names:
            here, there = (_type(schema, name) for schema in (schema, first))
            if here != there:
                raise ContractError(
                    f"table {file.path}: column {name} is {here} in {path.name} and {there} in {paths[0].name}; "
                    "write all files with the same types"
                )
    return first


def _schema(path: Path, file: UpstreamFile) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ContractError(f"table {file.path}: {path} is not a Parquet file ({error}); write it again") from None


def _type(schema: pa.Schema, name: str) -> str:
    return str(schema.field(name).type) if name in schema.names else "missing"


def _timestamp(field: T.StructField, nanoseconds: bool) -> SparkColumn:
    """Times without a zone are taken as UTC, and times in nanoseconds as microseconds."""
    column = F.col(f"`{field.name}`")
    if nanoseconds and isinstance(field.dataType, T.LongType):
        return F.timestamp_micros(F.expr(f"`{field.name}` DIV 1000")).alias(field.name)
    if isinstance(field.dataType, T.TimestampNTZType):
        return column.cast("timestamp").alias(field.name)
    return column


def _csv(spark: SparkSession, file: UpstreamFile) -> DataFrame:
    text = spark.read.option("header", "true").csv(str(file.path))
    missing = [FoundColumn(column.name, column.type) for column in file.table.columns if column.name in text.columns]
    if wrong := contract.problems(file.table, missing, str(file.path)):
        raise ContractError("\n".join(wrong))
    listed = {column.name: column for column in file.table.columns}
    _check_values(text, file)
    return text.select(
        *[_parsed(listed[name]).alias(name) if name in listed else F.col(f"`{name}`") for name in text.columns]
    )


def _parsed(column: Column) -> SparkColumn:
    type_ = column.spark_type.simpleString()
    return F.expr(f"try_cast(`{column.name}` AS {type_})")


def _check_values(text: DataFrame, file: UpstreamFile) -> None:
    """ContractError that names the first value of a column that is not of the column's type."""
    checked = [column for column in file.table.columns if column.type != "STRING" and column.name in text.columns]
    wrong_values = [
        F.first(
            F.when(F.col(column.name).isNotNull() & _parsed(column).isNull(), F.col(column.name)), ignorenulls=True
        ).alias(column.name)
        for column in checked
    ]
    first_wrong = text.agg(*wrong_values).first()
    assert first_wrong is not None
    sentences = [
        f"table {file.path}: column {column.name} has the value {first_wrong[column.name]!r}, which is not "
        f"{column.type}; correct it"
        for column in checked
        if first_wrong[column.name] is not None
    ]
    if sentences:
        raise ContractError("\n".join(sentences))
