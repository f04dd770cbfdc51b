"""The statements that only BigQuery is sent: the estimate of a read, and an overwrite as one transaction.

Text in, text out.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from jobs.warehouse.dialect import Dialect
from jobs.warehouse.interface import DateRange
from jobs.warehouse.schemas import Column, Table
from jobs.warehouse.statements import newest_staged_statement


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
