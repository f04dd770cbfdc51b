"""Every row of two whole seasons: the engine against the oracle, and the rows of a date against a changed future."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.schemas.tables import SOURCES
from tests.oracle.comparison import assert_same_rows
from tests.oracle.engine import dates_of, engine_rows
from tests.oracle.histories import Tables
from tests.oracle.naive import expected_rows, upstream_present
from tests.oracle.seasons import SEASON_START, read_seasons
from transforms.changed_future import with_changed_future

pytestmark = pytest.mark.usefixtures("as_in_a_job")


class League(NamedTuple):
    """Two seasons: as rows for the oracle, as frames for the engine, and the game dates."""

    tables: Tables
    frames: dict[str, DataFrame]
    dates: list[datetime.date]


@pytest.fixture(scope="module")
def two_seasons(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> League:
    tables, frames = read_seasons(spark, SOURCES, tmp_path_factory)
    return League(tables, frames, sorted(dates_of(tables)))


def test_every_column_of_every_row(two_seasons: League) -> None:
    tables, frames, dates = two_seasons
    # In the daily mode a row has all that it has in a back-fill, and a reason to be skipped.
    expected = expected_rows(tables, dates, SEASON_START, daily=True)
    assert len(expected) > 1_000
    found = engine_rows(frames, upstream_present(tables, dates), SEASON_START, daily=True)
    assert_same_rows(expected, found)


@pytest.mark.parametrize("part", [0.08, 0.45, 0.99], ids=["first_weeks", "summer", "last_days"])
def test_no_row_notices_the_future(two_seasons: League, part: float) -> None:
    tables, frames, dates = two_seasons
    date = dates[int(part * len(dates))]
    expected = expected_rows(tables, [date], SEASON_START)
    assert {row["early_season_flag"] for row in expected.values()} == {False}
    changed = with_changed_future(frames, date)
    assert_same_rows(expected, engine_rows(changed, upstream_present(tables, [date]), SEASON_START))
