"""What deserves a warning, by hand-written counts: constants, jumps of defaults, values out of range."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jobs.planning.distances import Distance
from jobs.planning.run_warnings import (
    FeatureCounts,
    RunWarning,
    constant_features,
    default_jumps,
    drifting_features,
    played_without_context,
    values_out_of_range,
)

NAMES = ("points", "playoff_game")
NOVEMBER = [datetime.date(2021, 11, day) for day in range(1, 31)]


def counts(day: int, rows: int = 100, low: float = 0.0, high: float = 9.0, defaults: int | None = 0) -> FeatureCounts:
    """A date on which the second feature is 0 in every row."""
    return FeatureCounts(NOVEMBER[day], rows, (low, 0.0), (high, 0.0), None if defaults is None else (defaults, 0))


def constant(*of_dates: FeatureCounts, may: tuple[str, ...] = ()) -> list[str]:
    return [warning.name for warning in constant_features(of_dates, NAMES, may)]


def test_a_feature_with_one_value_in_500_rows_of_5_dates_is_constant() -> None:
    five = [counts(day) for day in range(5)]
    (warning,) = constant_features(five, NAMES, ())
    assert warning.text == "playoff_game is 0 in all 500 rows of 5 dates; look at where it comes from"
    assert warning.values == {"value": 0.0, "rows": 500, "dates": 5}
    assert constant(*five[:4], counts(4, rows=99)) == []
    assert constant(*[counts(day, rows=1000) for day in range(4)]) == []
    assert constant(*[counts(day, rows=200) for day in range(6)]) == ["playoff_game"]
    assert constant(*[counts(day, low=3.0, high=3.0) for day in range(5)]) == ["points", "playoff_game"]
    assert constant(*[counts(day, low=day, high=day) for day in range(5)]) == ["playoff_game"]


def test_a_feature_that_may_be_constant_is_not_warned_of() -> None:
    assert constant(*[counts(day) for day in range(5)], may=("playoff_game",)) == []


def test_dates_of_placeholders_alone_do_not_count() -> None:
    empty = FeatureCounts(NOVEMBER[9], 0, (None, None), (None, None), (0, 0))
    assert constant(*[counts(day, rows=125) for day in range(4)], empty) == []


def test_of_several_jumps_the_highest_is_named() -> None:
    of_dates = [
        counts(0, defaults=0),
        counts(1, defaults=50),
        counts(2, rows=1000, defaults=520),
        counts(3, defaults=90),
    ]
    (warning,) = default_jumps(of_dates, NAMES)
    assert warning.values == {
        "game_date": "2021-11-02",
        "share_default": 0.5,
        "share_default_before": 0.0,
        "dates": 3,
    }
    assert warning.text.endswith("(and so on 2 other dates)")


@pytest.mark.parametrize(("defaults", "jumps"), [(30, False), (31, True)])
def test_a_share_of_defaults_more_than_0_2_above_that_of_the_dates_before_is_a_jump(defaults: int, jumps: bool) -> None:
    of_dates = [counts(0, rows=50, defaults=0), counts(1, rows=150, defaults=20), counts(2, defaults=defaults)]
    found = default_jumps(of_dates, NAMES)
    assert bool(found) is jumps
    if jumps:
        assert found[0].text == "points: 31.0% of its values on 2021-11-03 are defaults, 10.0% on the dates before"


def test_a_share_is_compared_with_that_of_all_dates_before_together() -> None:
    assert default_jumps([counts(0, defaults=20), counts(1, defaults=20), counts(2, defaults=35)], NAMES) == []


def test_of_two_jumps_of_one_size_the_first_is_named() -> None:
    (warning,) = default_jumps([counts(0), counts(1, defaults=50), counts(2, defaults=75)], NAMES)
    assert (warning.values["game_date"], warning.values["dates"]) == ("2021-11-02", 2)


def test_shares_of_a_jump_have_4_decimals() -> None:
    (warning,) = default_jumps([counts(0, rows=300, defaults=100), counts(1, rows=300, defaults=200)], NAMES)
    assert (warning.values["share_default"], warning.values["share_default_before"]) == (0.6667, 0.3333)


def test_a_date_that_does_not_tell_the_sources_is_passed_over() -> None:
    (warning,) = default_jumps([counts(0), counts(1, defaults=None), counts(2, defaults=90)], NAMES)
    assert warning.values["game_date"] == "2021-11-03"


def test_jumps_of_a_feature_are_one_warning_of_the_largest() -> None:
    of_dates = [counts(3, defaults=90), counts(0), counts(1, defaults=30), counts(2)]
    (warning,) = default_jumps(of_dates, NAMES)
    assert (warning.values["game_date"], warning.values["dates"]) == ("2021-11-04", 2)
    assert warning.text.endswith("(and so on 1 other dates)")


def test_a_target_that_does_not_tell_the_sources_has_no_jumps() -> None:
    assert default_jumps([counts(0, defaults=None), counts(1, defaults=None)], NAMES) == []


def test_values_out_of_range_are_counted_by_column() -> None:
    (warning,) = values_out_of_range({"player_daily_cache.points_avg_last_5": 1234, "x.y": 0})
    assert warning.text == (
        "player_daily_cache.points_avg_last_5: in 1,234 rows its value was out of range and not used"
    )


def test_players_who_played_and_have_no_row_are_one_warning_with_their_dates() -> None:
    (warning,) = played_without_context({NOVEMBER[1]: 30, NOVEMBER[0]: 4})
    assert warning.text == (
        "34 players played on 2 dates and have neither a context row nor a row here: 2021-11-01 4, 2021-11-02 30"
    )
    assert played_without_context({}) == []


@pytest.mark.parametrize(("dates", "more"), [(40, ""), (90, ", and 50 more dates")])
def test_of_many_dates_the_first_40_are_named(dates: int, more: str) -> None:
    days = [NOVEMBER[0] + datetime.timedelta(days=number) for number in range(dates)]
    (warning,) = played_without_context(dict.fromkeys(days, 2))
    assert warning.text.endswith(f"{days[39]} 2{more}")
    assert warning.values == {"players": 2 * dates, "by_date": {str(day): 2 for day in days}}


def test_features_that_drift_are_named_the_furthest_first() -> None:
    found = [Distance("near", 0.2, 900), Distance("far", 0.3, 600), Distance("furthest", 1.23456, 700)]
    furthest, far = drifting_features(found, "2021-11-01 to 2021-11-30")
    assert furthest.text == "furthest drifts from 2021-11-01 to 2021-11-30: population stability index 1.23"
    assert (furthest.values, far.name) == ({"distance": 1.2346, "values": 700}, "far")


def test_a_warning_is_the_same_after_json() -> None:
    values: dict[str, Any] = {"rows": 3}
    warning = RunWarning("out_of_range", "a.b", "in words", values)
    assert RunWarning.from_json(warning.as_json()) == warning


def test_a_row_of_the_statement_becomes_counts_with_or_without_sources() -> None:
    row: dict[str, Any] = {"game_date": NOVEMBER[0], "valued": 2, "lowest_0": 1.0, "highest_0": 2.0}
    assert FeatureCounts.from_row(row, 1) == FeatureCounts(NOVEMBER[0], 2, [1.0], [2.0], None)
    assert FeatureCounts.from_row({**row, "defaults_0": 1}, 1).defaults == [1]
