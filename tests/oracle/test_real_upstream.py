"""Every pre-computed row of two whole seasons: the engine against the oracle, and a changed future."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import pytest
from pyspark.sql import SparkSession

from jobs.schemas.precompute import UPSTREAM_SOURCES
from tests.oracle.engine import Frames
from tests.oracle.seasons import SEASON_START, read_seasons
from tests.oracle.upstream_engine import RowsByTable, assert_same_upstream, engine_upstream, game_dates_of
from tests.oracle.upstream_naive import expected_upstream
from transforms.changed_future import with_changed_future

pytestmark = pytest.mark.usefixtures("as_in_a_job")


class League(NamedTuple):
    """Two seasons: the sources as frames for the engine, what the oracle makes of them, and the game dates."""

    frames: Frames
    expected: RowsByTable
    dates: list[datetime.date]


@pytest.fixture(scope="module")
def two_seasons(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> League:
    tables, frames = read_seasons(spark, UPSTREAM_SOURCES, tmp_path_factory)
    dates = game_dates_of(tables)
    return League(frames, expected_upstream(tables, dates, SEASON_START), dates)


def test_every_column_of_every_row(two_seasons: League) -> None:
    assert all(len(rows) > 500 for rows in two_seasons.expected.values())
    found = engine_upstream(two_seasons.frames, two_seasons.dates, SEASON_START)
    assert_same_upstream(two_seasons.expected, found)


@pytest.mark.parametrize("part", [0.08, 0.45, 0.99], ids=["first_weeks", "summer", "last_days"])
def test_no_row_notices_the_future(two_seasons: League, part: float) -> None:
    date = two_seasons.dates[int(part * len(two_seasons.dates))]
    of_date = {
        name: {key: row for key, row in rows.items() if key[1] == date} for name, rows in two_seasons.expected.items()
    }
    assert all(of_date.values())
    changed = with_changed_future(two_seasons.frames, date)
    assert_same_upstream(of_date, engine_upstream(changed, [date], SEASON_START))
