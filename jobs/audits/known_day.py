"""Sources that know a day more: what a table would have been computed from that has seen the day it is keyed to.

Only dates are moved; the transforms are asked the same question of both.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.schemas.tables import NBAC_SCHEDULE
from transforms.changed_future import GAME_LOGS
from transforms.schedule import FINAL


def with_day_known(sources: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """The sources with every game a day earlier, so that those of a date stand before it.

    Input: sources by table name, of them any. What is asked for (context, pre-computed rows) keeps its date, and so do
    the schedule's dates and phases, which are known in advance: only its results move.
    """
    moved = {name: _a_day_earlier(sources[name]) for name in GAME_LOGS if name in sources}
    schedule = sources[NBAC_SCHEDULE.name]
    return {**sources, **moved, NBAC_SCHEDULE.name: _with_earlier_results(schedule)}


def _a_day_earlier(games: DataFrame) -> DataFrame:
    return games.withColumn("game_date", F.date_sub("game_date", 1))


def _with_earlier_results(schedule: DataFrame) -> DataFrame:
    planned = schedule.withColumn("game_status", F.lit(None).cast("bigint"))
    # Without an id, so that a result is never taken for the game that a team has on the date.
    results = _a_day_earlier(schedule.where(F.col("game_status") == FINAL)).withColumn(
        "game_id", F.lit(None).cast("string")
    )
    return planned.unionByName(results)
