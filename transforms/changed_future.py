"""A league in which everything on and after a date turned out differently: what a row of that date may not notice.

Only changes sources; what comes of it is looked at elsewhere.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

GAME_LOGS = {
    "player_game_summary": "player_lookup",
    "team_offense_game_summary": "team_abbr",
    "team_defense_game_summary": "defending_team_abbr",
}


def with_changed_future(frames: Mapping[str, DataFrame], date: datetime.date) -> dict[str, DataFrame]:
    """The frames with every game on or after the date deleted, altered or joined by another; the past is as it was.

    The schedule keeps its dates, seasons and phases, which are known in advance; what is final changes.
    """
    changed = {name: _changed_games(frames[name], key, date) for name, key in GAME_LOGS.items()}
    return {**frames, **changed, "nbac_schedule": _changed_results(frames["nbac_schedule"], date)}


def _changed_games(games: DataFrame, key: str, date: datetime.date) -> DataFrame:
    past = games.where(F.col("game_date").isNull() | (F.col("game_date") < F.lit(date)))
    future = games.where(F.col("game_date") >= F.lit(date))
    kept = future.where(F.crc32(F.concat(key, F.col("game_date").cast("string"))) % 3 != 0)
    altered = kept.select(*[_altered(field, key) for field in games.schema.fields])
    added = future.withColumn("game_date", F.lit(date))
    return past.unionByName(altered).unionByName(added)


def _altered(field: T.StructField, key: str) -> Column:
    value = F.col(field.name)
    if field.name in (key, "game_date", "season_year"):
        return value
    if isinstance(field.dataType, T.LongType | T.DecimalType):
        return (F.coalesce(value, F.lit(0)) + F.lit(7)).cast(field.dataType).alias(field.name)
    if isinstance(field.dataType, T.BooleanType):
        return (~F.coalesce(value, F.lit(True))).alias(field.name)
    return F.lit("changed").alias(field.name) if isinstance(field.dataType, T.StringType) else value


def _changed_results(schedule: DataFrame, date: datetime.date) -> DataFrame:
    other_status = F.when(F.col("game_status") == 3, F.lit(1)).otherwise(F.lit(3)).cast("bigint")
    status = F.when(F.col("game_date") >= F.lit(date), other_status).otherwise(F.col("game_status"))
    return schedule.withColumn("game_status", status)
