"""A project of the emulator for one test or module: datasets of its own, sources loaded by load jobs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from google.cloud import bigquery
from google.cloud.bigquery import LoadJobConfig, SchemaField, TimePartitioning
from pyspark.sql import DataFrame, SparkSession

from jobs.config.settings import Settings
from jobs.schemas import tables as schemas
from jobs.schemas.tables import Table
from jobs.warehouse.bigquery.connection import Connection
from jobs.warehouse.bigquery.tables import new_table
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.emulator import Emulator

TOKEN = "any"


class BigQueryProject:
    """Datasets of the emulator that nobody else uses, and the settings by which a job finds them."""

    def __init__(self, emulator: Emulator, *, create_datasets: bool = True) -> None:
        self.emulator = emulator
        suffix = uuid.uuid4().hex[:6]
        self.places = {table.name: f"{table.dataset}_{suffix}.{table.name}" for table in schemas.TABLES}
        if create_datasets:
            for dataset in sorted({place.split(".")[0] for place in self.places.values()}):
                self.client.create_dataset(dataset)

    @cached_property
    def client(self) -> bigquery.Client:
        """A client of the test's own."""
        return self.emulator.client()

    def settings(self, *, bigquery: dict[str, Any] | None = None, **settings: Any) -> Settings:
        """The settings of a run."""
        section = {
            "project": self.emulator.project,
            "access_token": TOKEN,
            "rest_endpoint": self.emulator.rest_endpoint,
            "grpc_endpoint": self.emulator.grpc_endpoint,
            **(bigquery or {}),
        }
        return Settings.model_validate(
            {"warehouse": "bigquery", "tables": self.places, **settings, "bigquery": section}
        )

    def connection(self, **section: Any) -> Connection:
        """A connection under these settings, which was not checked."""
        return Connection(self.settings(bigquery=section).bigquery)

    def warehouse(self, spark: SparkSession, **section: Any) -> BigQueryWarehouse:
        """The warehouse under these settings."""
        return BigQueryWarehouse(spark, self.connection(**section), self.places)

    def name(self, table: Table) -> str:
        """`project.dataset.table`."""
        return f"{self.emulator.project}.{self.places[table.name]}"

    def create(self, table: Table, fields: Sequence[SchemaField] | None = None) -> None:
        """Creates a table, with other columns than those of its contract if they are given."""
        described = new_table(table, self.name(table))
        if fields is not None:
            described = bigquery.Table(self.name(table), fields)
            described.time_partitioning = TimePartitioning(field=table.date_column)
        self.client.create_table(described)

    def load_parquet(self, table: Table, file: Path) -> None:
        """Creates a source partitioned by its date, with all columns of the file, and loads the file into it."""
        described = self.described(file, self.name(table))
        described.time_partitioning = TimePartitioning(field=table.date_column)
        self.load_described(described, file)

    def described(self, file: Path, name: str) -> bigquery.Table:
        """A table, which is not there yet, with all columns of a file."""
        return bigquery.Table(name, [_field(field) for field in pq.read_schema(file)])

    def load_described(self, described: bigquery.Table, file: Path) -> None:
        """Creates the table and loads the file into it."""
        self.client.create_table(described)
        config = LoadJobConfig(source_format="PARQUET", write_disposition="WRITE_APPEND", schema=described.schema)
        with file.open("rb") as content:
            self.client.load_table_from_file(content, described.reference, job_config=config).result()

    def load_folder(self, folder: Path) -> None:
        """Loads every source from `dataset/table.parquet`."""
        for table in schemas.SOURCES:
            self.load_parquet(table, folder / table.dataset / f"{table.name}.parquet")

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        return [dict(row.items()) for row in self.client.query(statement).result()]

    def read(self, spark: SparkSession, table: Table) -> DataFrame:
        """A table through the connector."""
        options = self.emulator.connector_options
        return spark.read.format("bigquery").options(**options).load(self.name(table))


def _field(field: pa.Field) -> SchemaField:
    if pa.types.is_decimal(field.type):
        return SchemaField(field.name, "NUMERIC", precision=field.type.precision, scale=field.type.scale)
    types = {"string": "STRING", "int64": "INT64", "double": "FLOAT64", "bool": "BOOL", "date32[day]": "DATE"}
    return SchemaField(field.name, types.get(str(field.type), "TIMESTAMP"))
