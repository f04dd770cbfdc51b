"""Choosing the dates of a run: given ones, those that the target lacks, that failed, or that changed since.

Reads keys and the ledger; what becomes of a date is decided in `planning`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from jobs.backfill import sources
from jobs.backfill.progress import Progress
from jobs.config.settings import Settings
from jobs.errors import ConfigurationError
from jobs.ledger.history import RunHistory
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.interface import Warehouse


def chosen_dates(
    warehouse: Warehouse,
    settings: Settings,
    progress: Progress,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    *,
    only_failed: str | None = None,
    only_missing: bool = False,
    changed: bool = False,
) -> RequestedDates | None:
    """The dates of a run; None when the selection leaves none. ConfigurationError when it makes no sense."""
    if only_failed:
        if start or end or dates or only_missing or changed:
            raise ConfigurationError("--only-failed takes the dates of its run; leave out other dates and selections")
        return _failed_dates(warehouse, only_failed)
    requested = requested_dates(start, end, dates)
    if only_missing and changed:
        raise ConfigurationError("--only-missing and --changed select other dates; give one of them, then the other")
    if only_missing:
        selected = sorted(_context_dates(warehouse, requested) - _target_dates(warehouse, requested))
        progress.say(f"missing  {len(selected)} game dates of {requested} have no row in the feature store")
    elif changed:
        selected, never = _changed_dates(warehouse, settings, requested)
        progress.say(f"changed  {len(selected)} game dates of {requested} read a row processed since they were written")
        if never:
            progress.say(
                f"changed  {never} others were never written by a run in the ledger: --only-missing finds those"
            )
    else:
        return requested
    return requested_dates(None, None, selected) if selected else None


def _changed_dates(
    warehouse: Warehouse, settings: Settings, requested: RequestedDates
) -> tuple[list[datetime.date], int]:
    """The dates with an input processed after the start of the last run that wrote them; how many no run wrote."""
    opened = sources.open_sources(warehouse, requested)
    plan = sources.plan_run(warehouse, opened, settings, requested)
    if not plan.dates:
        return [], 0
    writers = RunHistory(warehouse).writers(warehouse.identity(ML_FEATURE_STORE))
    started = {game_date: wrote[-1][1].row.started_at for game_date, wrote in writers.items()}
    read: sources.Sources = opened
    if settings.add_played:
        read = sources.with_added_players(opened, requested)
    processed = sources.newest_processed(read, plan.dates)
    known = [planned.game_date for planned in plan.dates if planned.game_date in started]
    changed = [day for day in known if day in processed and processed[day] > started[day]]
    return changed, len(plan.dates) - len(known)


def _failed_dates(warehouse: Warehouse, run_id: str) -> RequestedDates | None:
    history = RunHistory(warehouse)
    history.run(run_id)
    failed = [date.game_date for date in history.dates(run_id) if date.status == "failed"]
    return requested_dates(None, None, failed) if failed else None


def _context_dates(warehouse: Warehouse, requested: RequestedDates) -> set[datetime.date]:
    warehouse.checked_columns(sources.CONTEXT)
    return _dates(warehouse, warehouse.sql_name(sources.CONTEXT), requested)


def _target_dates(warehouse: Warehouse, requested: RequestedDates) -> set[datetime.date]:
    if warehouse.checked_target(ML_FEATURE_STORE) is None:
        return set()
    return _dates(warehouse, warehouse.sql_name(ML_FEATURE_STORE), requested)


def _dates(warehouse: Warehouse, name: str, requested: RequestedDates) -> set[datetime.date]:
    rows = warehouse.ask(
        lambda _: (
            f"SELECT DISTINCT game_date FROM {name} "
            f"WHERE game_date BETWEEN DATE '{requested.start}' AND DATE '{requested.end}'"
        )
    )
    return {row["game_date"] for row in rows if row["game_date"] in requested}
