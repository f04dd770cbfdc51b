"""Two whole seasons for oracle and engine: the real ones where they are, else invented ones."""

from __future__ import annotations

import datetime
import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import demo_league
from jobs.schemas.tables import Table
from tests.oracle.newest import Row

REAL_DATA = "../shared/data/nba_field"
SEASON_START = {2020: datetime.date(2020, 12, 22), 2021: datetime.date(2021, 10, 19)}


def read_seasons(
    spark: SparkSession, sources: Sequence[Table], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, list[Row]], dict[str, DataFrame]]:
    """These tables as rows and as frames, by name, with the columns of their contract; an absent one is NULL.

    The decimals of the frames are the tables' own, as a run reads them.
    """
    folder = Path(os.environ.get("FEATURE_STORE_TEST_DATA", Path(__file__).parents[2] / REAL_DATA))
    if not folder.is_dir():
        warnings.warn(f"no folder {folder}: two invented seasons in place of the real ones", stacklevel=1)
        folder = tmp_path_factory.mktemp("invented_league")
        demo_league.generate(folder, teams=6, players_per_team=12, seasons=(2020, 2021))
    tables: dict[str, list[Row]] = {}
    frames = {}
    for table in sources:
        path = folder / table.dataset / f"{table.name}.parquet"
        there = set(pq.read_schema(path).names)
        absent = [column.name for column in table.columns if column.name not in there]
        assert all(table.column(name).mode == "alternative" for name in absent), absent
        found = pq.read_table(path, columns=[name for name in table.column_names if name in there]).to_pylist()
        tables[table.name] = [{**dict.fromkeys(absent), **row} for row in found]
        columns = [
            F.col(column.name) if column.name in there else F.lit(None).cast(column.spark_type).alias(column.name)
            for column in table.columns
        ]
        frames[table.name] = spark.read.parquet(str(path)).select(*columns)
    return tables, frames
