"""The game dates of a run: which dates have a game, what their season is, and which pre-computed tables have rows.

One pass over the keys of all sources, one small row per source and date; the jobs decide what becomes of a date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.precomputed_lookup import PRECOMPUTED_SOURCES, TEAM_SOURCE
from transforms.schedule import REGULAR_SEASON, TEAM, phase

UPSTREAM_DATES = {source.table_name: source.date_column for source in PRECOMPUTED_SOURCES}
"""The date column of each of the four pre-computed tables."""
ALL_DATES = "all_dates"
"""The source of the one row of `rows_with_context` that counts over all dates."""


def rows_by_date(sources: Mapping[str, DataFrame], keys: Mapping[str, Sequence[str]]) -> DataFrame:
    """How many rows each source has of each date.

    Input: `sources` by table name, any number of rows per key; `keys`, the two key columns of each, the date last.
    Output: one row per (source, game_date, season_year), a NULL game_date included: `rows`; `keyed_rows` (distinct keys
    without a NULL: rows after de-duplication); `unkeyed_rows` (with a NULL in the key). The schedule alone has
    `season_year`, and `regular_season` (whether one of the rows is a regular-season game); elsewhere they are NULL.
    """
    return _counted(
        reduce(DataFrame.unionByName, [_key_rows(name, rows, keys[name]) for name, rows in sources.items()])
    )


def rows_with_context(
    context: tuple[str, DataFrame], precomputed: Mapping[str, DataFrame], keys: Mapping[str, Sequence[str]]
) -> DataFrame:
    """As `rows_by_date` of context and of pre-computed tables, and what those tables have of the rows of context.

    Input: `context` with its name, any number of rows per key; `precomputed` by table name, of the players of context,
    or of the teams in it, own and opponents. Output: the same rows as `rows_by_date`, with `asked` (of a pre-computed
    table: how many players or teams context has on the date) and `answered` (how many of those have a row in it); and
    one more of the source `ALL_DATES` without a date: its `entities` are the players that have a date.
    """
    name, rows = context
    player, date = (F.col(column) for column in keys[name])
    # Each row several times, as itself and as what it asks of the other tables: one pass over context for all of it.
    meanings = [
        _meaning(name, player, date, is_row=1),
        _meaning(ALL_DATES, F.when(date.isNotNull(), player), F.lit(None).cast("date"), is_row=1),
    ]
    for table in precomputed:
        teams = [F.col(team) for team in (TEAM, "opponent_team_abbr")]
        asked = teams if table == TEAM_SOURCE.table_name else [player]
        meanings += [_meaning(table, entity, date, is_row=0) for entity in asked]
    has_key = F.col("game_date").isNotNull() & F.col("entity").isNotNull() & player.isNotNull()
    of_context = (
        rows.select(*keys[name][:1], F.explode(F.array(*meanings)).alias("meaning"))
        .select(player, "meaning.*")
        .where((F.col("is_row") == 1) | has_key)
        .drop(keys[name][0])
    )
    no_season = {"season_year": F.lit(None).cast("bigint"), "regular_season": F.lit(None).cast("boolean")}
    tables = [_key_rows(table, of_table, keys[table]) for table, of_table in precomputed.items()]
    return _counted(reduce(DataFrame.unionByName, tables, of_context.withColumns(no_season)))


def _meaning(source: str, entity: Column, date: Column, *, is_row: int) -> Column:
    return F.struct(
        F.lit(source).alias("source"), date.alias("game_date"), entity.alias("entity"), F.lit(is_row).alias("is_row")
    )


_DATE = ("source", "game_date", "season_year")


def _counted(key_rows: DataFrame) -> DataFrame:
    has_key = F.col("game_date").isNotNull() & F.col("entity").isNotNull()
    is_there, is_asked = F.col("rows") > 0, F.col("asked") > 0
    return (
        key_rows.groupBy(*_DATE, "entity")
        .agg(
            F.sum("is_row").alias("rows"),
            F.sum(1 - F.col("is_row")).alias("asked"),
            F.max("regular_season").alias("regular_season"),
        )
        .groupBy(*_DATE)
        .agg(
            F.sum("rows").alias("rows"),
            F.count(F.when(has_key & is_there, F.lit(1))).alias("keyed_rows"),
            F.coalesce(F.sum(F.when(~has_key, F.col("rows"))), F.lit(0)).alias("unkeyed_rows"),
            F.count(F.when(is_there, F.col("entity"))).alias("entities"),
            F.count(F.when(is_asked, F.lit(1))).alias("asked"),
            F.count(F.when(is_asked & is_there, F.lit(1))).alias("answered"),
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
        F.lit(1).alias("is_row"),
        F.col(date_column).alias("game_date"),
        season_year.cast("bigint").alias("season_year"),
        F.col(entity).alias("entity"),
        regular_season.cast("boolean").alias("regular_season"),
    )
