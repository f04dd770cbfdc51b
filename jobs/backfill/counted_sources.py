"""The rows of sources counted by date, for the plan: by statements where the warehouse answers those, else by Spark.

Both ways give the same rows.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from multiprocessing.pool import ThreadPool

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.backfill.opened_sources import OpenedSources
from jobs.backfill.source_statements import CountedSource, played_without_context_statement, source_counts_statement
from jobs.planning.plan import Played, RequestedDates
from jobs.planning.source_counts import CountedRows
from jobs.schemas import tables as schemas
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse
from transforms.game_dates import UPSTREAM_DATES, rows_by_date, rows_with_context
from transforms.without_context import players_without_context

CONTEXT = schemas.UPCOMING_PLAYER_GAME_CONTEXT
OF_THE_DATES = [table.name for table in (*schemas.PHASE4_TABLES, CONTEXT)]
"""The tables that are read of the requested dates alone."""
_KEY_COLUMNS = 2
_QUERIES_AT_ONCE = 2


def asked_rows_by_date(warehouse: Warehouse, sources: OpenedSources, requested: RequestedDates) -> list[CountedRows]:
    """The rows of `counted_rows`, by one statement."""
    counted = {name: _counted_source(warehouse, sources, name, requested) for name in sources}
    context = counted.pop(CONTEXT.name)
    precomputed = [source for name, source in counted.items() if name in UPSTREAM_DATES]
    others = [source for name, source in counted.items() if name not in UPSTREAM_DATES]
    rows = warehouse.ask(lambda dialect: source_counts_statement(dialect, context, precomputed, others))
    return [CountedRows.of_row({**row, "rows": row["row_count"]}) for row in rows]


def asked_for_played(
    warehouse: Warehouse, sources: OpenedSources, requested: RequestedDates
) -> dict[datetime.date, Played]:
    """The dates of `played_without_context`, by one statement."""
    games, context = (
        _counted_source(warehouse, sources, name, requested)
        for name in (schemas.PLAYER_GAME_SUMMARY.name, CONTEXT.name)
    )
    asked = (requested.start, requested.end)
    rows = warehouse.ask(lambda dialect: played_without_context_statement(dialect, games, context, asked))
    return {row["game_date"]: Played.of_row(row) for row in rows}


def _counted_source(
    warehouse: Warehouse, sources: OpenedSources, name: str, requested: RequestedDates
) -> CountedSource:
    table, between = sources.reads[name]
    listed = requested.listed if name in OF_THE_DATES else None
    return CountedSource(table, warehouse.sql_name(table), between, listed)


def counted_rows(
    sources: Mapping[str, DataFrame], requested: RequestedDates, tables: Sequence[Table]
) -> list[CountedRows]:
    """The rows of `rows_by_date`, by few queries: opening a table is the driver's work, and it has two hands."""
    asked = {table.name: _asked(sources[table.name], table, requested) for table in tables}
    keys = {
        table.name: table.key if len(table.key) == _KEY_COLUMNS else (*table.key, table.date_column) for table in tables
    }
    precomputed = {name: rows for name, rows in asked.items() if name in UPSTREAM_DATES}
    alone = [name for name in asked if name not in (*precomputed, CONTEXT.name)]
    counted = [
        rows_with_context((CONTEXT.name, asked[CONTEXT.name]), precomputed, keys),
        *[rows_by_date({name: asked[name]}, keys) for name in alone],
    ]

    def collected(rows: DataFrame) -> list[CountedRows]:
        return [CountedRows.of_row(row.asDict()) for row in rows.collect()]

    with ThreadPool(_QUERIES_AT_ONCE) as pool:
        return [row for rows in pool.map(collected, counted, chunksize=1) for row in rows]


def _asked(rows: DataFrame, table: Table, requested: RequestedDates) -> DataFrame:
    """Without the dates that stand between the listed ones, where a table is read of the requested dates alone."""
    if requested.listed is None or table.name not in OF_THE_DATES:
        return rows
    date = F.col(table.date_column)
    return rows.where(date.isNull() | date.isin(list(requested.listed)))


def played_without_context(sources: Mapping[str, DataFrame], requested: RequestedDates) -> dict[datetime.date, Played]:
    """Who played on each requested date and has no context row; dates without one are left out."""
    without = players_without_context(*games_and_context(sources, requested))
    by_date = without.groupBy("game_date").agg(
        F.count("*").alias("players"),
        F.min("player_lookup").alias("first_player"),
        F.max("player_lookup").alias("last_player"),
    )
    return {row["game_date"]: Played.of_row(row.asDict()) for row in by_date.collect()}


def games_and_context(sources: Mapping[str, DataFrame], requested: RequestedDates) -> tuple[DataFrame, DataFrame]:
    """The player game log and context of the requested dates alone."""
    games, context = sources[schemas.PLAYER_GAME_SUMMARY.name], sources[CONTEXT.name]
    return of_dates(games, requested), of_dates(context, requested)


def of_dates(rows: DataFrame, requested: RequestedDates) -> DataFrame:
    """The rows whose `game_date` was asked for."""
    date = F.col("game_date")
    if requested.listed is not None:
        return rows.where(date.isin(list(requested.listed)))
    return rows.where(date.between(F.lit(requested.start), F.lit(requested.end)))
