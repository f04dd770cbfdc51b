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

from jobs.errors import ContractError
from jobs.schemas.tables import OF_OTHERS, Column, Table
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.dialect import DateRange, Dialect
from jobs.warehouse.statements import constant_values, newest_staged_statement

ALL_DATES = (datetime.date(1900, 1, 1), datetime.date(2999, 12, 31))
"""The range by which all of a table is read that asks for a filter."""
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
    """A table of ours: all columns of the contract, one partition per day, clustered."""
    described = bigquery.Table(name, [schema_field(column) for column in table.columns])
    _lay_out(described, table)
    return described


def new_staging_table(
    table: Table, name: str, target: bigquery.Table, columns: Sequence[Column], *, days: int
) -> bigquery.Table:
    """A table for staged rows: these columns as the target has them, laid out like it, gone after some days."""
    of_target = {field.name: field for field in target.schema}
    described = bigquery.Table(name, [of_target.get(column.name, schema_field(column)) for column in columns])
    _lay_out(described, table)
    if target.time_partitioning is not None and target.time_partitioning.field == table.date_column:
        described.time_partitioning = TimePartitioning(type_=target.time_partitioning.type_, field=table.date_column)
    staged = {column.name for column in columns}
    clustering = target.clustering_fields or described.clustering_fields or []
    described.clustering_fields = [field for field in clustering if field in staged] or None
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


def read_statement(name: str, table: Table, between: DateRange | None, *, plain_filter: bool = False) -> str:
    """What `read` reads, as a SELECT; with a `plain_filter` on the date, and without the rows that have none."""
    listed = ", ".join(f"`{column}`" for column in table.column_names)
    if plain_filter:
        between = between or ALL_DATES
    if between is None:
        return f"SELECT {listed} FROM {name}"
    first, last = between
    date = f"`{table.date_column}`"
    or_none = "" if plain_filter else f"{date} IS NULL OR "
    return f"SELECT {listed} FROM {name} WHERE {or_none}{date} BETWEEN DATE '{first}' AND DATE '{last}'"


def materialisation(name: str, statement: str, expires: datetime.datetime) -> str:
    """The statement that keeps the rows of a SELECT in a table that goes by itself."""
    until = f"TIMESTAMP '{expires.astimezone(datetime.timezone.utc):%Y-%m-%d %H:%M:%S}+00'"
    return f"CREATE TABLE `{name}` OPTIONS (expiration_timestamp = {until}) AS {statement}"


def check_expiration(described: bigquery.Table, date_column: str, dates: Sequence[datetime.date]) -> None:
    """ContractError when a table would drop rows of one of the dates as soon as they are written."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days, dropped = expired_dates(described, date_column, dates, today)
    if dropped:
        name = f"{described.project}.{described.dataset_id}.{described.table_id}"
        more = f" and {len(dropped) - 1:,} more dates" if len(dropped) > 1 else ""
        raise ContractError(
            f"table {name} drops a partition {days} days after its date (partition_expiration_days = {days}): rows "
            f"of {dropped[0]}{more} would be dropped at once; keep them longer: ALTER TABLE `{name}` SET OPTIONS "
            "(partition_expiration_days = NULL), or ask for later dates"
        )


def expired_dates(
    described: bigquery.Table, date_column: str, dates: Sequence[datetime.date], today: datetime.date
) -> tuple[int, list[datetime.date]]:
    """After how many days a table drops a partition, and those of the dates that it would drop at once."""
    partitions = described.time_partitioning
    if partitions is None or not partitions.expiration_ms or partitions.field != date_column:
        return 0, []
    # A partition goes so long after the end of its day.
    kept = datetime.timedelta(milliseconds=int(partitions.expiration_ms))
    return kept.days, [date for date in sorted(dates) if date + datetime.timedelta(days=1) + kept <= today]


def overwrite_statement(
    dialect: Dialect,
    table: Table,
    columns: Sequence[Column],
    *,
    target: str,
    staging: str,
    game_dates: Sequence[datetime.date],
    others: Sequence[str],
) -> str:
    """One MERGE that replaces some dates of the target by what is staged for them, each row deleted or inserted.

    `others` are columns of the target that are not ours. They and the circuit breaker's keep what the target holds of
    the same key, of a key that it holds twice what the newest row has.
    """
    names = [column.name for column in columns]
    kept = [name for name in names if name in OF_OTHERS]
    listed = ", ".join(map(dialect.quoted, [*names, *others]))
    source = newest_staged_statement(
        dialect,
        table,
        names,
        staging=staging,
        game_dates=game_dates,
        constants=constant_values(dialect, columns),
    )
    if kept or others:
        # The newest row is chosen by the last two.
        of_held = [*table.key, *kept, *others, "created_at", "data_hash"]
        held = newest_staged_statement(dialect, table, of_held, staging=target, game_dates=game_dates)
        is_new = f"held.{dialect.quoted(table.key[0])} IS NULL"
        values = [
            f"CASE WHEN {is_new} THEN staged.{quoted} ELSE held.{quoted} END AS {quoted}"
            if name in kept
            else f"staged.{quoted}"
            for name, quoted in ((name, dialect.quoted(name)) for name in names)
        ]
        values += [f"held.{dialect.quoted(name)}" for name in others]
        same = " AND ".join(f"staged.{key} = held.{key}" for key in map(dialect.quoted, table.key))
        source = f"""  SELECT {", ".join(values)}
  FROM (
{source}
  ) AS staged
  LEFT JOIN (
{held}
  ) AS held
  ON {same}"""
    dates = f"target.{dialect.quoted(table.date_column)} IN {dialect.dates(game_dates)}"
    return f"""MERGE INTO {target} AS target
USING (
{source}
) AS staged
ON FALSE
WHEN NOT MATCHED THEN INSERT ({listed})
VALUES ({", ".join(f"staged.{dialect.quoted(name)}" for name in [*names, *others])})
WHEN NOT MATCHED BY SOURCE AND {dates} THEN DELETE"""
