"""team_defense_zone_analysis: what a team allowed over its last 15 season games, by zone and against the league."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.schemas.precompute import TEAM_DEFENSE_WITH_ZONES
from tests.transforms.precomputed.stories import UpstreamRows, UpstreamStory, told
from tests.transforms.rows import GAME_DATE, SEASON, frame, log
from transforms.precomputed.team_results import team_defense_results


def defense(rows: UpstreamRows) -> dict[str, Any]:
    assert rows.defense is not None
    return rows.defense


@told(
    UpstreamStory(
        opponent=log(
            defensive_rating=[200, *[110] * 14, 125],
            opponent_pace=[50, *[98] * 14, 113],
            points_allowed=[200, *[100] * 14, 101],
            opp_paint_makes=[99, *[1] * 14, 2],
            opp_paint_attempts=[99, *[2] * 14, 3],
        )
    )
)
def test_the_last_15_games(rows: UpstreamRows) -> None:
    assert defense(rows)["defensive_rating_last_15"] == 111
    assert defense(rows)["opponent_pace"] == 99
    assert defense(rows)["opponent_points_per_game"] == Decimal("100.1")
    assert defense(rows)["paint_pct_allowed_last_15"] == Decimal("0.516")
    assert defense(rows)["paint_defense_vs_league_avg"] == Decimal("-6.39")
    assert defense(rows)["games_in_sample"] == 15
    assert (defense(rows)["completeness_percentage"], defense(rows)["is_production_ready"]) == (100.0, True)


@told(
    UpstreamStory(
        opponent=[
            {"days_before": 300, "season_year": 2020, "defensive_rating": 200},
            {"days_before": 30, "season_year": None, "defensive_rating": 200},
            *log(defensive_rating=["104.01", None, "104.02"]),
        ]
    )
)
def test_only_this_season_and_nulls_are_skipped(rows: UpstreamRows) -> None:
    assert defense(rows)["defensive_rating_last_15"] == Decimal("104.02")
    assert defense(rows)["games_in_sample"] == 3
    assert (defense(rows)["completeness_percentage"], defense(rows)["is_production_ready"]) == (20.0, False)


@told(UpstreamStory(opponent=log(defensive_rating=[1] * 10)), UpstreamStory(opponent=log(defensive_rating=[1] * 9)))
def test_it_is_ready_with_10_games(upstream_story: UpstreamStory, rows: UpstreamRows) -> None:
    assert defense(rows)["is_production_ready"] is (len(upstream_story.opponent) == 10)


@told(
    UpstreamStory(),
    UpstreamStory(opponent=[{"days_before": 0}, {"days_before": -1}]),
    UpstreamStory(opponent=[{"days_before": 300, "season_year": 2020}]),
)
def test_a_team_without_a_season_game_has_no_row(rows: UpstreamRows) -> None:
    assert rows.defense is None


@told(UpstreamStory(opponent=log(opp_three_pt_makes=[5, None, 9, 0], opp_three_pt_attempts=[10, 9, None, 0])))
def test_a_zone_counts_the_games_that_know_both_its_numbers(rows: UpstreamRows) -> None:
    assert defense(rows)["three_pt_pct_allowed_last_15"] == Decimal("0.5")
    assert defense(rows)["three_pt_defense_vs_league_avg"] == Decimal("14.5")


@told(UpstreamStory(opponent=log(opp_paint_makes=[0], opp_paint_attempts=[0])))
def test_without_an_attempt_there_is_no_share(rows: UpstreamRows) -> None:
    assert defense(rows)["paint_pct_allowed_last_15"] is None
    assert defense(rows)["paint_defense_vs_league_avg"] is None


@told(UpstreamStory(opponent=log(defensive_rating=["100.004999999"], opponent_pace=["98.049999999"])))
def test_no_decimal_of_a_sum_is_lost_before_the_mean_is_rounded(rows: UpstreamRows) -> None:
    assert defense(rows)["defensive_rating_last_15"] == Decimal("100.00")
    assert defense(rows)["opponent_pace"] == Decimal("98.0")


@told(UpstreamStory(opponent=log(opp_paint_makes=[5_000_000] * 15, opp_paint_attempts=[*[0] * 14, 1])))
def test_a_share_that_nobody_could_allow_is_a_number_too(rows: UpstreamRows) -> None:
    # 15 games of 3 million, at which each is held, in one attempt; the constant is 0.58.
    assert defense(rows)["paint_defense_vs_league_avg"] == Decimal("4499999942.00")


def league(spark: SparkSession, teams: int, games: int, *, days_before: int = 1, **more: Any) -> dict[str, Any]:
    """Teams with games day after day until `days_before` the date; number n allows 50 + n of 100 in the paint."""
    rows = [
        {
            "defending_team_abbr": f"T{team:02}",
            "game_date": GAME_DATE - datetime.timedelta(days=days_before + game),
            "season_year": SEASON,
            "opp_paint_makes": 50 + team,
            "opp_paint_attempts": 100,
            **more,
        }
        for team in range(teams)
        for game in range(games)
    ]
    calendar = spark.createDataFrame([(GAME_DATE, SEASON)], "game_date date, season_year bigint")
    found = team_defense_results(frame(spark, TEAM_DEFENSE_WITH_ZONES, rows), calendar)
    return {row["team_abbr"]: row["paint_defense_vs_league_avg"] for row in found.collect()}


@pytest.mark.parametrize(
    ("teams", "games", "days_before", "expected"),
    [
        (10, 10, 1, "-4.50"),  # the mean of 50 to 59 is 54.5
        (9, 10, 1, "-8.00"),  # too few teams: the constant 58
        (10, 9, 1, "-8.00"),  # too few games
        (10, 10, 21, "-4.50"),  # the first game is 30 days before
        (10, 10, 22, "-8.00"),  # the first game is 31 days before
    ],
)
def test_the_league_is_the_mean_of_the_teams_with_10_games_in_30_days(
    spark: SparkSession, teams: int, games: int, days_before: int, expected: str
) -> None:
    assert league(spark, teams, games, days_before=days_before)["T00"] == Decimal(expected)
