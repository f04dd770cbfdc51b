"""Choosing the dates of a run: given ones, those that the target lacks, those that failed in an earlier run.

Reads keys and the ledger; what becomes of a date is decided in `planning`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import click

from jobs import sources
from jobs.runtime.errors import ConfigurationError
from jobs.runtime.planning import RequestedDates, requested_dates
from jobs.runtime.progress import Progress
from jobs.runtime.run_history import RunHistory
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.schemas import ML_FEATURE_STORE


def selection_options(job: Callable[..., Any]) -> Callable[..., Any]:
    """The options that select dates by what is there already."""
    failed = click.option("--only-failed", metavar="RUN_ID", help="The dates that failed in a run.")
    missing = click.option("--only-missing", is_flag=True, help="Of the dates, those that the feature store lacks.")
    return failed(missing(job))


def chosen_dates(
    warehouse: Warehouse,
    progress: Progress,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    *,
    only_failed: str | None = None,
    only_missing: bool = False,
) -> RequestedDates | None:
    """The dates of a run; None when the selection leaves none. ConfigurationError when it makes no sense."""
    if only_failed:
        if start or end or dates or only_missing:
            raise ConfigurationError("--only-failed takes the dates of its run; leave out other dates and selections")
        return _failed_dates(warehouse, only_failed)
    requested = requested_dates(start, end, dates)
    if not only_missing:
        return requested
    missing = sorted(_context_dates(warehouse, requested) - _target_dates(warehouse, requested))
    progress.say(f"missing  {len(missing)} game dates of {requested} have no row in the feature store")
    return requested_dates(None, None, missing) if missing else None


def _failed_dates(warehouse: Warehouse, run_id: str) -> RequestedDates | None:
    history = RunHistory(warehouse)
    history.run(run_id)
    failed = [row["game_date"] for row in history.dates(run_id) if row["status"] == "failed"]
    return requested_dates(None, None, failed) if failed else None


def _context_dates(warehouse: Warehouse, requested: RequestedDates) -> set[datetime.date]:
    warehouse.checked_columns(sources.CONTEXT)
    return _dates(warehouse, warehouse.sql_name(sources.CONTEXT), requested)


def _target_dates(warehouse: Warehouse, requested: RequestedDates) -> set[datetime.date]:
    if warehouse.checked_target(ML_FEATURE_STORE) is None:
        return set()
    return _dates(warehouse, warehouse.sql_name(ML_FEATURE_STORE), requested)


def _dates(warehouse: Warehouse, name: str, requested: RequestedDates) -> set[datetime.date]:
    rows = warehouse.query(
        f"SELECT DISTINCT game_date FROM {name} "
        f"WHERE game_date BETWEEN DATE '{requested.start}' AND DATE '{requested.end}'"
    )
    return {row["game_date"] for row in rows if row["game_date"] in requested}
