"""BigQuery as the tests that run on every warehouse see it: tables by REST, rows by load jobs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from google.cloud import bigquery
from google.cloud.bigquery import LoadJobConfig, SchemaField
from pyspark.sql import SparkSession

from jobs.schemas.tables import Column, Table
from jobs.warehouse.bigquery.tables import as_json, new_table, schema_field
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.emulator import Emulator
from tests.warehouse.backends import Backend, Row
from tests.warehouse.bigquery.project import BigQueryProject

_SOME_VALUE = {"STRING": "x", "INT64": 1}


class BigQueryBackend(Backend):
    """Datasets of the emulator that only one test knows."""

    name = "bigquery"

    def __init__(self, spark: SparkSession, emulator: Emulator) -> None:
        self.spark = spark
        self.project = BigQueryProject(emulator)

    def make_warehouse(self) -> BigQueryWarehouse:
        """With the options of the emulator."""
        return self.project.warehouse(self.spark)

    def load(self, table: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column] | None = None) -> None:
        """A table laid out like ours, and a load job."""
        described = new_table(table, self.project.name(table))
        if columns is not None:
            described.schema = [schema_field(column) for column in columns]
        self._replace(described, [as_json(row) for row in rows])

    def rows(self, table: Table) -> list[Row]:
        """By a query."""
        rows = self.project.rows(f"SELECT * FROM `{self.project.name(table)}`")
        return [{name: _without_zone(value) for name, value in row.items()} for row in rows]

    def add_column(self, table: Table, name: str, type_: str, *, required: bool = False) -> None:
        """By making the table anew: BigQuery adds no required column to a table, and the emulator none at all."""
        schema = self.project.client.get_table(self.project.name(table)).schema
        field = SchemaField(name, type_, mode="REQUIRED" if required else "NULLABLE")
        added = {name: _SOME_VALUE[type_]} if required else {}
        rows = [as_json({**row, **added}) for row in self.rows(table)]
        self._replace(bigquery.Table(self.project.name(table), [*schema, field]), rows)

    def drop_column(self, table: Table, name: str) -> None:
        """By creating the table without it."""
        described = new_table(table, self.project.name(table))
        described.schema = [field for field in described.schema if field.name != name]
        self._replace(described, [])

    def set_value(self, table: Table, name: str, literal: str, where: str) -> None:
        """By UPDATE."""
        self.project.rows(f"UPDATE `{self.project.name(table)}` SET {name} = {literal} WHERE {where}")

    def staging_exists(self, table: Table, run_id: str) -> bool:
        """By the list of tables."""
        dataset = self.project.name(table).rpartition(".")[0]
        names = {found.table_id for found in self.project.client.list_tables(dataset)}
        return f"{table.name}_staging_{run_id}" in names

    def put_something_else(self, table: Table) -> None:
        """A view."""
        view = bigquery.Table(self.project.name(table))
        view.view_query = "SELECT 1 AS game_id"
        self.project.client.create_table(view)

    def _replace(self, described: bigquery.Table, rows: Sequence[dict[str, Any]]) -> None:
        client = self.project.client
        client.delete_table(described, not_found_ok=True)
        client.create_table(described)
        if rows:
            config = LoadJobConfig(schema=described.schema, write_disposition="WRITE_APPEND")
            client.load_table_from_json(rows, described.reference, job_config=config).result()


def _without_zone(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
