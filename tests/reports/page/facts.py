"""A made-up season report, with a gap, a drift, a constant feature, and names that mean harm."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from jobs.planning.distances import Distance
from jobs.planning.plan import RequestedDates
from jobs.reports.results import Held
from jobs.reports.season import (
    CellState,
    ConstantColumn,
    CoverageCell,
    FeatureStory,
    FeatureWeek,
    LeftOut,
    RunBar,
    SeasonReport,
    ToDo,
    WrittenDate,
)
from jobs.schemas.tables import PHASE4_TABLES, SOURCES
from transforms.catalogue import FEATURES

FIRST = datetime.date(2021, 10, 19)
HOSTILE = ("<script>alert('x')</script>", "a\"b'c&d", "x" * 200, "\u202eabc", "שלום")
CONSTANT, DRIFTS = "back_to_back", "points_avg_last_5"
_EARLY, _GAP = 13, range(16, 22)


def game_dates(number: int) -> list[datetime.date]:
    """So many game dates, every ninth day without games."""
    days = (FIRST + datetime.timedelta(days=day) for day in range(number * 2))
    return [day for day in days if (day - FIRST).days % 9 != 8][:number]


def season(dates: int = 40, weeks: int = 8) -> SeasonReport:
    """The report of so many game dates and weeks."""
    days = game_dates(dates)
    late = max(0, dates - _EARLY)
    return SeasonReport(
        target="nba_predictions.ml_feature_store_v2 in /a folder/<b>",
        requested=RequestedDates(days[0], days[-1]),
        baseline=None,
        todo=[
            ToDo(
                "player_daily_cache is missing on 6 game dates", "./spark-submit.sh local backfill_upstream --x 'a b'"
            ),
            ToDo(f"look at {HOSTILE[0]}"),
        ],
        game_dates=days,
        early=days[:_EARLY],
        coverage={table.name: _cells(table.name, days) for table in SOURCES},
        written=[_written(day, early=number < _EARLY) for number, day in enumerate(days)],
        total=Held(None, 250 * dates, 400, 81.5 * late / dates, {}, {}, 0.5 * late / dates),
        constant=[ConstantColumn("upcoming_player_game_context", "back_to_back", False, 250 * dates)],
        features=[_story(feature.name, feature.meaning, weeks) for feature in FEATURES],
        runs=[
            _run(
                "20261127T015503Z-38fbf2", "backfill_features", {"plan": 1.7, "stage": 8.3, "verify": 0.9, "merge": 4.2}
            ),
            _run("20261127T025503Z-aaaaaa", "rollback", {}),
        ],
        left_out=[LeftOut("invalid_input", days[min(20, dates - 1)], 5, HOSTILE)],
        notes=["something to know"],
        output="report.html",
    )


def _cells(table: str, days: Sequence[datetime.date]) -> list[CoverageCell]:
    cells = []
    for number, day in enumerate(days):
        state: CellState = "present"
        if table in [of_phase4.name for of_phase4 in PHASE4_TABLES] and number < _EARLY:
            state = "not_needed"
        elif table == PHASE4_TABLES[0].name and number in _GAP:
            state = "missing"
        elif table == PHASE4_TABLES[1].name and number == _GAP.stop:
            state = "thin"
        shares = {"missing": 0.0, "thin": 0.1, "not_needed": None, "present": 0.95}
        cells.append(CoverageCell(day, state, shares[state]))
    return cells


def _written(day: datetime.date, *, early: bool) -> WrittenDate:
    if early:
        return WrittenDate(day, 250, 0.0, 0.0, {"critical": 250}, {"early_season": 250})
    tiers = {"poor": 30, "gold": 100, "critical": 10, "bronze": 50, "silver": 60}
    return WrittenDate(day, 250, 81.5, 0.5, tiers, {"phase3": 50, "phase4": 200})


def _story(name: str, meaning: str, weeks: int) -> FeatureStory:
    found = []
    for number in range(weeks):
        median = 18.0 if name == DRIFTS and number > weeks // 2 else 9.0 + number % 3
        ends = (median, median) if name == CONSTANT else (median - 5, median + 9)
        shares = {"phase4": 0.9, "phase3": 0.05, "calculated": 0.0, "default": 0.05}
        week = datetime.date(2021, 10, 18) + datetime.timedelta(weeks=number)
        found.append(FeatureWeek(week, 1400, ends[0], median, ends[1], shares))
    distance = Distance(name, 0.4 if name == DRIFTS else 0.05, 1400, "2021-11")
    return FeatureStory(name, meaning, found, distance, constant=name == CONSTANT, drifts=name == DRIFTS)


def _run(run_id: str, job: str, seconds: dict[str, float]) -> RunBar:
    rows: dict[str, Any] = {"inserted": 34000, "updated": 0}
    started = datetime.datetime(2026, 11, 27, 1, 55, tzinfo=datetime.timezone.utc)
    return RunBar(run_id, job, "ml_feature_store_v2", "succeeded", started, seconds, rows, 150)
