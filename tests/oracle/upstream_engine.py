"""The upstream engine run on the oracle's input, and its rows side by side with the oracle's.

The feature engine's counterpart is `engine`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.schemas.precompute import UPSTREAM_SOURCES, UPSTREAM_TARGETS
from tests.oracle.comparison import assert_same_rows
from tests.oracle.engine import WRITTEN_AT, Frames, frames_of, rows_by_key, seasons_of
from tests.oracle.histories import Tables
from tests.oracle.newest import Key, Row
from tests.oracle.random_league import OF_THE_CONTRACT, Digits
from tests.oracle.upstream_naive import HASHED, KEYS
from transforms.precomputed.tables import upstream_rows
from transforms.season_calendar import is_bootstrap
from transforms.skips import SKIP_COLUMNS

RowsByTable = Mapping[str, Mapping[Key, Row]]
CALENDAR = "game_date date, season_year bigint, season_start date"


def upstream_frames(spark: SparkSession, tables: Tables, digits: Sequence[Digits] = OF_THE_CONTRACT) -> Frames:
    """The sources of the job as frames with the columns of its contract; its NUMERICs have `digits` in turn."""
    return frames_of(spark, tables, digits, UPSTREAM_SOURCES)


def engine_upstream(
    frames: Frames, dates: Collection[datetime.date], season_start: Mapping[int, datetime.date]
) -> dict[str, dict[Key, Row]]:
    """The engine's rows by table and key; AssertionError for a table without its columns, or two rows of a key."""
    schedule = frames["nbac_schedule"]
    seasons = seasons_of(schedule, season_start)
    days = [(date, season := seasons.season_year(date), seasons.season_start(season)) for date in sorted(dates)]
    computed = [day for day in days if day[2] is None or not is_bootstrap(day[0], day[2])]
    calendar = schedule.sparkSession.createDataFrame(computed, CALENDAR, verifySchema=False)
    found = {}
    for table in UPSTREAM_TARGETS:
        rows = upstream_rows(table.name, frames, calendar, created_at=F.lit(WRITTEN_AT))
        assert rows.columns == [*table.column_names, *SKIP_COLUMNS], table.name
        found[table.name] = rows_by_key(rows.where(F.col("skip_reason").isNull()), KEYS[table.name])
    assert found.keys() == HASHED.keys()
    return found


def assert_same_upstream(expected: RowsByTable, found: RowsByTable) -> None:
    """AssertionError, table by table, unless every column of every row is equal and was written at the run's time."""
    for name, rows in expected.items():
        assert_same_rows(rows, found[name], (*HASHED[name], "data_hash"))
        written = {(row["processed_at"], row["created_at"]) for row in found[name].values()}
        assert written == {(WRITTEN_AT, WRITTEN_AT)}, name


def game_dates_of(tables: Tables) -> list[datetime.date]:
    """Every date on which the context has a player, in order."""
    context = tables["upcoming_player_game_context"]
    keys = ((row["player_lookup"], row["game_date"]) for row in context)
    return sorted({date for player, date in keys if player is not None and date is not None})
