"""Own games against the team's, readiness, and the issues in their order."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from tests.transforms.rows import FeatureRow, Story, about, log
from transforms.completeness import percentage

UPSTREAM_ISSUES = {
    "daily_cache": "upstream_player_daily_cache_incomplete",
    "composite": "upstream_player_composite_factors_incomplete",
    "shot_zones": "upstream_player_shot_zone_incomplete",
    "team_defense": "upstream_team_defense_zone_incomplete",
}


NOT_READY: list[Any] = [[], {"is_production_ready": False}, {"is_production_ready": None}]


def season(expected: int, actual: int, **upstream: Any) -> Story:
    """A player with `actual` games in a season in which his team played `expected`, all upstream rows ready."""
    ready: dict[str, Any] = {source: {} for source in UPSTREAM_ISSUES}
    days = [{"days_before": 2 * (number + 1)} for number in range(max(expected, actual))]
    return Story(games=days[:actual], schedule=days[:expected], **{**ready, **upstream})


@about(
    Story(
        schedule=[
            {"days_before": 2, "home_team_tricode": "FAR", "away_team_tricode": "OWN"},
            {"days_before": 4},
            {"days_before": 6, "game_status": 1},
            {"days_before": 8, "game_status": None},
            {"days_before": 10, "season_year": 2020},
            {"days_before": 12, "season_year": None},
            {"days_before": 14, "home_team_tricode": "OPP"},
            {"days_before": 0},
            {"days_before": -2},
        ]
    )
)
def test_expected_are_the_teams_final_games_of_the_season_before_the_date(row: FeatureRow) -> None:
    assert row["expected_games_count"] == 2


@about(
    Story(
        schedule=[
            {"days_before": 9, "game_status": 1},  # the postponed date of the next
            {"days_before": 3},
            {"days_before": 5, "game_id": "0022100002"},
            {"days_before": 5, "game_id": "0022100003"},
            {"days_before": 7, "game_id": "0022100004"},
            {"days_before": 7, "game_id": "0022100004"},
        ]
    )
)
def test_a_postponed_game_that_stands_twice_counts_once(row: FeatureRow) -> None:
    assert row["expected_games_count"] == 3


TRADED = [
    {"days_before": 3, "home_team_tricode": "NEW"},
    {"days_before": 5, "home_team_tricode": "NEW"},
    {"days_before": 7, "home_team_tricode": "OWN"},
]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (Story(games=log(team_abbr=["OWN", "NEW"]), schedule=TRADED), 2),
        (Story(games=log(team_abbr=["NEW", "OWN"]), schedule=TRADED), 1),
        (Story(games=log(team_abbr=["NEW"], season_year=[2020]), schedule=TRADED), 2),
        (Story(games=[{"days_before": 0, "team_abbr": "NEW"}], schedule=TRADED), 1),
        (Story(schedule=TRADED), 1),
        (Story(games=log(team_abbr=["NEW", None]), schedule=TRADED), 1),
        (Story(games=log(team_abbr=["OWN", "NEW"], points=[9, None]), schedule=TRADED), 2),
    ],
    ids=["traded", "traded back", "last season", "on the date", "no game", "newest game without a team", "sat out"],
)
def test_the_current_team_is_that_of_the_newest_game_else_that_of_context(row: FeatureRow, expected: int) -> None:
    assert row["expected_games_count"] == expected


@about(Story(games=log(team_abbr=["NEW", "OWN", "OWN", "OWN"], season_year=[2021, 2020, None, 2021])))
def test_actual_are_the_own_games_of_the_season_for_any_team(row: FeatureRow) -> None:
    assert row["actual_games_count"] == 2


@about(Story(games=log(points=[9] * 4 + [None] * 6), schedule=[{"days_before": 2 * day} for day in range(1, 11)]))
def test_a_game_that_was_sat_out_and_is_known_is_not_missing(row: FeatureRow) -> None:
    assert (row["actual_games_count"], row["completeness_percentage"]) == (10, 100.0)


@about(season(11, 12))
def test_both_counts_are_at_most_10(row: FeatureRow) -> None:
    assert (row["expected_games_count"], row["actual_games_count"]) == (10, 10)
    assert (row["completeness_percentage"], row["missing_games_count"]) == (100.0, 0)


@pytest.mark.parametrize(
    ("story", "percent", "missing"),
    [
        (season(3, 1), 33.3, 2),
        (season(3, 2), 66.7, 1),
        (season(2, 3), 100.0, 0),
        (season(4, 0), 0.0, 4),
        (season(0, 0), 0.0, 0),
        (season(0, 2), 0.0, 0),
    ],
)
def test_the_percentage_is_of_the_expected_games(row: FeatureRow, percent: float, missing: int) -> None:
    assert (row["completeness_percentage"], row["missing_games_count"]) == (percent, missing)


HALVES = {(1, 16): 6.3, (3, 80): 3.8, (167, 2000): 8.4, (1, 32): 3.1}


@pytest.fixture(scope="module")
def halves(spark: SparkSession) -> list[Row]:
    frame = spark.createDataFrame(list(HALVES), "actual bigint, expected bigint")
    return frame.select("*", percentage(F.col("actual"), F.col("expected")).alias("percent")).collect()


def test_the_percentage_is_rounded_half_away_from_zero(halves: list[Row]) -> None:
    assert {(row["actual"], row["expected"]): row["percent"] for row in halves} == HALVES


@about(season(10, 9))
def test_a_row_is_ready_at_90_percent_with_four_ready_upstream_rows(row: FeatureRow) -> None:
    assert row["completeness_percentage"] == 90.0
    assert row["is_production_ready"] is True
    assert row["data_quality_issues"] == []


@about(season(9, 8), season(10, 8), season(0, 0))
def test_own_data_is_incomplete_below_90_percent(row: FeatureRow) -> None:
    assert row["is_production_ready"] is False
    assert row["data_quality_issues"] == ["own_data_incomplete"]


@pytest.mark.parametrize(
    ("story", "issue"),
    [(season(1, 1, **{source: rows}), issue) for source, issue in UPSTREAM_ISSUES.items() for rows in NOT_READY],
)
def test_each_upstream_row_must_be_there_and_say_that_it_is_ready(row: FeatureRow, issue: str) -> None:
    assert row["is_production_ready"] is False
    assert row["data_quality_issues"] == [issue]


@about(season(1, 1, team_defense={"team_abbr": "OWN"}))
def test_the_fourth_upstream_row_is_the_opponents(row: FeatureRow) -> None:
    assert row["data_quality_issues"] == ["upstream_team_defense_zone_incomplete"]


@about(Story())
def test_the_issues_stand_in_their_order(row: FeatureRow) -> None:
    assert row["data_quality_issues"] == [*UPSTREAM_ISSUES.values(), "own_data_incomplete"]
