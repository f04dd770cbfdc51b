"""The engine run on the oracle's input, and its rows as plain Python values."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from jobs.schemas.tables import SOURCES, Table
from tests.oracle.histories import Tables
from tests.oracle.newest import Key, Row
from tests.oracle.random_league import OF_THE_CONTRACT, Digits, digits_by_column
from transforms.assemble import feature_rows
from transforms.schedule import REGULAR_SEASON, phase
from transforms.season_calendar import ScheduledDate, SeasonCalendar

Frames = Mapping[str, DataFrame]
CALENDAR = "game_date date, season_year bigint, season_start date, upstream_present boolean"
WRITTEN_AT = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)


def frames_of(
    spark: SparkSession,
    tables: Tables,
    digits: Sequence[Digits] = OF_THE_CONTRACT,
    sources: Sequence[Table] = SOURCES,
) -> dict[str, DataFrame]:
    """The tables as frames with the columns of the contract, in its order; its NUMERICs have `digits` in turn."""
    frames = {}
    for table in sources:
        decimals = {
            name: T.DecimalType(of_column.whole + of_column.decimals, of_column.decimals)
            for name, of_column in digits_by_column(table, digits).items()
        }
        types = [decimals.get(column.name, column.spark_type) for column in table.columns]
        schema = T.StructType(
            [T.StructField(name, type_) for name, type_ in zip(table.column_names, types, strict=True)]
        )
        rows = [{name: row[name] for name in table.column_names} for row in tables[table.name]]
        frames[table.name] = _frame_of(spark, rows, schema)
    return frames


def _frame_of(spark: SparkSession, rows: Sequence[Row], schema: T.StructType) -> DataFrame:
    """A frame of two partitions, from files: what Spark is handed by Python goes through Python again at each read."""
    folder = Path(_folder().name) / uuid4().hex
    folder.mkdir()
    of_arrow, half = to_arrow_schema(schema), len(rows) // 2
    for name, part in (("0", rows[:half]), ("1", rows[half:])):
        pq.write_table(pa.Table.from_pylist(part, of_arrow), folder / f"{name}.parquet")
    return spark.read.schema(schema).parquet(str(folder))


@lru_cache(1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="oracle-")


def engine_frame(
    frames: Frames,
    present: Mapping[datetime.date, bool],
    season_start: Mapping[int, datetime.date],
    *,
    daily: bool = False,
) -> DataFrame:
    """The engine's frame for the dates in `present`, which says whether all pre-computed tables know the date."""
    seasons = seasons_of(frames["nbac_schedule"], season_start)
    dates = [
        (date, season := seasons.season_year(date), seasons.season_start(season), complete)
        for date, complete in present.items()
    ]
    calendar = frames["nbac_schedule"].sparkSession.createDataFrame(dates, CALENDAR, verifySchema=False)
    return feature_rows(frames, calendar, created_at=F.lit(WRITTEN_AT), daily=daily)


def seasons_of(schedule: DataFrame, season_start: Mapping[int, datetime.date]) -> SeasonCalendar:
    """The engine's seasons, from the schedule as a job reads it."""
    scheduled = schedule.select("game_date", "season_year", phase() == REGULAR_SEASON).collect()
    return SeasonCalendar([ScheduledDate(*row) for row in scheduled], season_start)


def rows_by_key(frame: DataFrame, key_columns: Sequence[str] = ("player_lookup", "game_date")) -> dict[Key, Row]:
    """The frame's rows by key, times in UTC; AssertionError for a key that is there twice."""
    rows: dict[Key, Row] = {}
    timestamps = [field.name for field in frame.schema.fields if isinstance(field.dataType, T.TimestampType)]
    micros = frame.select(
        *[F.unix_micros(name).alias(name) if name in timestamps else F.col(name) for name in frame.columns]
    )
    for found in micros.collect():
        row: dict[str, Any] = dict(zip(micros.columns, found, strict=True))
        row.update({name: _instant(row[name]) for name in timestamps})
        key = (row[key_columns[0]], row[key_columns[1]])
        assert key not in rows, f"two rows for {key}"
        rows[key] = row
    return rows


def engine_rows(
    frames: Frames,
    present: Mapping[datetime.date, bool],
    season_start: Mapping[int, datetime.date],
    *,
    daily: bool = False,
) -> dict[Key, Row]:
    """The engine's rows by key."""
    return rows_by_key(engine_frame(frames, present, season_start, daily=daily))


def dates_of(tables: Tables) -> list[datetime.date]:
    """Every date of the context, in order."""
    return sorted({row["game_date"] for row in tables["upcoming_player_game_context"] if row["game_date"] is not None})


def _instant(microseconds: int | None) -> datetime.datetime | None:
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return None if microseconds is None else epoch + datetime.timedelta(microseconds=microseconds)
