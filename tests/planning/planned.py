"""Plans and outcomes written by hand, for the tests of what is decided on them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from jobs.planning.outcome import RunOutcome, SkippedRow, begin_outcomes
from jobs.planning.plan import Plan, PlannedDate, RequestedDates

NOVEMBER_1 = datetime.date(2021, 11, 1)
NOVEMBER_2 = datetime.date(2021, 11, 2)
NOVEMBER_3 = datetime.date(2021, 11, 3)
SEASON_START = datetime.date(2021, 10, 19)


def planned_date(game_date: datetime.date, **changed: Any) -> PlannedDate:
    """A ready date of ten context rows."""
    values = {
        "state": "ready",
        "action": "write",
        "missing_tables": (),
        "context_rows": 10,
        "unkeyed_rows": 0,
        "season_year": 2021,
        "season_start": SEASON_START,
    }
    return PlannedDate(game_date, **{**values, **changed})


def missing_date(game_date: datetime.date, action: str = "fail", **changed: Any) -> PlannedDate:
    """A date that lacks two pre-computed tables."""
    tables = ("player_daily_cache", "player_composite_factors")
    return planned_date(game_date, state="missing_upstream", action=action, missing_tables=tables, **changed)


def plan_of(dates: Sequence[PlannedDate], **changed: Any) -> Plan:
    """A plan for November 1 to 3."""
    return Plan(RequestedDates(NOVEMBER_1, NOVEMBER_3), tuple(dates), **changed)


def outcome_of(plan: Plan, **changed: Any) -> RunOutcome:
    """The outcome of a plan before anything is written."""
    return RunOutcome(
        "20211101T000000Z-abcdef",
        "backfill_features",
        "the.target",
        plan,
        begin_outcomes(plan),
        command="./spark-submit.sh local x",
        **changed,
    )


def write(
    outcome: RunOutcome, game_date: datetime.date, *, inserted: int = 0, updated: int = 0, unchanged: int = 0
) -> None:
    """Records a date as the MERGE would."""
    outcome.record_written(game_date, inserted=inserted, updated=updated, unchanged=unchanged, mean_quality=90.0)


def skip(game_date: datetime.date | None, player_lookup: str | None) -> SkippedRow:
    """A context row that is skipped."""
    return SkippedRow(game_date, player_lookup, "invalid_input", "game_id is NULL")
