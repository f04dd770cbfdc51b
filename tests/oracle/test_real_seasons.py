"""Every row of two whole seasons: the engine against the oracle, and the rows of a date against a changed future."""

from __future__ import annotations

import datetime
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import demo_league
from jobs.warehouse.schemas import SOURCES
from tests.oracle.comparison import assert_same_rows
from tests.oracle.engine import dates_of, engine_rows
from tests.oracle.histories import Tables
from tests.oracle.naive import expected_rows, upstream_present
from tests.oracle.newest import Row

REAL_DATA = "../shared/data/nba"
SEASON_START = {2020: datetime.date(2020, 12, 22), 2021: datetime.date(2021, 10, 19)}


class League(NamedTuple):
    """Two seasons: as rows for the oracle, as frames for the engine, and the game dates."""

    tables: Tables
    frames: dict[str, DataFrame]
    dates: list[datetime.date]


@pytest.fixture(scope="module")
def two_seasons(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[League]:
    folder = Path(os.environ.get("FEATURE_STORE_TEST_DATA", Path(__file__).parents[2] / REAL_DATA))
    if not folder.is_dir():
        warnings.warn(f"no folder {folder}: two invented seasons in place of the real ones", stacklevel=1)
        folder = tmp_path_factory.mktemp("invented_league")
        demo_league.generate(folder, teams=6, players_per_team=12, seasons=(2020, 2021))
    tables: dict[str, list[Row]] = {}
    frames = {}
    for table in SOURCES:
        path = folder / table.dataset / f"{table.name}.parquet"
        tables[table.name] = pq.read_table(path, columns=table.column_names).to_pylist()
        columns = [F.col(column.name).cast(column.spark_type).alias(column.name) for column in table.columns]
        frames[table.name] = spark.read.parquet(str(path)).select(*columns)
    yield League(tables, frames, sorted(dates_of(tables)))


@pytest.mark.parametrize("daily", [False, True], ids=["backfill", "daily"])
def test_every_column_of_every_row(two_seasons: League, daily: bool) -> None:
    tables, frames, dates = two_seasons
    expected = expected_rows(tables, dates, SEASON_START, daily=daily)
    assert len(expected) > 1_000
    found = engine_rows(frames, upstream_present(tables, dates), SEASON_START, daily=daily)
    assert_same_rows(expected, found)
