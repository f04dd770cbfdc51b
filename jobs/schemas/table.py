"""What a table and a column are, as data: the words in which `tables` and `precompute` list the product's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pyspark.sql import types as T

from jobs.schemas.spark_types import spark_type

Mode = Literal["nullable", "required", "optional", "alternative"]


@dataclass(frozen=True)
class Column:
    """One column: `type` is BigQuery's (`INT64`, `NUMERIC(5,2)`, `ARRAY<STRING>`, ...).

    `mode` says what a table without it means: `nullable` and `required` columns must be there (`required` ones
    hold no NULL); an `optional` one may be absent from a table that somebody else created, or of another type there,
    and is then left alone; an `alternative` one may be absent where another choice of the table's is there.
    """

    name: str
    type: str
    mode: Mode = "nullable"

    @property
    def spark_type(self) -> T.DataType:
        """The Spark type that this column has in a table created by us."""
        return spark_type(self.type)


@dataclass(frozen=True)
class Constant(Column):
    """A column with one `value` in all rows of a run: it is not staged, the statement that writes the rows has it.

    Text, a number, a truth value, a tuple of texts, or None.
    """

    value: Any = None


@dataclass(frozen=True)
class Table:
    """One table: `dataset.name`, its key columns, and its columns in the order in which ties are broken.

    `date_column` is the DATE that rows are selected by; empty for a table without one. A table that we create is
    `partitioned` by it on BigQuery alone: for a file of its own on Delta a date has too few rows.
    `choices` are sets of `alternative` columns: one of the sets must be there whole; an absent column is read as NULL.
    """

    dataset: str
    name: str
    key: tuple[str, ...]
    date_column: str
    columns: tuple[Column, ...]
    partitioned: bool = False
    cluster_by: tuple[str, ...] = ()
    choices: tuple[tuple[str, ...], ...] = ()

    @property
    def column_names(self) -> list[str]:
        """The names of all columns, in order."""
        return [column.name for column in self.columns]

    @property
    def key_by_date(self) -> list[str]:
        """The columns of the key, the date first: the order in which rows are written."""
        return sorted(self.key, key=lambda name: name != self.date_column)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when the table has none."""
        return {column.name: column for column in self.columns}[name]


def columns(type_: str, names: str, mode: Mode = "nullable") -> list[Column]:
    """Columns of one type and mode, by their names with spaces between."""
    return [Column(name, type_, mode) for name in names.split()]
