"""Rows of the pre-computed tables that `backfill_upstream` wrote: they have the time of one of its runs.

In the field others write these tables too; whose a row is, nothing else tells.
"""

from __future__ import annotations

import datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.ledger.history import RunHistory
from jobs.planning.plan import RequestedDates
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse

JOB = "backfill_upstream"
Times = dict[str, set[datetime.datetime]]


def times_of_own_runs(warehouse: Warehouse) -> Times:
    """When the runs of `backfill_upstream` began, to the second, by the table that they wrote."""
    found: Times = {}
    for run in RunHistory(warehouse).runs():
        if run.row.job == JOB and run.target is not None:
            found.setdefault(run.target, set()).add(run.row.started_at.replace(microsecond=0))
    return found


def is_own(warehouse: Warehouse, table: Table, times: Times) -> Column:
    """Whether a row of the table is one of ours; NULL where it has no `processed_at`."""
    return F.date_trunc("second", "processed_at").isin(*sorted(times.get(warehouse.identity(table), ())))


def own_dates(warehouse: Warehouse, requested: RequestedDates) -> dict[str, list[datetime.date]]:
    """The dates of each pre-computed table of which every row is ours, by the table's name; tables without are absent.

    Whoever corrects what these rows were computed from has to write them again: nobody else does.
    """
    times, found = times_of_own_runs(warehouse), {}
    for table in UPSTREAM_TARGETS:
        if warehouse.identity(table) not in times or warehouse.actual_columns(table) is None:
            continue
        columns = [table.column(name) for name in (table.date_column, "processed_at")]
        rows = warehouse.read(table, (requested.start, requested.end), columns)
        date = F.col(table.date_column)
        own = F.every(F.coalesce(is_own(warehouse, table, times), F.lit(False)))
        days = rows.where(date.isNotNull()).groupBy(date.alias("date")).agg(own.alias("own")).where("own").collect()
        if dates := sorted(day["date"] for day in days if day["date"] in requested):
            found[table.name] = dates
    return found
