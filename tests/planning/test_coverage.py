"""Coverage by hand-written counts: which tables are missing where it matters, and what is said of their rows."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from rich.console import Console

from jobs.planning.coverage import Coverage, TableCoverage, coverage_of, game_day_ranges
from jobs.planning.plan import PlannedDate
from jobs.planning.source_counts import SourceCounts
from jobs.reports.coverage import CoverageReport, coverage_as_json
from jobs.schemas.tables import PHASE4_TABLES, SOURCES
from tests.planning.planned import NOVEMBER_1, NOVEMBER_2, NOVEMBER_3, plan_of, planned_date

CACHE, COMPOSITE, ZONES, DEFENSE = (table.name for table in PHASE4_TABLES)
GAMES, SCHEDULE = "player_game_summary", "nbac_schedule"


def early(game_date: datetime.date, *missing: str) -> PlannedDate:
    return planned_date(game_date, state="early_season", missing_tables=missing)


def lacking(game_date: datetime.date, *missing: str, action: str = "fail") -> PlannedDate:
    return planned_date(game_date, state="missing_upstream", action=action, missing_tables=missing)


def count(source: str, game_date: datetime.date | None, rows: int, keyed: int = 0, unkeyed: int = 0) -> SourceCounts:
    return SourceCounts(source, game_date, rows, keyed or rows - unkeyed, unkeyed)


def covered(*dates: PlannedDate, **plan: Any) -> tuple[Coverage, dict[str, TableCoverage]]:
    coverage = coverage_of(plan_of(dates, **plan))
    return coverage, {table.name: table for table in coverage.tables}


def printed(coverage: Coverage) -> str:
    text = io.StringIO()
    CoverageReport(coverage, "fail", {}).render(Console(file=text, width=160, highlight=False, soft_wrap=True))
    return text.getvalue()


def of_table(coverage: Coverage, name: str) -> dict[str, Any]:
    tables: list[dict[str, Any]] = coverage_as_json(coverage)["tables"]
    return next(table for table in tables if table["table"] == name)


def test_every_upstream_table_is_covered_in_order() -> None:
    coverage, _ = covered(planned_date(NOVEMBER_1))
    assert [table.name for table in coverage.tables] == [table.name for table in SOURCES]


def test_a_table_is_missing_where_the_plan_says_so_whatever_rows_it_has() -> None:
    counts = (count(CACHE, NOVEMBER_1, 3), count(CACHE, NOVEMBER_2, 9))
    _, tables = covered(lacking(NOVEMBER_1, CACHE), planned_date(NOVEMBER_2), counts=counts)
    cache = tables[CACHE]
    assert (cache.missing, cache.missing_early, cache.present, cache.rows) == ((NOVEMBER_1,), (), 1, 12)


def test_the_early_season_needs_no_table() -> None:
    coverage, tables = covered(early(NOVEMBER_1, CACHE, COMPOSITE), lacking(NOVEMBER_2, COMPOSITE))
    assert (tables[CACHE].missing, tables[CACHE].missing_early) == ((), (NOVEMBER_1,))
    assert (tables[COMPOSITE].missing, tables[COMPOSITE].missing_early) == ((NOVEMBER_2,), (NOVEMBER_1,))
    assert [date["missing_tables"] for date in coverage_as_json(coverage)["dates"]] == [[], [COMPOSITE]]
    text = printed(coverage)
    assert f"early    {CACHE} on 1 game day of the early season, not needed: 2021-11-01" in text
    assert f"missing  {COMPOSITE} on 1 game day: 2021-11-02" in text


def test_the_other_tables_are_missing_where_they_have_no_row_with_a_key() -> None:
    counts = (count(GAMES, NOVEMBER_1, 5), count(GAMES, NOVEMBER_2, 2, unkeyed=2))
    _, tables = covered(early(NOVEMBER_1), planned_date(NOVEMBER_2), early(NOVEMBER_3), counts=counts)
    assert (tables[GAMES].missing, tables[GAMES].missing_early) == ((NOVEMBER_2, NOVEMBER_3), ())
    assert (tables[GAMES].first, tables[GAMES].last) == (NOVEMBER_1, NOVEMBER_1)


def test_the_bottleneck_is_missing_on_most_game_days_outside_the_early_season() -> None:
    coverage, _ = covered(
        early(NOVEMBER_1, ZONES, CACHE), lacking(NOVEMBER_2, COMPOSITE, ZONES), lacking(NOVEMBER_3, COMPOSITE)
    )
    assert (coverage.bottleneck, coverage.most_missing) == ([COMPOSITE], 2)
    assert f"bottleneck: {COMPOSITE}, missing on 2 of 2 game days outside the early season" in printed(coverage)


def test_bottlenecks_that_tie_are_all_named() -> None:
    coverage, _ = covered(lacking(NOVEMBER_1, DEFENSE, CACHE), planned_date(NOVEMBER_2))
    assert coverage.bottleneck == [CACHE, DEFENSE]
    assert f"bottleneck: {CACHE}, {DEFENSE}, each missing on 1 of 2 game days" in printed(coverage)


def test_no_bottleneck_where_nothing_that_is_needed_is_missing() -> None:
    # Game logs are missing on every date; they are no pre-computed table.
    coverage, _ = covered(early(NOVEMBER_1, CACHE), planned_date(NOVEMBER_2))
    assert coverage_as_json(coverage)["bottleneck"] == {"tables": [], "missing_dates": 0, "game_dates_that_need_it": 1}
    assert "bottleneck: none" in printed(coverage)


def test_where_no_pre_computed_table_is_counted_none_is_missing() -> None:
    coverage, tables = covered(lacking(NOVEMBER_1, CACHE), source_rows={GAMES: 5})
    assert (list(tables), coverage.bottleneck, coverage.most_missing) == ([GAMES], [], 0)


def test_a_table_that_lacks_one_of_three_dates_is_present_on_two() -> None:
    _, tables = covered(lacking(NOVEMBER_1, CACHE), planned_date(NOVEMBER_2), planned_date(NOVEMBER_3))
    assert tables[CACHE].present == 2


def test_rows_are_those_of_the_requested_dates_with_or_without_a_game() -> None:
    counts = (
        count(GAMES, NOVEMBER_1, 10, keyed=7),
        count(GAMES, NOVEMBER_2, 4),
        count(GAMES, NOVEMBER_3, 5, unkeyed=1),
        count(GAMES, None, 2, unkeyed=2),
    )
    coverage, tables = covered(planned_date(NOVEMBER_1), counts=counts)
    games = tables[GAMES]
    assert (games.present, games.missing, games.first, games.last) == (1, (), NOVEMBER_1, NOVEMBER_3)
    assert (games.rows, games.dates, games.least_rows) == (19, 3, 4)
    assert of_table(coverage, GAMES)["rows_a_date"] == {"mean": 6.33, "least": 4}
    assert (games.duplicated_rows, games.unkeyed_rows) == (3, 3)


def test_a_date_of_two_seasons_is_one_date() -> None:
    _, tables = covered(counts=(count(SCHEDULE, NOVEMBER_1, 3), count(SCHEDULE, NOVEMBER_1, 4)))
    assert (tables[SCHEDULE].rows, tables[SCHEDULE].dates, tables[SCHEDULE].least_rows) == (7, 1, 7)


def test_totals_and_what_each_date_would_become() -> None:
    dates = (
        planned_date(NOVEMBER_1, unkeyed_rows=1),
        lacking(NOVEMBER_2, CACHE),
        lacking(NOVEMBER_3, CACHE, action="write"),
    )
    coverage, _ = covered(*dates, players=15)
    content = coverage_as_json(coverage)
    assert (content["game_dates"], content["players"], content["rows_expected"]) == (3, 15, 19)
    assert content["dates_by_action"] == {"write": 2, "fail": 1, "skip": 0}
    assert content["dates_by_state"] == {"no_games": 0, "early_season": 0, "ready": 1, "missing_upstream": 2}
    assert [(date["action"], date["players"], date["rows_expected"]) for date in content["dates"]] == [
        ("write", 9, 9),
        ("fail", 10, 0),
        ("write", 10, 10),
    ]
    text = printed(coverage)
    assert "3 game dates (1 ready, 2 missing upstream), 19 rows expected, 15 players" in text
    assert "2 dates would be written, 1 would fail, 0 would be skipped" in text


def test_dates_without_a_game_are_counted_not_listed() -> None:
    coverage, tables = covered()
    content = coverage_as_json(coverage)
    assert (content["dates_by_state"]["no_games"], content["dates"]) == (3, [])
    assert (tables[CACHE].first, tables[CACHE].mean_rows, of_table(coverage, CACHE)["rows_a_date"]["least"]) == (
        None,
        None,
        None,
    )
    assert "0 game dates (3 no games)" in printed(coverage)


GAME_DAYS = [datetime.date(2021, 11, day) for day in (7, 8, 9, 11, 12, 16)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((), ""),
        ((8,), "2021-11-08"),
        ((7, 8), "2021-11-07 to 2021-11-08"),
        ((7, 8, 9, 12), "2021-11-07 to 2021-11-09, 2021-11-12"),
        ((7, 9, 11), "2021-11-07, 2021-11-09 to 2021-11-11"),
        ((9, 11, 16), "2021-11-09 to 2021-11-11, 2021-11-16"),
        ((7, 8, 9, 11, 12, 16), "2021-11-07 to 2021-11-16"),
    ],
    ids=["none", "one", "two", "a_gap_of_one_game_day", "a_range_after_a_gap", "a_day_without_a_game_is_no_gap", "all"],
)
def test_game_days_that_follow_each_other_are_one_range(days: tuple[int, ...], expected: str) -> None:
    assert game_day_ranges({datetime.date(2021, 11, day) for day in days}, GAME_DAYS) == expected
