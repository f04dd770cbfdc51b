"""Sources under contract, whose rows are read when somebody asks for them; what only counts needs none of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.schemas.tables import Table
from jobs.warehouse.dialect import DateRange
from jobs.warehouse.interface import Warehouse


class OpenedSources(Mapping[str, DataFrame]):
    """Rows by table name.

    `reads` are the dates that are read of each table, which has the columns that are there; its rows have all columns
    of the contract, of the table in `tables`.
    """

    def __init__(self, warehouse: Warehouse, reads: Mapping[Table, DateRange], tables: Sequence[Table] = ()) -> None:
        self._warehouse = warehouse
        self._of_contract = {table.name: table for table in tables}
        self.reads = {table.name: (table, between) for table, between in reads.items()}
        self._rows: dict[str, DataFrame] = {}

    def __getitem__(self, name: str) -> DataFrame:
        if name not in self._rows:
            table, between = self.reads[name]
            self._rows[name] = _with_absent_columns(self._of_contract[name], self._warehouse.read(table, between))
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.reads)

    def __len__(self) -> int:
        return len(self.reads)


def _with_absent_columns(table: Table, rows: DataFrame) -> DataFrame:
    """All columns of the contract; an alternative one that the table does not have is NULL."""
    return rows.select(
        *[
            F.col(column.name)
            if column.name in rows.columns
            else F.lit(None).cast(column.spark_type).alias(column.name)
            for column in table.columns
        ]
    )
