"""What is known of the tables by games alone: which players have no row, and from when on teams have one."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from transforms.precomputed.tables import (
    COMPOSITE,
    DAILY_CACHE,
    SHOT_ZONES,
    TEAM_DEFENSE,
    first_games,
    skipped_rows,
)

DATE = datetime.date(2022, 1, 15)
DAY = (DATE - datetime.date(1970, 1, 1)).days
OF_NONE = ("no_season_game", "no game of this season before the date")


def too_few(games: int) -> tuple[str, str]:
    return ("too_few_season_games", f"{games} games of this season before the date, 5 are needed")


@pytest.mark.parametrize(
    ("table", "expected"), [(SHOT_ZONES, {0: OF_NONE}), (DAILY_CACHE, {games: too_few(games) for games in range(5)})]
)
def test_players_with_too_few_games_have_no_row(
    spark: SparkSession, table: str, expected: dict[int, tuple[str, str]]
) -> None:
    players = spark.createDataFrame(
        [(f"played_{games}", DAY, games) for games in range(7)], "player_lookup string, day int, season_games bigint"
    )
    skipped = skipped_rows(table, players)
    assert skipped.columns == ["game_date", "player_lookup", "skip_reason", "skip_detail"]
    assert {tuple(row) for row in skipped.collect()} == {
        (DATE, f"played_{games}", *reason) for games, reason in expected.items()
    }


@pytest.mark.parametrize("table", [COMPOSITE, TEAM_DEFENSE])
def test_a_table_with_a_row_of_every_request_skips_none(spark: SparkSession, table: str) -> None:
    players = spark.createDataFrame([], "player_lookup string, day int, season_games bigint")
    with pytest.raises(KeyError, match=table):
        skipped_rows(table, players)


def test_a_team_has_rows_of_each_season_from_its_first_game_on(spark: SparkSession) -> None:
    late = datetime.datetime(2022, 2, 1)
    games: list[tuple[Any, ...]] = [
        ("ATL", datetime.date(2021, 10, 19), 2021, None),
        # Processed anew: the game is one of the season before.
        ("ATL", datetime.date(2021, 10, 18), 2021, None),
        ("ATL", datetime.date(2021, 10, 18), 2020, late),
        ("ATL", datetime.date(2021, 10, 25), 2021, None),
        ("BOS", datetime.date(2021, 10, 22), 2021, None),
        (None, datetime.date(2021, 10, 20), 2021, None),
    ]
    schema = (
        "defending_team_abbr string, game_date date, season_year bigint, processed_at timestamp, created_at timestamp"
    )
    first = first_games(spark.createDataFrame([(*game, None) for game in games], schema))
    assert first.columns == ["defending_team_abbr", "season_year", "first_game"]
    assert {tuple(row) for row in first.collect()} == {
        ("ATL", 2020, datetime.date(2021, 10, 18)),
        ("ATL", 2021, datetime.date(2021, 10, 19)),
        ("BOS", 2021, datetime.date(2021, 10, 22)),
    }
