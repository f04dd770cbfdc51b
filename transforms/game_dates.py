"""The game dates of a run: which dates have a game, what their season is, and which upstream tables know them.

One pass over the keys of all sources, one small row a source and date; the jobs decide what becomes of a date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from transforms.season_calendar import REGULAR_SEASON
from transforms.upstream_rows import PLAYER_SOURCES, TEAM_SOURCE

UPSTREAM_DATES = dict((*PLAYER_SOURCES.values(), TEAM_SOURCE[1:]))
"""The date column of each of the four phase 4 tables."""


def rows_by_date(sources: Mapping[str, DataFrame], keys: Mapping[str, Sequence[str]]) -> DataFrame:
    """How many rows each source has of each date.

    Input: `sources` by table name, any number of rows a key; `keys`, the two key columns of each, the date last.
    Output: one row a (source, game_date, season_year), a NULL game_date included: `rows`; `keyed_rows` (distinct keys
    without a NULL: rows after de-duplication); `unkeyed_rows` (with a NULL in the key). The schedule alone has
    `season_year`, and `regular_season` (whether one of the rows is a regular-season game); elsewhere they are NULL.
    """
    counted = [_key_rows(source, rows, keys[source]) for source, rows in sources.items()]
    has_key = F.col("game_date").isNotNull() & F.col("entity").isNotNull()
    return (
        reduce(DataFrame.unionByName, counted)
        .groupBy(*_DATE, "entity")
        .agg(F.count(F.lit(1)).alias("rows"), F.max("regular_season").alias("regular_season"))
        .groupBy(*_DATE)
        .agg(
            F.sum("rows").alias("rows"),
            F.count(F.when(has_key, F.lit(1))).alias("keyed_rows"),
            F.coalesce(F.sum(F.when(~has_key, F.col("rows"))), F.lit(0)).alias("unkeyed_rows"),
            F.max("regular_season").alias("regular_season"),
        )
    )


_DATE = ("source", "game_date", "season_year")


def _key_rows(source: str, rows: DataFrame, key: Sequence[str]) -> DataFrame:
    entity, date_column = key
    is_schedule = {"season_year", "season_phase"} <= set(rows.columns)
    season_year = F.col("season_year") if is_schedule else F.lit(None)
    regular_season = F.col("season_phase") == REGULAR_SEASON if is_schedule else F.lit(None)
    return rows.select(
        F.lit(source).alias("source"),
        F.col(date_column).alias("game_date"),
        season_year.cast("bigint").alias("season_year"),
        F.col(entity).alias("entity"),
        regular_season.cast("boolean").alias("regular_season"),
    )
