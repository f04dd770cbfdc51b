"""Tables of BigQuery by REST: their columns in the words of the contract, and their creation.

The connector would create tables without partitioning; so it never creates one.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping, Sequence
from typing import Any

from google.cloud import bigquery
from google.cloud.bigquery import SchemaField, TimePartitioning

from jobs.schemas.tables import Column, Table
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.dialect import DateRange, Dialect
from jobs.warehouse.statements import newest_staged_statement

_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


def found_column(field: SchemaField) -> FoundColumn:
    """A column as the contract speaks of it."""
    type_ = _NAMES.get(field.field_type, field.field_type)
    if field.precision is not None:
        type_ = f"{type_}({field.precision},{field.scale or 0})"
    if field.mode == "REPEATED":
        type_ = f"ARRAY<{type_}>"
    return FoundColumn(field.name, type_, field.mode == "REQUIRED")


def schema_field(column: Column) -> SchemaField:
    """A column of the contract as BigQuery is told of it."""
    if column.type.startswith("ARRAY<"):
        return SchemaField(column.name, column.type[len("ARRAY<") : -1], mode="REPEATED")
    mode = "REQUIRED" if column.mode == "required" else "NULLABLE"
    name, _, numbers = column.type.partition("(")
    if not numbers:
        return SchemaField(column.name, name, mode=mode)
    precision, scale = map(int, numbers.rstrip(")").split(","))
    return SchemaField(column.name, name, mode=mode, precision=precision, scale=scale)


def new_table(table: Table, name: str) -> bigquery.Table:
    """A table of ours: all columns of the contract, a partition a day, clustered."""
    described = bigquery.Table(name, [schema_field(column) for column in table.columns])
    _lay_out(described, table)
    return described


def new_staging_table(
    table: Table, name: str, target: bigquery.Table, columns: Sequence[Column], *, days: int
) -> bigquery.Table:
    """A table for staged rows: these columns as the target has them, laid out like it, gone after some days."""
    of_target = {field.name: field for field in target.schema}
    described = bigquery.Table(name, [of_target[column.name] for column in columns])
    _lay_out(described, table)
    if target.time_partitioning is not None and target.time_partitioning.field == table.date_column:
        described.time_partitioning = TimePartitioning(type_=target.time_partitioning.type_, field=table.date_column)
    if target.clustering_fields and set(target.clustering_fields) <= {column.name for column in columns}:
        described.clustering_fields = target.clustering_fields
    described.expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return described


def _lay_out(described: bigquery.Table, table: Table) -> None:
    if table.partitioned:
        described.time_partitioning = TimePartitioning(type_="DAY", field=table.date_column)
    if table.cluster_by:
        described.clustering_fields = list(table.cluster_by)


def decimal_types(target: bigquery.Table) -> dict[str, str]:
    """The Spark type of each NUMERIC column: the connector writes no decimal of another scale than the column's."""
    return {
        field.name: f"decimal({field.precision or 38},{(field.scale or 0) if field.precision else 9})"
        for field in target.schema
        if field.field_type == "NUMERIC"
    }


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a load job takes it: dates, times and decimals as text, nothing for NULL."""
    return {name: _as_json_value(value) for name, value in row.items() if value is not None}


def _as_json_value(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, decimal.Decimal) else value


def read_statement(name: str, table: Table, between: DateRange | None) -> str:
    """What `read` reads, as a SELECT."""
    listed = ", ".join(f"`{column}`" for column in table.column_names)
    if between is None:
        return f"SELECT {listed} FROM {name}"
    first, last = between
    date = f"`{table.date_column}`"
    return f"SELECT {listed} FROM {name} WHERE {date} IS NULL OR {date} BETWEEN DATE '{first}' AND DATE '{last}'"


def overwrite_statement(
    dialect: Dialect,
    table: Table,
    columns: Sequence[Column],
    *,
    target: str,
    staging: str,
    game_dates: Sequence[datetime.date],
) -> str:
    """The transaction that replaces some dates of the target by what is staged for them."""
    listed = ", ".join(dialect.quoted(column.name) for column in columns)
    staged = newest_staged_statement(dialect, table, columns, staging=staging, game_dates=game_dates)
    return f"""BEGIN TRANSACTION;
DELETE FROM {target} WHERE {dialect.quoted(table.date_column)} IN {dialect.dates(game_dates)};
INSERT INTO {target} ({listed})
{staged};
COMMIT TRANSACTION;"""
