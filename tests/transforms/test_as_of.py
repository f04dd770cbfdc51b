"""The as-of form: which of several events is kept, and numbers that can be summed and subtracted exactly."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import types as T

from tests.transforms.rows import PROCESSED_AT, FeatureRow, Story, about, log
from transforms.as_of import narrow_decimal, timeline

SAME_DAY = {"days_before": 2, "created_at": PROCESSED_AT}


@about(
    Story(
        context=[
            {"universal_player_id": "a", "game_id": "z", "days_rest": 9},
            {"universal_player_id": "b", "game_id": "y", "days_rest": 2},
            {"universal_player_id": "b", "game_id": "y", "days_rest": 1},
            {"universal_player_id": None, "game_id": "z", "days_rest": 9},
        ]
    )
)
def test_ties_of_context_are_broken_by_its_columns_in_order(row: FeatureRow) -> None:
    assert (row["universal_player_id"], row["game_id"], row["days_rest"]) == ("b", "y", 2)


@about(
    Story(
        games=[
            {**SAME_DAY, "team_abbr": "AAA", "season_year": 2022, "points": 50},
            {**SAME_DAY, "team_abbr": "ZZZ", "season_year": 2020, "points": 60},
            {**SAME_DAY, "team_abbr": "ZZZ", "season_year": 2021, "points": 20},
            {**SAME_DAY, "team_abbr": "ZZZ", "season_year": 2021, "points": None},
            {**SAME_DAY, "team_abbr": None, "season_year": 2022, "points": 70},
        ]
    )
)
def test_ties_of_games_are_broken_by_their_columns_in_order(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (20.0, "phase3")
    assert row["actual_games_count"] == 1


@about(Story(games=[{**SAME_DAY, "points": 60, "created_at": None}, {**SAME_DAY, "points": 20}]))
def test_a_game_without_created_at_is_older(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (20.0, "phase3")


@about(
    Story(
        games=[
            {"days_before": 5, "points": 10},
            {"days_before": 5, "points": 60, "processed_at": None},
            {"days_before": 3, "points": 20},
        ]
    )
)
def test_windows_count_games_and_not_their_re_processings(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (15.0, "phase3")
    assert row.feature("games_in_last_7_days") == (2.0, "phase3")
    assert row["actual_games_count"] == 2


@about(Story(own_team=log(pace=[0.1] * 10 + [0.3] * 10)))
def test_a_window_is_exact_whatever_was_summed_before_it(row: FeatureRow) -> None:
    assert row.feature("team_pace") == (0.3, "phase3")


def test_a_timeline_has_the_entity_the_day_and_both_kinds_of_events(spark: SparkSession) -> None:
    times = "processed_at timestamp, created_at timestamp"
    rows = spark.createDataFrame([], f"team_abbr string, game_date date, season_year bigint, {times}, pace bigint")
    found = timeline(rows, rows, "team_abbr")
    assert found.columns == ["team_abbr", "day", "is_game", "season_year", "request", "game"]
    assert found.schema["game"].dataType == rows.select("game_date", "season_year", "pace").schema


@pytest.mark.parametrize(
    ("found", "narrow"),
    [
        ((5, 2), (5, 2)),
        ((38, 9), (18, 9)),
        ((38, 18), (27, 18)),
        ((38, 38), (27, 18)),
    ],
)
def test_a_decimal_keeps_its_decimals_and_9_whole_digits(
    spark: SparkSession, found: tuple[int, int], narrow: tuple[int, int]
) -> None:
    games = spark.createDataFrame([], T.StructType([T.StructField("pace", T.DecimalType(*found))]))
    assert games.select(narrow_decimal(games, "pace")).schema["pace"].dataType == T.DecimalType(*narrow)


def test_a_number_that_is_no_decimal_is_refused_by_name(spark: SparkSession) -> None:
    games = spark.createDataFrame([], "pace double")
    with pytest.raises(TypeError, match="column pace: expected DECIMAL, found double"):
        narrow_decimal(games, "pace")
