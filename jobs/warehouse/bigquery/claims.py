"""The ledger on BigQuery: its rows by a query, and the one step that reads and appends with nobody in between.

BigQuery knows no lock, but a job id is used once: whoever takes the next number of a table is the next to append.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from google.cloud import bigquery

from jobs.errors import ContractError, JobError
from jobs.schemas.tables import CLAIM, Table
from jobs.warehouse.bigquery.query_jobs import Jobs

_MOST_TRIES = 100

Row = Mapping[str, Any]


def append_exclusively(
    jobs: Jobs, table: bigquery.Table, rows: Callable[[], list[dict[str, Any]]], decide: Callable[[list[Any]], Row]
) -> None:
    """Appends the row that `decide` makes of `rows()`, by a job with the next number.

    The number is how many rows were appended so, those of the phase `CLAIM`: every appender who has seen the same
    rows asks for the same number, one gets the job, and the others read again. A number whose job has left no row,
    since somebody removed it, is passed over by all. JobError when a hundred others came first.
    """
    name = f"{table.project}.{table.dataset_id}.{table.table_id}"
    created = table.created or datetime.datetime.min
    digest = hashlib.sha256(f"{name} {created.isoformat()}".encode()).hexdigest()[:12]
    passed_over = 0
    for _ in range(_MOST_TRIES):
        found = rows()
        row = decide(found)
        number = _claims(found) + passed_over
        labels = {"claimed_by": f"{row['run_id']}-{row['pid']}".lower()}
        job = jobs.change(insert_statement(name, row), f"feature_store-claim-{digest}-{number}", labels)
        if job.labels.get("claimed_by") == labels["claimed_by"]:
            return
        passed_over = 0 if _claims(rows()) > _claims(found) else passed_over + 1
    raise JobError(f"{_MOST_TRIES} other runs were entered into {name} first; run again")


def check_columns(table: Table, found: bigquery.Table) -> None:
    """ContractError, with the statement that mends it, for a ledger table of an earlier version."""
    there = {field.name for field in found.schema}
    if missing := [column for column in table.columns if column.name not in there]:
        name = f"{found.project}.{found.dataset_id}.{found.table_id}"
        added = ", ".join(f"ADD COLUMN {column.name} {column.type}" for column in missing)
        raise ContractError(
            f"table {name} is of an earlier version of the ledger and lacks columns; add them: "
            f"ALTER TABLE `{name}` {added}"
        )


def _claims(rows: list[dict[str, Any]]) -> int:
    return sum(row["phase"] == CLAIM for row in rows)


def insert_statement(name: str, row: Row) -> str:
    """An INSERT of one row, by literals."""
    given = {column: value for column, value in row.items() if value is not None}
    columns = ", ".join(f"`{column}`" for column in given)
    return f"INSERT INTO `{name}` ({columns}) VALUES ({', '.join(map(_literal, given.values()))})"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        return f"TIMESTAMP '{value.astimezone(datetime.timezone.utc):%Y-%m-%d %H:%M:%S.%f}+00'"
    if isinstance(value, datetime.date):
        return f"DATE '{value}'"
    # The escapes of a JSON string are a part of those of GoogleSQL.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
