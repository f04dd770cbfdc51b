"""The warehouses under test behind one small interface: making tables, loading rows and reading them back.

A test names no warehouse; a second one is a second class here and a second parameter of the `backend` fixture.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from jobs.object_stores.folders import Folder, remove
from jobs.schemas.tables import ML_FEATURE_STORE, Column, Table
from jobs.spark import files
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.interface import Warehouse

Row = dict[str, Any]


class Backend(ABC):
    """One warehouse, empty at the start of each test."""

    name: str
    spark: SparkSession

    @abstractmethod
    def make_warehouse(self) -> Warehouse:
        """The warehouse as a job would open it."""

    @abstractmethod
    def load(self, table: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column] | None = None) -> None:
        """Replaces a table by these rows, as its owner would; without `columns` it has those of the contract."""

    @abstractmethod
    def rows(self, table: Table) -> list[Row]:
        """All rows of a table, all of its columns, times in UTC without a zone."""

    @abstractmethod
    def add_column(self, table: Table, name: str, type_: str, *, required: bool = False) -> None:
        """Adds a column that no contract knows; a required one to a table that holds no rows."""

    @abstractmethod
    def drop_column(self, table: Table, name: str) -> None:
        """Removes a column of a table that holds no rows."""

    @abstractmethod
    def set_value(self, table: Table, name: str, literal: str, where: str) -> None:
        """Changes a column of some rows, as another process would."""

    @abstractmethod
    def staging_exists(self, table: Table, run_id: str) -> bool:
        """Whether a run's staging table is there."""

    @abstractmethod
    def put_something_else(self, table: Table) -> None:
        """Puts what is no table of this warehouse in a table's place."""

    def frame(self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> DataFrame:
        """Rows as a frame with these columns; a row without one of them has NULL there."""
        schema = T.StructType([T.StructField(column.name, column.spark_type) for column in columns])
        values = [tuple(row.get(column.name) for column in columns) for row in rows]
        return self.spark.createDataFrame(values, schema)


class DeltaBackend(Backend):
    """Delta tables in a folder, here or in an object store."""

    name = "delta"

    def __init__(self, spark: SparkSession, root: Folder) -> None:
        self.spark = spark
        self._warehouse = DeltaWarehouse(spark, root, {})

    def make_warehouse(self) -> DeltaWarehouse:
        """In the test's own folder."""
        return self._warehouse

    def load(self, table: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column] | None = None) -> None:
        """By `replace`, or by the DDL of the product for the feature store, which has required columns."""
        if table is ML_FEATURE_STORE and columns is None:
            remove(self._warehouse.folder(table))
            self._warehouse.create(table)
            if rows:
                folder = str(self._warehouse.folder(table))
                self.frame(table.columns, rows).write.format("delta").mode("append").save(folder)
        else:
            self._warehouse.replace(table, self.frame(columns or table.columns, rows))

    def rows(self, table: Table) -> list[Row]:
        """By Spark, whose session is in UTC."""
        return [row.asDict() for row in self._sql(table, "SELECT * FROM {table}").collect()]

    def add_column(self, table: Table, name: str, type_: str, *, required: bool = False) -> None:
        """By ALTER TABLE, which adds no required ones: those by creating the table again."""
        if required:
            self._create_again(table, [*table.columns, Column(name, type_, "required")])
        else:
            self._sql(table, f"ALTER TABLE {{table}} ADD COLUMN {name} {Column(name, type_).spark_type.simpleString()}")

    def drop_column(self, table: Table, name: str) -> None:
        """By creating the table without it."""
        self._create_again(table, [column for column in table.columns if column.name != name])

    def _create_again(self, table: Table, columns: Sequence[Column]) -> None:
        remove(self._warehouse.folder(table))
        self._warehouse.create(Table(table.dataset, table.name, table.key, table.date_column, tuple(columns)))

    def set_value(self, table: Table, name: str, literal: str, where: str) -> None:
        """By UPDATE."""
        self._sql(table, f"UPDATE {{table}} SET {name} = {literal} WHERE {where}")

    def staging_exists(self, table: Table, run_id: str) -> bool:
        """By its folder."""
        return self._warehouse.folder(table).with_name(f"{table.name}_staging_{run_id}").exists()

    def put_something_else(self, table: Table) -> None:
        """A folder with a text file."""
        files.write_text(self.spark, str(self._warehouse.folder(table) / "notes.txt"), "no table")

    def _sql(self, table: Table, statement: str) -> DataFrame:
        frame: DataFrame = self.spark.sql(statement.replace("{table}", self._warehouse.sql_name(table)))
        return frame
