"""Rows, keys and entities by date: what is counted, what is a duplicate, and what has no key."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from transforms.game_dates import ALL_DATES, rows_and_entities, rows_by_date

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
EXPECTED = {
    # rows, distinct keys, rows with a NULL in the key
    FIRST: (5, 2, 2),
    SECOND: (2, 2, 0),
    None: (2, 0, 2),
}
COUNTS = ("rows", "keyed_rows", "unkeyed_rows")


@pytest.fixture(scope="module")
def counted(spark: SparkSession) -> list[dict[str, Any]]:
    context = spark.createDataFrame(ROWS, "player_lookup string, game_date date")
    rows = rows_and_entities("context", context, ("player_lookup", "game_date")).collect()
    return [row.asDict() for row in rows]


def test_rows_and_keys_are_counted_by_date(counted: list[dict[str, Any]]) -> None:
    by_date = {row["game_date"]: row for row in counted if row["source"] == "context"}
    assert {date: tuple(row[name] for name in COUNTS) for date, row in by_date.items()} == EXPECTED


def test_entities_are_distinct_over_all_dates_and_those_without_a_date_are_none(counted: list[dict[str, Any]]) -> None:
    (all_dates,) = [row for row in counted if row["source"] == ALL_DATES]
    assert (all_dates["entities"], all_dates["game_date"]) == (3, None)


def test_several_sources_are_counted_side_by_side(spark: SparkSession) -> None:
    schedule = spark.createDataFrame(
        [("1", FIRST, 2021, "regular_season"), ("1", FIRST, 2021, "playoffs"), ("2", FIRST, 2020, "playoffs")],
        "game_id string, game_date date, season_year bigint, season_phase string",
    )
    teams = spark.createDataFrame([("ATL", FIRST)], "team_abbr string, game_date date")
    keys = {"schedule": ("game_id", "game_date"), "teams": ("team_abbr", "game_date")}
    rows = rows_by_date({"schedule": schedule, "teams": teams}, keys).collect()
    names = ("source", "season_year", "rows", "keyed_rows", "regular_season")
    assert {tuple(row[name] for name in names) for row in rows} == {
        ("schedule", 2021, 2, 1, True),
        ("schedule", 2020, 1, 1, False),
        ("teams", None, 1, 1, None),
    }
