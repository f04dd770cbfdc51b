"""The state of a date and what becomes of it; which dates were asked for; which dates go into one MERGE."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jobs.config.settings import OnMissing
from jobs.errors import ConfigurationError
from jobs.planning.plan import (
    ACTIONS,
    Plan,
    PlannedDate,
    Played,
    RequestedDates,
    baseline_dates,
    merge_slices,
    plan_dates,
    requested_dates,
)
from jobs.planning.source_counts import SourceCounts
from tests.planning.planned import (
    NOVEMBER_1,
    NOVEMBER_2,
    NOVEMBER_3,
    SEASON_START,
    missing_date,
    plan_of,
    planned_date,
)
from transforms.season_calendar import SeasonCalendar, is_bootstrap

UPSTREAM = ("player_daily_cache", "team_defense_zone_analysis")
RANGE = RequestedDates(NOVEMBER_1, NOVEMBER_3)


def context(game_date: datetime.date | None, keyed: int = 10, unkeyed: int = 0) -> SourceCounts:
    return SourceCounts("upcoming_player_game_context", game_date, keyed + unkeyed, keyed, unkeyed)


def planned(
    rows_of_context: list[SourceCounts],
    present: dict[tuple[str, datetime.date], int],
    requested: RequestedDates = RANGE,
    on_missing: OnMissing = "fail",
    minimum_rows: dict[str, int] | None = None,
    season_start: dict[int, datetime.date] | None = None,
    answers: dict[tuple[str, datetime.date], tuple[int, int]] | None = None,
    **more: Any,
) -> tuple[list[PlannedDate], int]:
    counts = {
        key: SourceCounts(*key, rows, rows, 0, *(answers or {}).get(key, (10, 10))) for key, rows in present.items()
    }
    return plan_dates(
        rows_of_context,
        counts,
        requested,
        SeasonCalendar([], season_start if season_start is not None else {2021: datetime.date(2021, 10, 1)}),
        on_missing=on_missing,
        upstream=UPSTREAM,
        minimum_rows=minimum_rows or {},
        is_bootstrap=is_bootstrap,
        **more,
    )


def all_present(*game_dates: datetime.date) -> dict[tuple[str, datetime.date], int]:
    return {(table, game_date): 5 for table in UPSTREAM for game_date in game_dates}


def test_a_date_with_all_tables_is_ready() -> None:
    ((date,), undated) = planned([context(NOVEMBER_1)], all_present(NOVEMBER_1))
    assert (date.state, date.action, date.reason, date.context_rows, undated) == ("ready", "write", None, 10, 0)


@pytest.mark.parametrize(("on_missing", "action"), [("fail", "fail"), ("skip", "skip"), ("fallback", "write")])
def test_a_date_that_lacks_a_table(on_missing: OnMissing, action: str) -> None:
    present = {("player_daily_cache", NOVEMBER_1): 5}
    ((date,), _) = planned([context(NOVEMBER_1)], present, on_missing=on_missing)
    assert (date.state, date.action) == ("missing_upstream", action)
    assert date.reason == "missing team_defense_zone_analysis"


def test_a_table_is_present_from_its_minimum_rows_on() -> None:
    rows = all_present(NOVEMBER_1)
    ((enough,), _) = planned([context(NOVEMBER_1)], rows, minimum_rows={"player_daily_cache": 5})
    ((few,), _) = planned([context(NOVEMBER_1)], rows, minimum_rows={"player_daily_cache": 6})
    assert (enough.state, few.state, few.missing_tables) == ("ready", "missing_upstream", ("player_daily_cache",))


def test_a_table_is_present_from_one_row_on_where_nothing_is_said() -> None:
    ((date,), _) = planned([context(NOVEMBER_1)], {(UPSTREAM[0], NOVEMBER_1): 1, (UPSTREAM[1], NOVEMBER_1): 0})
    assert date.missing_tables == UPSTREAM[1:]


def test_a_table_with_rows_of_too_few_players_or_teams_is_missing_and_both_numbers_are_told() -> None:
    answers = {("player_daily_cache", NOVEMBER_1): (150, 1), ("team_defense_zone_analysis", NOVEMBER_1): (20, 3)}
    ((thin,), _) = planned([context(NOVEMBER_1)], all_present(NOVEMBER_1), answers=answers)
    assert (thin.state, thin.action, thin.missing_tables) == ("missing_upstream", "fail", UPSTREAM)
    assert thin.reason == "missing player_daily_cache (1 of 150 players), team_defense_zone_analysis (3 of 20 teams)"


@pytest.mark.parametrize(
    ("share", "answered", "state"), [(0.2, 7, "ready"), (0.2, 6, "missing_upstream"), (0, 0, "ready")]
)
def test_a_table_is_present_from_its_minimum_share_on(share: float, answered: int, state: str) -> None:
    answers = {("player_daily_cache", NOVEMBER_1): (35, answered)}
    ((date,), _) = planned(
        [context(NOVEMBER_1)],
        all_present(NOVEMBER_1),
        answers=answers,
        minimum_share={"player_daily_cache": share},
    )
    assert date.state == state


def test_players_who_played_without_context_are_counted_with_their_date() -> None:
    rows = [context(NOVEMBER_1), context(NOVEMBER_2)]
    (dates, _) = planned(rows, {}, played_without_context={NOVEMBER_2: 4, NOVEMBER_3: 30})
    plan = plan_of([*dates, planned_date(NOVEMBER_3)], played_on_no_game_date={NOVEMBER_3: 30})
    assert plan.played_without_context == {NOVEMBER_2: 4}
    assert plan.notes() == ["30 players played on 2021-11-03, of which context has no row at all"]


@pytest.mark.parametrize(("more", "expected"), [({}, [12, 10]), ({"add_played": True}, [17, 10])], ids=["", "added"])
def test_players_without_context_are_context_rows_where_they_are_added(
    more: dict[str, Any], expected: list[int]
) -> None:
    rows = [context(NOVEMBER_1, keyed=9, unkeyed=3), context(NOVEMBER_2)]
    (dates, _) = planned(rows, {}, played_without_context={NOVEMBER_1: 5}, **more)
    assert [date.context_rows for date in dates] == expected


@pytest.mark.parametrize("on_missing", ["fail", "skip", "fallback"])
def test_the_early_season_is_written_whatever_is_missing(on_missing: OnMissing) -> None:
    ((early, first_after), _) = planned(
        [context(NOVEMBER_1), context(NOVEMBER_2)], {}, on_missing=on_missing, season_start={2021: SEASON_START}
    )
    assert (early.state, early.action, early.missing_tables) == ("early_season", "write", UPSTREAM)
    assert first_after.state == "missing_upstream"


def test_rows_without_a_key_count_with_their_date_or_apart() -> None:
    rows = [context(NOVEMBER_1, keyed=8, unkeyed=2), context(None, keyed=0, unkeyed=3)]
    ((date,), undated) = planned(rows, all_present(NOVEMBER_1))
    assert (date.context_rows, date.unkeyed_rows, undated) == (10, 2, 3)
    plan = plan_of([date], undated_rows=undated)
    assert (plan.context_rows, plan.unkeyed_rows) == (13, 5)


def test_dates_that_were_not_asked_for_are_left_out() -> None:
    requested = RequestedDates(NOVEMBER_1, NOVEMBER_3, (NOVEMBER_1, NOVEMBER_3))
    rows = [context(NOVEMBER_3), context(NOVEMBER_2), context(NOVEMBER_1)]
    dates, _ = planned(rows, {}, requested)
    assert [date.game_date for date in dates] == [NOVEMBER_1, NOVEMBER_3]


def test_a_season_that_nobody_knows_stops_the_run() -> None:
    with pytest.raises(ConfigurationError, match=r"2021-11-01 is in season 2021.*season_start: \{2021: YYYY-MM-DD\}"):
        planned([context(NOVEMBER_1)], {}, season_start={2020: datetime.date(2020, 12, 22)})


def test_a_range_of_dates() -> None:
    requested = requested_dates(NOVEMBER_1, NOVEMBER_3, None)
    assert (str(requested), requested.days) == ("2021-11-01 to 2021-11-03", 3)
    assert NOVEMBER_2 in requested
    assert str(requested_dates(NOVEMBER_1, NOVEMBER_1, None)) == "2021-11-01"


def test_listed_dates_are_sorted_and_counted_once() -> None:
    requested = requested_dates(None, None, [NOVEMBER_3, NOVEMBER_1, NOVEMBER_3])
    assert (requested.start, requested.end, requested.days) == (NOVEMBER_1, NOVEMBER_3, 2)
    assert NOVEMBER_2 not in requested
    assert str(requested) == "2021-11-01, 2021-11-03"


@pytest.mark.parametrize(
    ("start", "end", "listed", "expected"),
    [
        (NOVEMBER_3, NOVEMBER_1, None, "--end 2021-11-01 is before --start 2021-11-03"),
        (NOVEMBER_3, None, None, "give --start and --end"),
        (None, NOVEMBER_1, None, "give --start and --end"),
        (None, None, [], "give --start and --end"),
        (NOVEMBER_1, None, [NOVEMBER_3], "--dates cannot be combined"),
    ],
)
def test_dates_that_make_no_sense(
    start: datetime.date | None, end: datetime.date | None, listed: list[datetime.date] | None, expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        requested_dates(start, end, listed)


@pytest.mark.parametrize(
    ("state", "action", "expected"),
    [
        ("early_season", "skip", "early season: no row is due"),
        ("early_season", "write", "missing player_daily_cache"),
        ("missing_upstream", "skip", "missing player_daily_cache"),
    ],
)
def test_a_date_of_the_early_season_that_is_skipped_is_due_no_row(state: str, action: str, expected: str) -> None:
    date = planned_date(NOVEMBER_1, state=state, action=action, missing_tables=UPSTREAM[:1])
    assert date.reason == expected


def test_dates_are_found_by_what_becomes_of_them() -> None:
    plan = plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2), missing_date(NOVEMBER_3, "skip")])
    found = {action: [date.game_date for date in plan.by_action(action)] for action in ACTIONS}
    assert found == {"write": [NOVEMBER_1], "fail": [NOVEMBER_2], "skip": [NOVEMBER_3]}


def test_of_one_player_who_played_there_is_one_example() -> None:
    row = {"players": 1, "first_player": "anna", "last_player": "anna"}
    assert Played.of_row(row) == Played(1, ("anna",))
    assert Played.of_row({**row, "players": 3, "last_player": "carl"}) == Played(3, ("anna", "carl"))


def test_requested_dates_are_the_same_after_json() -> None:
    listed = RequestedDates(NOVEMBER_1, NOVEMBER_3, (NOVEMBER_1, NOVEMBER_3))
    assert RANGE.as_json() == {"start": "2021-11-01", "end": "2021-11-03", "listed": None}
    assert listed.as_json() == {**RANGE.as_json(), "listed": ["2021-11-01", "2021-11-03"]}
    assert [RequestedDates.from_json(dates.as_json()) for dates in (RANGE, listed)] == [RANGE, listed]


def test_a_plan_of_no_dates_is_all_days_without_games() -> None:
    plan = plan_of([])
    assert (plan.players, plan.states["no_games"]) == (0, 3)
    assert Plan(RequestedDates(NOVEMBER_1, NOVEMBER_2), (planned_date(NOVEMBER_1),)).states["no_games"] == 1


def test_states_count_days_without_games() -> None:
    plan = plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_3)])
    assert plan.states == {"no_games": 1, "early_season": 0, "ready": 1, "missing_upstream": 1}
    assert plan.described() == "2 game dates (1 no games, 1 ready, 1 missing upstream), 10 rows expected"


def test_the_plan_says_which_source_rows_are_not_used() -> None:
    plan = plan_of([], unkeyed_source_rows={"player_game_summary": 2, "nbac_schedule": 0})
    assert plan.notes() == ["2 rows of player_game_summary have a NULL in their key and are not used"]


OCTOBER = [datetime.date(2021, 10, day) for day in (30, 31)]
NOVEMBER = [NOVEMBER_1, NOVEMBER_2]
DECEMBER = [datetime.date(2021, 12, 1)]
NEXT_NOVEMBER = [datetime.date(2022, 11, 1)]


@pytest.mark.parametrize(
    ("slice_rows", "expected"),
    [
        (1000, [OCTOBER + NOVEMBER + DECEMBER + NEXT_NOVEMBER]),
        (40, [OCTOBER + NOVEMBER, DECEMBER + NEXT_NOVEMBER]),
        (39, [OCTOBER, NOVEMBER + DECEMBER, NEXT_NOVEMBER]),
        (1, [OCTOBER, NOVEMBER, DECEMBER, NEXT_NOVEMBER]),
    ],
    ids=["all_in_one", "just_enough", "one_row_short", "a_month_at_least"],
)
def test_a_merge_takes_whole_months(slice_rows: int, expected: list[list[datetime.date]]) -> None:
    rows = dict.fromkeys([*NEXT_NOVEMBER, *DECEMBER, *NOVEMBER, *OCTOBER], 10)
    assert merge_slices(rows, slice_rows) == expected


def test_a_merge_changes_no_more_dates_than_a_statement_may() -> None:
    days = [datetime.date(2000, 1, 1) + datetime.timedelta(number) for number in range(5000)]
    first, second = merge_slices(dict.fromkeys(days, 1), 1_000_000)
    # To the end of November 2010: with December they would be 4,018.
    assert (len(first), first[-1], len(second)) == (3987, datetime.date(2010, 11, 30), 1013)


def test_months_of_4000_dates_together_are_one_merge() -> None:
    months = [(2000 + number // 12, number % 12 + 1) for number in range(200)]
    days = [datetime.date(year, month, day) for year, month in months for day in range(1, 21)]
    assert merge_slices(dict.fromkeys(days, 1), 1_000_000) == [days]
    later = datetime.date(2020, 1, 1)
    assert merge_slices(dict.fromkeys([*days, later], 1), 1_000_000) == [days, [later]]


def test_no_rows_make_no_slice() -> None:
    assert merge_slices({}, 10) == []


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (RANGE, RequestedDates(NOVEMBER_2, NOVEMBER_3), [NOVEMBER_2, NOVEMBER_3]),
        (RANGE, RequestedDates(NOVEMBER_1, NOVEMBER_3, (NOVEMBER_1, NOVEMBER_3)), [NOVEMBER_1, NOVEMBER_3]),
        (RANGE, RANGE, [NOVEMBER_1, NOVEMBER_2, NOVEMBER_3]),
        (RequestedDates(NOVEMBER_1, NOVEMBER_1), RequestedDates(NOVEMBER_3, NOVEMBER_3), []),
        (
            RequestedDates(NOVEMBER_1, NOVEMBER_3, (NOVEMBER_1, NOVEMBER_3)),
            RequestedDates(NOVEMBER_1, NOVEMBER_2, (NOVEMBER_1, NOVEMBER_2)),
            [NOVEMBER_1],
        ),
    ],
    ids=["ranges", "a_range_and_a_list", "the_same_range", "nothing", "lists"],
)
def test_dates_that_two_ask_for(one: RequestedDates, other: RequestedDates, shared: list[datetime.date]) -> None:
    assert one.overlap(other) == other.overlap(one) == shared


def test_a_baseline_has_both_ends_in_order_or_is_none() -> None:
    assert baseline_dates(None, None) is None
    assert baseline_dates(NOVEMBER_1, NOVEMBER_3) == RANGE
    assert baseline_dates(NOVEMBER_1, NOVEMBER_1) == RequestedDates(NOVEMBER_1, NOVEMBER_1)
    for alone in ((NOVEMBER_1, None), (None, NOVEMBER_1)):
        with pytest.raises(ConfigurationError, match="give both --baseline-start and --baseline-end"):
            baseline_dates(*alone)
    with pytest.raises(ConfigurationError, match="--baseline-end 2021-11-01 is before --baseline-start 2021-11-03"):
        baseline_dates(NOVEMBER_3, NOVEMBER_1)
