"""Random leagues by the thousand rows: the engine against the naive implementation, bit for bit.

Trades, absences, doubled games, NULLs, NaN, values out of range, re-processed rows, thin tables: see `Disorder`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.sql import SparkSession

from tests.oracle.comparison import assert_same_rows
from tests.oracle.engine import dates_of, engine_rows, frames_of
from tests.oracle.naive import expected_rows, upstream_present
from tests.oracle.random_league import Disorder, day_0, random_tables
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


def compared(spark: SparkSession, rows: int, seed: int, players: int) -> Iterator[Compared]:
    """Sets of leagues, of so many players each, until so many rows were compared."""
    done, number = 0, 0
    while done < rows:
        found = compared_set(spark, f"{seed}.{number}", players)
        yield found
        done, number = done + found.rows, number + 1


def compared_set(spark: SparkSession, seed: str, players: int) -> Compared:
    """The leagues of one seed in one set of tables, under settings of Spark that are drawn too."""
    drawn = random.Random(seed)
    digits = drawn.sample(DIGITS, len(DIGITS))
    tables = random_tables([disorder(drawn, players) for _ in range(LEAGUES)], digits)
    dates, daily, settings = dates_of(tables), drawn.random() < 0.5, drawn.choice(sorted(SETTINGS))
    expected = expected_rows(tables, dates, SEASON_START, daily=daily)
    with configured(spark, SETTINGS[settings]):
        frames = frames_of(spark, tables, digits)
        found = engine_rows(frames, upstream_present(tables, dates), SEASON_START, daily=daily)
    try:
        assert_same_rows(expected, found)
    except AssertionError as error:
        return Compared(seed, settings, len(expected), str(error))
    return Compared(seed, settings, len(expected))


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
