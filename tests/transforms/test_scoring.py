"""Features 0 to 3, 11, 12 and 21: points, their trend and spread, minutes against the season, free throws."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.transforms.rows import FeatureRow, Story, about, log


@about(Story(games=log(points=[100, 10, 20, 30, 40, 50])))
def test_points_avg_last_5_is_the_mean_of_the_newest_five(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_5") == (30.0, "phase3")


@about(Story(games=log(points=[20, 20, 20, 20])))
def test_points_avg_last_5_needs_five_games(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_5") == (10.0, "default")


SAT_OUT_THREE = Story(
    games=log(
        points=[26, 26, 35, 33, None, None, None, 24, 28, 21],
        minutes_played=[30, 30, 30, 30, None, None, None, 30, 30, 30],
    )
)


@about(SAT_OUT_THREE)
def test_games_that_were_sat_out_are_no_games(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_5") == (28.2, "phase3")
    mean, source = row.feature("points_avg_last_10")
    assert (round(mean, 2), source) == (27.57, "phase3")
    # 21 and 28 against 24, 33 and 35: -6.17
    assert row.feature("recent_trend") == (-2.0, "calculated")
    assert row["actual_games_count"] == 10


UNPLAYED: list[dict[str, Any]] = [
    {"points": None, "minutes_played": 20},
    {"points": 0, "minutes_played": 0},
    {"points": 0, "minutes_played": None},
    {"points": -2, "minutes_played": 20},
]


@about(*[Story(games=[*log(points=[20] * 5), {"days_before": 1, **unplayed}]) for unplayed in UNPLAYED])
def test_what_is_not_played(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_5") == row.feature("points_avg_season") == (20.0, "phase3")
    assert row.feature("back_to_back") == (0.0, "phase3")
    assert row["actual_games_count"] == 6


PLAYED: list[dict[str, Any]] = [{"points": 0, "minutes_played": 0.1}, {"points": 1, "minutes_played": None}]


@about(*[Story(games=[*log(points=[20] * 5), {"days_before": 1, **played}]) for played in PLAYED])
def test_what_is_played(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_5")[0] < 20.0
    assert row.feature("back_to_back") == (1.0, "phase3")


@about(Story(games=log(points=[2**63 - 1] * 3 + [10])))
def test_a_sum_of_impossible_points_does_not_wrap(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10")[0] > 120
    assert row.feature("points_avg_season")[0] > 120
    assert row.feature("points_std_last_10")[0] > 90


@about(Story(games=log(points=[10, 20, 30, 40, 50], season_year=[2020, 2020, 2020, 2021, None])))
def test_the_last_five_games_cross_season_boundaries(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_5") == (30.0, "phase3")


@about(Story(games=log(points=[110, *range(1, 11)])))
def test_points_avg_last_10_is_the_mean_of_the_newest_ten(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (5.5, "phase3")


@about(Story(games=log(points=[17])))
def test_points_avg_last_10_needs_one_game(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (17.0, "phase3")


@about(Story(games=[{"days_before": days, "points": points} for days, points in [(1, 12), (0, 60), (-1, 60)]]))
def test_a_game_on_the_date_or_after_it_is_not_seen(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (12.0, "phase3")
    assert row.feature("points_avg_season") == (12.0, "phase3")


@about(Story(games=[*log(points=[10, 20]), {"days_before": 2, "points": 60, "processed_at": None}]))
def test_a_game_that_stands_twice_counts_once_with_its_newest_row(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (15.0, "phase3")


@about(Story(games=log(points=[50, 50, 10, 20], season_year=[2020, None, 2021, 2021])))
def test_points_avg_season_takes_the_games_of_the_season_only(row: FeatureRow) -> None:
    assert row.feature("points_avg_season") == (15.0, "phase3")


@about(Story(games=log(points=[10, None, 20])))
def test_points_avg_season_skips_nulls(row: FeatureRow) -> None:
    assert row.feature("points_avg_season") == (15.0, "phase3")


@about(
    Story(),
    Story(games=log(points=[30, 30], season_year=[2020, None])),
    Story(games=log(points=[None, None])),
)
def test_points_avg_season_of_nothing_is_missing(row: FeatureRow) -> None:
    assert row.feature("points_avg_season") == (10.0, "default")


@about(Story(games=log(points=[10, 20])))
def test_points_std_last_10_is_the_sample_standard_deviation(row: FeatureRow) -> None:
    assert row.feature("points_std_last_10") == (math.sqrt(50), "phase3")


@about(Story(games=log(points=[60, *[10] * 10])))
def test_points_std_last_10_leaves_out_the_eleventh_game(row: FeatureRow) -> None:
    assert row.feature("points_std_last_10") == (0.0, "phase3")


@about(Story(games=log(points=[10])), Story(games=log(points=[None, 10])))
def test_points_std_last_10_needs_two_games(row: FeatureRow) -> None:
    assert row.feature("points_std_last_10") == (5.0, "default")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (Story(games=log(points=[10, 10, 10, 15, 15])), 2.0),
        (Story(games=log(points=[10, 10, 10, 14, 15])), 1.0),
        (Story(games=log(points=[10, 10, 10, 12, 12])), 1.0),
        (Story(games=log(points=[10, 10, 10, 11, 12])), 0.0),
        (Story(games=log(points=[10, 10, 10, 10, 10])), 0.0),
        (Story(games=log(points=[10, 10, 10, 8, 9])), 0.0),
        (Story(games=log(points=[10, 10, 10, 8, 8])), -1.0),
        (Story(games=log(points=[10, 10, 10, 5, 6])), -1.0),
        (Story(games=log(points=[10, 10, 10, 5, 5])), -2.0),
    ],
)
def test_recent_trend_steps_at_2_and_5_points(row: FeatureRow, expected: float) -> None:
    assert row.feature("recent_trend") == (expected, "calculated")


@about(Story(games=log(points=[60, 10, 10, 10, 12, 12])))
def test_recent_trend_leaves_out_the_sixth_game(row: FeatureRow) -> None:
    assert row.feature("recent_trend") == (1.0, "calculated")


@about(Story(games=log(points=[10, 10, 30, 30])), Story(games=log(points=[10, 10, None, 30, 30])))
def test_recent_trend_needs_five_games_and_does_not_praise_its_constant(row: FeatureRow) -> None:
    assert row.feature("recent_trend") == (0.0, "default")


def change(recent: float | None, season: float | None) -> Story:
    return Story(daily_cache={"minutes_avg_last_10": recent}, games=log(minutes_played=[season]))


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (change(24, 20), 2.0),
        (change(23.99, 20), 1.0),
        (change(22, 20), 1.0),
        (change(21.99, 20), 0.0),
        (change(18.01, 20), 0.0),
        (change(18, 20), -1.0),
        (change(16.01, 20), -1.0),
        (change(16, 20), -2.0),
    ],
)
def test_minutes_change_steps_at_10_and_20_percent(row: FeatureRow, expected: float) -> None:
    assert row.feature("minutes_change") == (expected, "calculated")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (change(26.4, 24), 1.0),  # 0.09999999999999994 in double
        (change(19.2, 16), 2.0),
        (change(12.8, 16), -2.0),
        (change(10.999999996, 10), 1.0),  # 0.0999999996 is 0.1 with 9 decimals
        (change(10.999999994, 10), 0.0),
    ],
)
def test_minutes_change_is_rounded_to_9_decimals_before_it_is_stepped(row: FeatureRow, expected: float) -> None:
    assert row.feature("minutes_change") == (expected, "calculated")


@about(Story(games=log(minutes_played=[0, *[22] * 10])))
def test_minutes_change_without_a_cached_mean_takes_the_last_10_games(row: FeatureRow) -> None:
    assert row.feature("minutes_change") == (1.0, "calculated")  # 22 against 220 / 11


@about(Story(games=log(minutes_played=[None, 30])))
def test_a_game_of_unknown_minutes_is_left_out_of_both_means(row: FeatureRow) -> None:
    assert row.feature("minutes_change") == (0.0, "calculated")  # 30 against 30


@about(Story(games=log(minutes_played=[40, 20], season_year=[2020, 2021])))
def test_minutes_of_the_last_10_games_cross_seasons_and_those_of_the_season_do_not(row: FeatureRow) -> None:
    assert row.feature("minutes_change") == (2.0, "calculated")  # 30 against 20


@about(
    Story(),
    Story(daily_cache={"minutes_avg_last_10": 30}),
    Story(daily_cache={"minutes_avg_last_10": 30}, games=log(minutes_played=[30], season_year=[2020])),
    change(30, None),
    change(0, 30),
    change(30, 0),
)
def test_minutes_change_is_the_constant_when_a_mean_is_missing_or_0(row: FeatureRow) -> None:
    assert row.feature("minutes_change") == (0.0, "default")


@about(Story(games=log(points=[10, 20, 30, 40, 50], ft_makes=[1, 2, 3, None, 9])))
def test_pct_free_throw_is_makes_per_point_and_a_null_counts_as_0(row: FeatureRow) -> None:
    assert row.feature("pct_free_throw") == (0.1, "calculated")


@about(Story(games=log(points=[0, 20, 20, 20, 20], minutes_played=[12] * 5, ft_makes=[2] * 5)))
def test_pct_free_throw_counts_a_game_without_points(row: FeatureRow) -> None:
    assert row.feature("pct_free_throw") == (0.125, "calculated")


@about(Story(games=log(points=[90, *[10] * 10], ft_makes=[90, *[1] * 10])))
def test_pct_free_throw_leaves_out_the_eleventh_game(row: FeatureRow) -> None:
    assert row.feature("pct_free_throw") == (0.1, "calculated")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (Story(games=log(points=[10] * 5, ft_makes=[5] * 5)), 0.5),
        (Story(games=log(points=[10] * 5, ft_makes=[8] * 5)), 0.5),
        (Story(games=log(points=[10] * 5, ft_makes=[0] * 5)), 0.0),
        (Story(games=log(points=[10] * 5, ft_makes=[-1] * 5)), 0.0),
    ],
)
def test_pct_free_throw_is_clamped(row: FeatureRow, expected: float) -> None:
    assert row.feature("pct_free_throw") == (expected, "calculated")


@about(
    Story(games=log(points=[10] * 4, ft_makes=[1] * 4)),
    Story(games=log(points=[0] * 5, minutes_played=[9] * 5, ft_makes=[1] * 5)),
    Story(games=log(points=[10, 10, 10, 10, None], ft_makes=[1] * 5)),
    Story(games=log(points=[-1] * 5, ft_makes=[1] * 5)),
    Story(games=log(points=[None] * 5, ft_makes=[1] * 5)),
)
def test_pct_free_throw_is_the_constant_with_four_games_or_no_points(row: FeatureRow) -> None:
    assert row.feature("pct_free_throw") == (0.15, "default")
