"""player_daily_cache: means of the last games and the season, the team's pace, the load, the zone of the date."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.transforms.precomputed.stories import UpstreamRows, UpstreamStory, told
from tests.transforms.rows import log

FIVE = log(points=[10] * 5)


def cache(rows: UpstreamRows) -> dict[str, Any]:
    assert rows.cache is not None
    return rows.cache


@told(UpstreamStory(games=log(points=[1, 40, 2, 4, 6, 8, 10, 12, 14, 16, 18, 21])))
def test_points_of_the_last_5_and_10_and_of_the_season(rows: UpstreamRows) -> None:
    assert cache(rows)["points_avg_last_5"] == Decimal("16.2")
    assert cache(rows)["points_avg_last_10"] == Decimal("11.1")
    assert cache(rows)["points_avg_season"] == Decimal("12.6667")
    assert cache(rows)["points_std_last_10"] == Decimal("6.2263")
    assert cache(rows)["games_played_season"] == 12


@told(UpstreamStory(games=log(points=[90, None, 10, None, 20, 30, 10, 30, None], fg_makes=[9] * 9)))
def test_games_that_were_sat_out_are_no_games(rows: UpstreamRows) -> None:
    assert cache(rows)["points_avg_last_5"] == 20
    assert cache(rows)["points_avg_season"] == Decimal("31.6667")
    assert cache(rows)["points_std_last_10"] == Decimal("29.9444")
    assert cache(rows)["games_played_season"] == 6


@told(
    UpstreamStory(
        games=log(
            minutes_played=[10, None, 30, 40, "0.1"],
            usage_rate=["20.01", "20.02", None, "20.04", "20.06"],
            ts_pct=["0.5", None, None, None, "0.6"],
        )
    )
)
def test_means_skip_nulls_and_have_four_decimals(rows: UpstreamRows) -> None:
    assert cache(rows)["minutes_avg_last_10"] == Decimal("20.025")
    assert cache(rows)["usage_rate_last_10"] == Decimal("20.0325")
    assert cache(rows)["ts_pct_last_10"] == Decimal("0.55")


@told(UpstreamStory(games=log(points=[0] * 31 + [1])))
def test_a_tie_is_rounded_away_from_zero(rows: UpstreamRows) -> None:
    # 1 / 32 = 0.03125
    assert cache(rows)["points_avg_season"] == Decimal("0.0313")


@told(
    UpstreamStory(games=log(points=[1] * 4)),
    UpstreamStory(games=[*log(points=[1] * 4), {"days_before": 300, "season_year": 2020}]),
    UpstreamStory(games=[*log(points=[1] * 4), {"days_before": 20, "points": 0, "minutes_played": 0}]),
)
def test_fewer_than_five_season_games_are_no_row(rows: UpstreamRows) -> None:
    assert rows.cache is None
    assert rows.skipped["cache"] == "too_few_season_games"


@told(
    UpstreamStory(
        games=FIVE,
        own_team=[
            {"days_before": 300, "season_year": 2020, "pace": 90, "offensive_rating": 90},
            *log(pace=[100, None, 103], offensive_rating=[110, 110, 111]),
        ],
    )
)
def test_the_teams_last_10_games_cross_seasons(rows: UpstreamRows) -> None:
    assert cache(rows)["team_pace_last_10"] == Decimal("97.6667")
    assert cache(rows)["team_off_rating_last_10"] == Decimal("105.25")


@told(UpstreamStory(games=FIVE, own_team=log(pace=["100.000049999"], offensive_rating=["110.000050000"])))
def test_no_decimal_of_a_sum_is_lost_before_the_mean_is_rounded(rows: UpstreamRows) -> None:
    assert cache(rows)["team_pace_last_10"] == Decimal("100.0000")
    assert cache(rows)["team_off_rating_last_10"] == Decimal("110.0001")


LOAD = {
    "games_in_last_7_days": 3,
    "games_in_last_14_days": 6,
    "minutes_in_last_7_days": 99,
    "back_to_backs_last_14_days": 1,
    "player_age": 31,
}


@told(UpstreamStory(context=LOAD, games=FIVE), UpstreamStory(games=FIVE))
def test_the_load_is_that_of_the_context(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert {name: cache(rows)[name] for name in LOAD} == {name: upstream_story.context.get(name) for name in LOAD}


@told(UpstreamStory(games=log(fg_makes=[4, 4, None, 2, 2], assisted_fg_makes=[1, 2, 3, None, 2])))
def test_assisted_makes_and_makes_are_summed_each_by_itself(rows: UpstreamRows) -> None:
    assert cache(rows)["assisted_rate_last_10"] == Decimal("0.6667")


@told(UpstreamStory(games=log(fg_makes=[0] * 5, assisted_fg_makes=[0] * 5)))
def test_without_a_make_there_is_no_assisted_rate(rows: UpstreamRows) -> None:
    assert cache(rows)["assisted_rate_last_10"] is None


SHOTS = {"paint_attempts": 3, "mid_range_attempts": 1, "three_pt_attempts": 2}


@told(UpstreamStory(games=[{**game, **SHOTS} for game in FIVE]))
def test_rates_and_zone_are_those_of_the_shot_zone_row(rows: UpstreamRows) -> None:
    assert rows.shot_zones is not None
    for name in ("primary_scoring_zone", "paint_rate_last_10", "three_pt_rate_last_10"):
        assert cache(rows)[name] == rows.shot_zones[name] is not None


@told(UpstreamStory(context={"universal_player_id": "universal_7"}, games=FIVE))
def test_the_universal_id_is_that_of_the_context(rows: UpstreamRows) -> None:
    assert cache(rows)["universal_player_id"] == "universal_7"
