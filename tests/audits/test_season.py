"""The facts of a season report, each from what was counted for another command."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from jobs.audits.season import (
    coverage_cells,
    feature_stories,
    played_without_context,
    run_warnings,
    skipped_rows,
    written_dates,
)
from jobs.ledger.history import LoggedRun
from jobs.ledger.run_row import RunRow
from jobs.planning.coverage import coverage_of
from jobs.planning.distances import LEAST_VALUES, Distance, histograms_of_rows
from jobs.planning.run_warnings import RunWarning
from jobs.planning.source_counts import SourceCounts
from jobs.reports.results import Held
from jobs.reports.season import LeftOut
from jobs.schemas.tables import SOURCES
from tests.planning.planned import NOVEMBER_1, NOVEMBER_2, NOVEMBER_3, missing_date, plan_of, planned_date
from transforms.catalogue import FEATURE_NAMES

NOON = datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.timezone.utc)
DATES = [planned_date(NOVEMBER_1, state="early_season"), planned_date(NOVEMBER_2), missing_date(NOVEMBER_3)]


def cells(table: str, rows: dict[datetime.date, int], dates: Any = tuple(DATES)) -> list[tuple[str, float | None]]:
    counts = [SourceCounts(table, day, number, number, 0) for day, number in rows.items()]
    counts += [SourceCounts("nbac_schedule", day, 2, 2, 0) for day in rows if table != "nbac_schedule"]
    plan = plan_of(dates, counts=tuple(counts), source_rows={source.name: 1 for source in SOURCES})
    return [(cell.state, cell.share) for cell in coverage_cells(coverage_of(plan))[table]]


def test_a_precomputed_table_is_measured_by_the_players_of_context() -> None:
    early = planned_date(NOVEMBER_1, state="early_season", missing_tables=("player_daily_cache",))
    dates = [early, *DATES[1:]]
    found = cells("player_daily_cache", {NOVEMBER_2: 8, NOVEMBER_3: 1}, dates)
    assert found == [("not_needed", 0.0), ("present", 0.8), ("thin", 0.1)]
    assert cells("player_daily_cache", {NOVEMBER_2: 80})[1:] == [("present", 1.0), ("missing", 0.0)]


def test_a_team_table_is_measured_by_the_games_of_the_schedule() -> None:
    found = cells("team_offense_game_summary", {NOVEMBER_1: 4, NOVEMBER_2: 3, NOVEMBER_3: 1})
    assert found == [("present", 1.0), ("present", 0.75), ("thin", 0.25)]


def test_of_context_and_schedule_nobody_knows_how_much_there_should_be() -> None:
    assert cells("nbac_schedule", {NOVEMBER_1: 1, NOVEMBER_2: 9}) == [
        ("present", None),
        ("present", None),
        ("missing", None),
    ]


def test_rows_by_tier_are_those_behind_the_shares() -> None:
    held = Held(NOVEMBER_1, 3, 3, 50.0, {"phase4": 1 / 3, "other": 2 / 3}, {"gold": 1.0}, 1 / 3)
    total = Held(None, 3, 3, 50.0, {}, {})
    (date,) = written_dates([held, total])
    assert (date.sources, date.tiers, date.training_ready) == ({"phase4": 1, "other": 2}, {"gold": 3}, 1 / 3)


def week(feature: str, **changed: Any) -> dict[str, Any]:
    rows = {"rows_phase4": 3, "rows_phase3": 1, "rows_calculated": 0, "rows_default": 0}
    ends = {"number": 4, "low": 1.0, "median": 2.0, "high": 3.0}
    return {"week": NOVEMBER_1, "feature": feature, **ends, **rows, **changed}


def constant_rows(feature: str, months: int = 1) -> list[dict[str, Any]]:
    row = {"feature": feature, "is_playoff": False, "bin": 0, "number": LEAST_VALUES, "lowest": 0.0, "highest": 0.0}
    return [{**row, "month": f"2021-{11 + number}"} for number in range(months)]


def test_features_are_in_the_order_of_the_catalogue_with_their_weeks_in_order() -> None:
    later = week("home_away", week=NOVEMBER_1 + datetime.timedelta(weeks=1), rows_phase4=0, rows_phase3=0)
    empty = week("pace_score", number=0, low=None, median=None, high=None)
    stories = feature_stories([later, week("home_away"), empty], histograms_of_rows([]), {})
    assert [story.name for story in stories] == list(FEATURE_NAMES)
    by_name = {story.name: story for story in stories}
    assert [each.shares.get("phase4") for each in by_name["home_away"].weeks] == [0.75, None]
    assert by_name["pace_score"].weeks == []


@pytest.mark.parametrize(("feature", "marked"), [("home_away", True), ("playoff_game", False)])
def test_what_the_calendar_makes_constant_or_another_in_a_month_is_not_marked(feature: str, marked: bool) -> None:
    distance = Distance(feature, 3.0, LEAST_VALUES, "2021-11")
    stories = feature_stories([], histograms_of_rows(constant_rows(feature)), {feature: distance})
    (story,) = [story for story in stories if story.name == feature]
    assert (story.constant, story.drifts, story.stands_out) == (marked, marked, marked)


def test_a_baseline_is_always_answered() -> None:
    stories = feature_stories([], histograms_of_rows([]), {"playoff_game": Distance("playoff_game", 3.0, 9)})
    assert [story.name for story in stories if story.drifts] == ["playoff_game"]


def test_skipped_rows_are_those_of_the_last_run_of_a_date() -> None:
    row = {"game_date": NOVEMBER_1, "reason": "invalid_input", "skipped": 2, "first_player": "anna"}
    rows = [
        {**row, "run_id": "a", "last_player": "bert"},
        {**row, "run_id": "b", "last_player": "anna"},
    ]
    assert skipped_rows(rows, {NOVEMBER_1: "a"}) == [LeftOut("invalid_input", NOVEMBER_1, 2, ["anna", "bert"])]
    assert skipped_rows(rows, {NOVEMBER_1: "b"}) == [LeftOut("invalid_input", NOVEMBER_1, 2, ["anna"])]
    assert skipped_rows(rows, {}) == []


def test_a_share_that_was_counted_by_player_is_taken() -> None:
    counts = (SourceCounts("player_daily_cache", NOVEMBER_2, 80, 80, 0, asked=10, answered=4),)
    plan = plan_of(DATES[1:2], counts=counts, source_rows={source.name: 1 for source in SOURCES})
    (cell,) = coverage_cells(coverage_of(plan))["player_daily_cache"]
    assert (cell.state, cell.share) == ("present", 0.4)


def test_players_without_a_context_row_are_left_out_by_date() -> None:
    plan = plan_of(
        [planned_date(NOVEMBER_2, played_without_context=3)],
        played_on_no_game_date={NOVEMBER_1: 2},
        played_examples={NOVEMBER_2: ("anna", "bert")},
    )
    assert played_without_context(plan) == [
        LeftOut("played_without_context", NOVEMBER_1, 2, ()),
        LeftOut("played_without_context", NOVEMBER_2, 3, ("anna", "bert")),
    ]


def test_what_runs_have_warned_of_is_told_once() -> None:
    warning = RunWarning("out_of_range", "a_table.a_column", "too large", {"rows": 2})
    rows: list[Any] = [{"run_id": name, "warnings": json.dumps([warning.as_json()])} for name in "ab"]
    rows += [{"run_id": "earlier version"}, {"run_id": "c", "warnings": None}]
    runs = [LoggedRun(RunRow.of_row(row), NOON) for row in rows]
    assert run_warnings(runs) == [warning]
