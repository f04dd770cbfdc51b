"""Rows, keys and entities by date: what is counted, what is a duplicate, and what has no key."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from transforms.game_dates import ALL_DATES, rows_by_date, rows_with_context

FIRST, SECOND = datetime.date(2021, 11, 18), datetime.date(2021, 11, 19)
ROWS = [
    ("anna", FIRST),
    ("anna", FIRST),
    ("bert", FIRST),
    (None, FIRST),
    (None, FIRST),
    ("anna", SECOND),
    ("carl", SECOND),
    ("dora", None),
    (None, None),
]
TEAMS: dict[str | None, tuple[str, str]] = {"anna": ("ATL", "BOS"), "bert": ("ATL", "BOS"), "carl": ("CHI", "DEN")}
EXPECTED = {
    # rows, distinct keys, rows with a NULL in the key
    FIRST: (5, 2, 2),
    SECOND: (2, 2, 0),
    None: (2, 0, 2),
}
COUNTS = ("rows", "keyed_rows", "unkeyed_rows")


@pytest.fixture(scope="module")
def counted(spark: SparkSession) -> list[dict[str, Any]]:
    rows = rows_with_context(("context", context(spark)), {}, {"context": ("player_lookup", "game_date")}).collect()
    return [row.asDict() for row in rows]


def context(spark: SparkSession) -> DataFrame:
    rows = [(player, date, *TEAMS.get(player, (None, None))) for player, date in ROWS]
    return spark.createDataFrame(
        rows, "player_lookup string, game_date date, team_abbr string, opponent_team_abbr string"
    )


def test_rows_and_keys_are_counted_by_date(counted: list[dict[str, Any]]) -> None:
    by_date = {row["game_date"]: row for row in counted if row["source"] == "context"}
    assert {date: tuple(row[name] for name in COUNTS) for date, row in by_date.items()} == EXPECTED


def test_entities_are_distinct_over_all_dates_and_those_without_a_date_are_none(counted: list[dict[str, Any]]) -> None:
    (all_dates,) = [row for row in counted if row["source"] == ALL_DATES]
    assert (all_dates["entities"], all_dates["game_date"]) == (3, None)


def test_several_sources_are_counted_side_by_side(spark: SparkSession) -> None:
    schedule = spark.createDataFrame(
        [
            ("1", FIRST, 2021, "ATL", "regular_season", None, None),
            ("1", FIRST, 2021, "ATL", "playoffs", None, None),
            ("2", FIRST, 2020, "ATL", None, False, True),
            ("3", FIRST, 2019, "ATL", None, True, False),
            ("4", FIRST, 2018, "ATL", "playoffs", True, False),
        ],
        "game_id string, game_date date, season_year bigint, home_team_tricode string, season_phase string, "
        "is_regular_season boolean, is_playoffs boolean",
    )
    teams = spark.createDataFrame([("ATL", FIRST)], "team_abbr string, game_date date")
    keys = {"schedule": ("game_id", "game_date"), "teams": ("team_abbr", "game_date")}
    rows = rows_by_date({"schedule": schedule, "teams": teams}, keys).collect()
    names = ("source", "season_year", "rows", "keyed_rows", "regular_season")
    assert {tuple(row[name] for name in names) for row in rows} == {
        ("schedule", 2021, 2, 1, True),
        ("schedule", 2020, 1, 1, False),
        ("schedule", 2019, 1, 1, True),
        ("schedule", 2018, 1, 1, False),
        ("teams", None, 1, 1, None),
    }


def test_a_precomputed_table_answers_for_the_players_and_teams_of_context(spark: SparkSession) -> None:
    players = spark.createDataFrame(
        [("bert", FIRST), ("bert", FIRST), ("emil", FIRST), ("anna", SECOND), (None, SECOND)],
        "player_lookup string, cache_date date",
    )
    teams = spark.createDataFrame(
        [("BOS", FIRST), ("DEN", SECOND), ("LAL", SECOND)], "team_abbr string, analysis_date date"
    )
    keys = {
        "context": ("player_lookup", "game_date"),
        "player_daily_cache": ("player_lookup", "cache_date"),
        "player_shot_zone_analysis": ("player_lookup", "analysis_date"),
        "team_defense_zone_analysis": ("team_abbr", "analysis_date"),
    }
    empty = players.where("false").withColumnRenamed("cache_date", "analysis_date")
    tables = {
        "player_daily_cache": players,
        "player_shot_zone_analysis": empty,
        "team_defense_zone_analysis": teams,
    }
    rows = rows_with_context(("context", context(spark)), tables, keys).collect()
    names = ("source", "game_date", "rows", "keyed_rows", "unkeyed_rows", "asked", "answered")
    assert {tuple(row[name] for name in names) for row in rows if row["source"] in tables} == {
        ("player_daily_cache", FIRST, 3, 2, 0, 2, 1),
        ("player_daily_cache", SECOND, 2, 1, 1, 2, 1),
        ("player_shot_zone_analysis", FIRST, 0, 0, 0, 2, 0),
        ("player_shot_zone_analysis", SECOND, 0, 0, 0, 2, 0),
        ("team_defense_zone_analysis", FIRST, 1, 1, 0, 2, 1),
        ("team_defense_zone_analysis", SECOND, 2, 2, 0, 4, 1),
    }
    counted = {(row["source"], row["game_date"]): row for row in rows if row["source"] == "context"}
    assert {date: tuple(row[name] for name in COUNTS) for (_, date), row in counted.items()} == EXPECTED
