"""The game dates of a run: which dates have a game, what their season is, and which upstream tables know them.

One pass over the keys of all sources, one small row a source and date; the jobs decide what becomes of a date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from transforms.precomputed_lookup import PLAYER_SOURCES, TEAM_SOURCE
from transforms.schedule import REGULAR_SEASON, phase

UPSTREAM_DATES = dict((*PLAYER_SOURCES.values(), TEAM_SOURCE[1:]))
"""The date column of each of the four phase 4 tables."""
ALL_DATES = "all_dates"
"""The source of the one row of `rows_and_entities` that counts over all dates."""


def rows_by_date(sources: Mapping[str, DataFrame], keys: Mapping[str, Sequence[str]]) -> DataFrame:
    """How many rows each source has of each date.

    Input: `sources` by table name, any number of rows a key; `keys`, the two key columns of each, the date last.
    Output: one row a (source, game_date, season_year), a NULL game_date included: `rows`; `keyed_rows` (distinct keys
    without a NULL: rows after de-duplication); `unkeyed_rows` (with a NULL in the key). The schedule alone has
    `season_year`, and `regular_season` (whether one of the rows is a regular-season game); elsewhere they are NULL.
    """
    return _counted(
        reduce(DataFrame.unionByName, [_key_rows(name, rows, keys[name]) for name, rows in sources.items()])
    )


def rows_and_entities(source: str, rows: DataFrame, key: Sequence[str]) -> DataFrame:
    """As `rows_by_date` of one source, and how many entities it has on all dates together, in the same query.

    Output: the same rows, and one more of the source `ALL_DATES` without a date: its `entities` are the distinct ones
    that have a date. Those of any other row are distinct within its date.
    """
    keys = _key_rows(source, rows, key)
    # Each row twice, once for its date and once for all dates: a window over an entity's dates would take a sort.
    of_all_dates, has_date = F.col("source") == ALL_DATES, F.col("game_date").isNotNull()
    return _counted(
        keys.select(
            F.explode(F.array(F.lit(source), F.lit(ALL_DATES))).alias("source"),
            *[name for name in keys.columns if name != "source"],
        ).select(
            "source",
            F.when(~of_all_dates, F.col("game_date")).alias("game_date"),
            "season_year",
            F.when(~of_all_dates | has_date, F.col("entity")).alias("entity"),
            "regular_season",
        )
    )


_DATE = ("source", "game_date", "season_year")


def _counted(key_rows: DataFrame) -> DataFrame:
    has_key = F.col("game_date").isNotNull() & F.col("entity").isNotNull()
    return (
        key_rows.groupBy(*_DATE, "entity")
        .agg(F.count(F.lit(1)).alias("rows"), F.max("regular_season").alias("regular_season"))
        .groupBy(*_DATE)
        .agg(
            F.sum("rows").alias("rows"),
            F.count(F.when(has_key, F.lit(1))).alias("keyed_rows"),
            F.coalesce(F.sum(F.when(~has_key, F.col("rows"))), F.lit(0)).alias("unkeyed_rows"),
            F.count("entity").alias("entities"),
            F.max("regular_season").alias("regular_season"),
        )
    )


def _key_rows(source: str, rows: DataFrame, key: Sequence[str]) -> DataFrame:
    entity, date_column = key
    is_schedule = "home_team_tricode" in rows.columns
    season_year = F.col("season_year") if is_schedule else F.lit(None)
    regular_season = phase() == REGULAR_SEASON if is_schedule else F.lit(None)
    return rows.select(
        F.lit(source).alias("source"),
        F.col(date_column).alias("game_date"),
        season_year.cast("bigint").alias("season_year"),
        F.col(entity).alias("entity"),
        regular_season.cast("boolean").alias("regular_season"),
    )
