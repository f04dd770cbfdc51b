"""Who played: by points, then by minutes; and of those who did, who has no row of context."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from transforms.played import is_played
from transforms.without_context import PLAYED, players_without_context, with_added_rows

DAY, NEXT_DAY = datetime.date(2021, 11, 18), datetime.date(2021, 11, 19)
EARLY, LATE = datetime.datetime(2021, 11, 19, 8), datetime.datetime(2021, 11, 19, 9)
GAMES = (
    "player_lookup string, game_date date, points bigint, minutes_played decimal(5,1), "
    "processed_at timestamp, created_at timestamp"
)


@pytest.mark.parametrize(
    ("points", "minutes", "expected"),
    [
        (7, None, True),
        (7, "0", True),
        (0, "3.5", True),
        (0, "0", False),
        (0, None, False),
        (None, "30", False),
        (None, None, False),
        (-1, "30", False),
    ],
)
def test_a_game_is_played_with_points_or_without_any_in_some_minutes(
    spark: SparkSession, points: int | None, minutes: str | None, expected: bool
) -> None:
    game = F.struct(
        F.lit(points).cast("bigint").alias("points"), F.lit(minutes).cast("decimal(5,1)").alias("minutes_played")
    )
    row = spark.range(1).select(game.alias("game")).select(is_played("game").alias("played")).first()
    assert row is not None
    assert row["played"] is expected


def test_those_who_played_and_have_no_context_row_are_found_by_their_newest_row(spark: SparkSession) -> None:
    minutes = Decimal("20.0")
    games = spark.createDataFrame(
        [
            ("anna", DAY, 10, minutes, LATE, LATE),
            ("bert", DAY, 10, minutes, LATE, LATE),
            ("bert", DAY, 8, minutes, EARLY, EARLY),
            ("carl", DAY, 10, minutes, EARLY, EARLY),
            ("carl", DAY, None, None, LATE, LATE),
            ("dora", DAY, None, None, LATE, LATE),
            (None, DAY, 10, minutes, LATE, LATE),
            ("anna", NEXT_DAY, 10, minutes, LATE, LATE),
        ],
        GAMES,
    )
    context = spark.createDataFrame([("anna", DAY), ("emil", DAY), (None, DAY)], "player_lookup string, game_date date")
    rows = players_without_context(games, context).collect()
    assert {(row["player_lookup"], row["game_date"], row["points"]) for row in rows} == {
        ("bert", DAY, 10),
        ("anna", NEXT_DAY, 10),
    }


SCHEDULE = (
    "game_id string, game_date date, home_team_tricode string, away_team_tricode string, season_phase string, "
    "is_regular_season boolean, is_playoffs boolean"
)
CONTEXT = (
    "player_lookup string, game_date date, universal_player_id string, game_id string, team_abbr string, "
    "opponent_team_abbr string, home_game boolean, season_phase string, days_rest bigint, "
    "processed_at timestamp, created_at timestamp"
)


def test_an_added_row_has_the_team_and_the_times_of_the_log_and_its_smallest_game_of_the_schedule(
    spark: SparkSession,
) -> None:
    players = spark.createDataFrame(
        [
            ("bert", DAY, "ATL", LATE, EARLY),
            ("carl", DAY, "BOS", LATE, EARLY),
            ("dora", DAY, "CHI", LATE, EARLY),
            ("emil", NEXT_DAY, "ATL", LATE, EARLY),
        ],
        "player_lookup string, game_date date, team_abbr string, processed_at timestamp, created_at timestamp",
    )
    schedule = spark.createDataFrame(
        [
            ("8", DAY, "ATL", "BOS", None, True, False),
            ("7", DAY, "ATL", "DEN", None, False, True),
            (None, DAY, "ATL", "LAL", None, False, True),
            ("9", NEXT_DAY, "DEN", "ATL", "play_in", False, False),
        ],
        SCHEDULE,
    )
    context = spark.createDataFrame([("anna", DAY, "u", "8", "ATL", "BOS", True, "other", 2, EARLY, LATE)], CONTEXT)
    rows = with_added_rows(context, players, schedule).collect()
    assert {tuple(row) for row in rows} == {
        ("anna", DAY, "u", "8", "ATL", "BOS", True, "other", 2, EARLY, LATE, False),
        ("bert", DAY, None, "7", "ATL", "DEN", True, "playoffs", None, LATE, EARLY, True),
        ("carl", DAY, None, "8", "BOS", "ATL", False, "regular_season", None, LATE, EARLY, True),
        ("dora", DAY, None, None, "CHI", None, None, None, None, LATE, EARLY, True),
        ("emil", NEXT_DAY, None, "9", "ATL", "DEN", False, "play_in", None, LATE, EARLY, True),
    }


def test_the_condition_in_sql_is_that_of_the_column(spark: SparkSession) -> None:
    rows = spark.sql(
        "SELECT * FROM VALUES (7, NULL), (0, 3), (0, 0), (0, NULL), (NULL, 30), (-1, 30) "
        "AS games(points, minutes_played)"
    )
    both = rows.withColumn("game", F.struct("points", "minutes_played")).select(
        F.coalesce(F.expr(PLAYED), F.lit(False)).alias("by_sql"), is_played("game").alias("by_column")
    )
    assert [tuple(row) for row in both.collect()] == [(expected, expected) for expected in (True, True, *[False] * 4)]
