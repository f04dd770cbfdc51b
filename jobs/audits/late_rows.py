"""Pre-computed rows that may have seen the games of their own day, by when they were processed.

In the field these tables are computed after the games of the day that they are keyed to; such rows were processed when
the game log had a game of the day, or more than a day after it. Rows that `backfill_upstream` wrote are late as well,
and clean.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.backfill.own_rows import Times, is_own, times_of_own_runs
from jobs.planning.plan import RequestedDates
from jobs.reports.training_set import LateRows
from jobs.schemas.tables import PHASE4_TABLES, PLAYER_GAME_SUMMARY, Table
from jobs.warehouse.interface import Warehouse
from transforms.played import is_played

_ONE_DAY = "INTERVAL 1 DAY"


def late_rows(warehouse: Warehouse, requested: RequestedDates) -> list[LateRows]:
    """How many rows of each pre-computed table are late, in the catalogue's order; a table that is absent has none."""
    times, first_results = times_of_own_runs(warehouse), _first_results(warehouse, requested)
    return [LateRows(table.name, _count(warehouse, table, requested, times, first_results)) for table in PHASE4_TABLES]


def _first_results(warehouse: Warehouse, requested: RequestedDates) -> DataFrame:
    """When the game log first had a played game of a date: a row per date, `date` and `first_result`.

    The schedule says that a game is final, not since when; by then it was.
    """
    names = ("game_date", "points", "minutes_played", "processed_at")
    columns = [PLAYER_GAME_SUMMARY.column(name) for name in names]
    games = warehouse.read(PLAYER_GAME_SUMMARY, (requested.start, requested.end), columns)
    played = games.withColumn("game", F.struct("points", "minutes_played")).where(is_played("game"))
    return played.groupBy(F.col("game_date").alias("date")).agg(F.min("processed_at").alias("first_result"))


def _count(
    warehouse: Warehouse, table: Table, requested: RequestedDates, times: Times, first_results: DataFrame
) -> int:
    if warehouse.actual_columns(table) is None:
        return 0
    columns = [table.column(name) for name in (table.date_column, "processed_at")]
    read = warehouse.read(table, (requested.start, requested.end), columns)
    rows = read.select(
        F.col(table.date_column).alias("date"),
        "processed_at",
        F.coalesce(is_own(warehouse, table, times), F.lit(False)).alias("own"),
    )
    latest = F.least(F.col("date").cast("timestamp") + F.expr(_ONE_DAY), "first_result")
    known = rows.where(~F.col("own")).join(F.broadcast(first_results), on="date", how="left")
    return known.where(F.col("processed_at") > latest).count()
