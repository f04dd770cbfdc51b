"""The league whose future turned out differently: the past is as it was, and no game of the future is."""

from __future__ import annotations

import datetime
import zlib
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from transforms.changed_future import GAME_LOGS, with_changed_future

DATE = datetime.date(2022, 1, 15)
YESTERDAY, TOMORROW = DATE - datetime.timedelta(days=1), DATE + datetime.timedelta(days=1)
TIME = datetime.datetime(2022, 1, 16, 6)
PLAYERS = ("anna", "bert", "carl", "dora", "ida", "jan")
COLUMNS = "game_date date, season_year bigint, points bigint, pace decimal(9,1), won boolean, word string, at timestamp"
SCHEDULE = "game_id string, game_date date, game_status bigint, season_phase string"
Line = tuple[Any, ...]


def game(player: str, date: datetime.date | None) -> Line:
    return (player, date, 2021, 20, Decimal("98.5"), True, "word", TIME)


def changed(log: str, spark: SparkSession, games: list[Line]) -> list[Line]:
    frames = {name: spark.createDataFrame([], f"{key} string, {COLUMNS}") for name, key in GAME_LOGS.items()}
    frames[log] = spark.createDataFrame(games, f"{GAME_LOGS[log]} string, {COLUMNS}")
    frames["nbac_schedule"] = spark.createDataFrame([], SCHEDULE)
    return sorted((tuple(row) for row in with_changed_future(frames, DATE)[log].collect()), key=repr)


@pytest.mark.parametrize("log", GAME_LOGS)
def test_games_before_the_date_are_as_they_were(spark: SparkSession, log: str) -> None:
    past = [game("anna", YESTERDAY), game("bert", None), ("carl", YESTERDAY, *[None] * 6)]
    assert changed(log, spark, past) == sorted(past, key=repr)


@pytest.mark.parametrize("log", GAME_LOGS)
@pytest.mark.parametrize("date", [DATE, TOMORROW], ids=["the_date", "later"])
def test_games_of_the_future_are_deleted_or_altered_and_others_are_played(
    spark: SparkSession, log: str, date: datetime.date
) -> None:
    kept = [player for player in PLAYERS if zlib.crc32(f"{player}{date}".encode()) % 3]
    assert 0 < len(kept) < len(PLAYERS)
    altered = [(player, date, 2021, 27, Decimal("105.5"), False, "changed", TIME) for player in kept]
    added = [game(player, DATE) for player in PLAYERS]
    assert changed(log, spark, [game(player, date) for player in PLAYERS]) == sorted(altered + added, key=repr)


def test_what_nobody_knew_of_a_game_is_known_afterwards(spark: SparkSession) -> None:
    unknown = ("anna", TOMORROW, 2021, None, None, None, None, None)
    expected = [("anna", TOMORROW, 2021, 7, Decimal("7.0"), False, "changed", None), ("anna", DATE, *unknown[2:])]
    assert changed("player_game_summary", spark, [unknown]) == sorted(expected, key=repr)


def test_the_schedule_keeps_its_dates_and_what_is_final_changes(spark: SparkSession) -> None:
    frames = {name: spark.createDataFrame([], f"{key} string, {COLUMNS}") for name, key in GAME_LOGS.items()}
    dates = {"past": YESTERDAY, "date": DATE, "future": TOMORROW, "undated": None}
    lines = [(f"{name} {status}", date, status, "playoffs") for name, date in dates.items() for status in (1, 3)]
    frames["nbac_schedule"] = spark.createDataFrame(lines, SCHEDULE)
    other = {1: 3, 3: 1}
    expected = [(*line[:2], other[line[2]] if line[1] in (DATE, TOMORROW) else line[2], line[3]) for line in lines]
    assert [tuple(row) for row in with_changed_future(frames, DATE)["nbac_schedule"].collect()] == expected
