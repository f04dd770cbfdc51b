"""Pre-computed rows that may have seen the games of their own day, by when they were processed.

In the field these tables are computed after the games of the day that they are keyed to; such rows have a
`processed_at` later than a day after their date. Rows that `backfill_upstream` wrote are late as well, and clean.
"""

from __future__ import annotations

import datetime

from pyspark.sql import functions as F

from jobs.ledger.history import RunHistory
from jobs.planning.plan import RequestedDates
from jobs.reports.training_set import LateRows
from jobs.schemas.tables import PHASE4_TABLES, Table
from jobs.warehouse.interface import Warehouse

_ONE_DAY = "INTERVAL 1 DAY"


def late_rows(warehouse: Warehouse, requested: RequestedDates) -> list[LateRows]:
    """How many rows of each pre-computed table are late, in the catalogue's order; a table that is absent has none."""
    ours = _times_of_our_runs(warehouse)
    return [LateRows(table.name, _count(warehouse, table, requested, ours)) for table in PHASE4_TABLES]


def _count(
    warehouse: Warehouse, table: Table, requested: RequestedDates, ours: dict[str, set[datetime.datetime]]
) -> int:
    if warehouse.actual_columns(table) is None:
        return 0
    columns = [table.column(name) for name in (table.date_column, "processed_at")]
    rows = warehouse.read(table, (requested.start, requested.end), columns)
    processed = F.col("processed_at")
    late = rows.where(F.col(table.date_column).isNotNull()).where(
        processed > F.col(table.date_column).cast("timestamp") + F.expr(_ONE_DAY)
    )
    if written := ours.get(warehouse.identity(table)):
        late = late.where(~processed.isin(*sorted(written)))
    return late.count()


def _times_of_our_runs(warehouse: Warehouse) -> dict[str, set[datetime.datetime]]:
    """When the runs of `backfill_upstream` began, by the table that they wrote: the `processed_at` of their rows."""
    found: dict[str, set[datetime.datetime]] = {}
    for run in RunHistory(warehouse).runs():
        if run.row.job == "backfill_upstream" and run.target is not None:
            found.setdefault(run.target, set()).add(run.row.started_at)
    return found
