"""Random leagues by the thousand rows: the engine against the naive implementation, bit for bit.

Trades, absences, doubled games, NULLs, NaN, values out of range, re-processed rows, thin tables: see `Disorder`.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pyspark.sql import SparkSession

from tests.oracle.comparison import assert_same_rows
from tests.oracle.engine import dates_of, engine_rows, frames_of
from tests.oracle.histories import Tables
from tests.oracle.naive import expected_rows, upstream_present
from tests.oracle.newest import Key, Row
from tests.oracle.random_league import Digits, Disorder, day_0, random_tables
from tests.oracle.random_runs import DIGITS, PARTITIONINGS
from tests.spark_settings import configured

SEASON_START = {year: day_0(year) for year in range(2020, 2040)}
LEAGUES = 4
QUICK = {"spark.sql.adaptive.enabled": "false", "spark.sql.shuffle.partitions": "2"}
SETTINGS = {"quick": QUICK, **PARTITIONINGS}


@dataclass(frozen=True)
class Compared:
    """A set of leagues by its seed: how many rows were equal, or what differs."""

    seed: str
    settings: str
    rows: int
    difference: str | None = None


@dataclass(frozen=True)
class Leagues:
    """Leagues in one set of tables, how the engine is to compute them, and the rows it must find."""

    seed: str
    digits: list[Digits]
    tables: Tables
    dates: list[datetime.date]
    daily: bool
    settings: str
    expected: dict[Key, Row]


def compared(spark: SparkSession, rows: int, seed: int, players: int) -> Iterator[Compared]:
    """Sets of leagues, of so many players each, until so many rows were compared.

    While Spark computes one, the next is made.
    """
    done, number = 0, 0
    with ThreadPoolExecutor(1) as maker:
        made = maker.submit(leagues_of, f"{seed}.{number}", players)
        while done < rows:
            leagues = made.result()
            done, number = done + len(leagues.expected), number + 1
            if done < rows:
                made = maker.submit(leagues_of, f"{seed}.{number}", players)
            yield compared_set(spark, leagues)


def leagues_of(seed: str, players: int) -> Leagues:
    """The leagues of one seed, and settings of Spark that are drawn too."""
    drawn = random.Random(seed)
    digits = drawn.sample(DIGITS, len(DIGITS))
    tables = random_tables([disorder(drawn, players) for _ in range(LEAGUES)], digits)
    dates, daily, settings = dates_of(tables), drawn.random() < 0.5, drawn.choice(sorted(SETTINGS))
    expected = expected_rows(tables, dates, SEASON_START, daily=daily)
    return Leagues(seed, digits, tables, dates, daily, settings, expected)


def compared_set(spark: SparkSession, leagues: Leagues) -> Compared:
    """The engine's rows of these leagues, against those that it must find."""
    present = upstream_present(leagues.tables, leagues.dates)
    with configured(spark, SETTINGS[leagues.settings]):
        frames = frames_of(spark, leagues.tables, leagues.digits)
        found = engine_rows(frames, present, SEASON_START, daily=leagues.daily)
    difference = None
    try:
        assert_same_rows(leagues.expected, found)
    except AssertionError as error:
        difference = str(error)
    return Compared(leagues.seed, leagues.settings, len(leagues.expected), difference)


def disorder(drawn: random.Random, players: int) -> Disorder:
    """A league with some of all that goes wrong, and sometimes without one kind of it."""
    return Disorder(
        seed=drawn.getrandbits(32),
        players=players,
        nulls=drawn.choice((0.0, 0.05, 0.3)),
        duplicates=drawn.choice((0.0, 0.2, 0.6)),
        odd_text=drawn.choice((0.0, 0.3)),
        wild=drawn.choice((0.0, 0.3)),
        holes=drawn.choice((0.0, 0.1, 0.4)),
        regular_season=drawn.random() < 0.8,
        benched=drawn.choice((0.0, 0.3)),
        more_teams=drawn.choice((0, 10)),
        by_flags=drawn.random() < 0.5,
        constant=drawn.random() < 0.2,
        thin=drawn.choice((0.0, 0.3)),
    )
