"""Where the warehouse's tables meet the transforms: sources opened under contract, the plan, the computed rows.

The only place that knows both which tables there are and which transform wants them.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.backfill.counted_sources import (
    OF_THE_DATES,
    asked_for_played,
    asked_rows_by_date,
    counted_rows,
    games_and_context,
    of_dates,
    played_without_context,
)
from jobs.backfill.opened_sources import OpenedSources
from jobs.config.settings import Settings
from jobs.errors import ContractError
from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import Plan, PlannedDate, Played, RequestedDates, plan_dates
from jobs.planning.source_counts import SourceCounts
from jobs.schemas import tables as schemas
from jobs.schemas.tables import Table
from jobs.spark.submitted_session import is_submitted, set_shuffle_partitions
from jobs.warehouse.dialect import DateRange
from jobs.warehouse.interface import Warehouse
from transforms.assemble import feature_rows
from transforms.game_dates import ALL_DATES, UPSTREAM_DATES, rows_with_context
from transforms.newest_inputs import NEWEST, newest_inputs
from transforms.season_calendar import ScheduledDate, SeasonCalendar, is_bootstrap
from transforms.skips import SKIP_COLUMNS, unkeyed_rows
from transforms.without_context import players_without_context, with_added_rows

CONTEXT = schemas.UPCOMING_PLAYER_GAME_CONTEXT
SCHEDULE = schemas.NBAC_SCHEDULE
_FIRST_DATE = datetime.date(1900, 1, 1)
_DAYS_OF_SCHEDULE_BEFORE, _DAYS_OF_SCHEDULE_AFTER = datetime.timedelta(days=370), datetime.timedelta(days=60)

Sources = Mapping[str, DataFrame]


def open_sources(
    warehouse: Warehouse, requested: RequestedDates, tables: Sequence[Table] = schemas.SOURCES
) -> OpenedSources:
    """Every source by table name, under contract: of the requested dates, or of all that came before them.

    ContractError, of all tables at once, when one is absent, lacks a column or has another type.
    """
    reads = _reads(requested, check_contracts(warehouse, tables))
    warehouse.check_cost(reads)
    return OpenedSources(warehouse, reads, tables)


def check_contracts(warehouse: Warehouse, tables: Sequence[Table]) -> list[Table]:
    """The tables, each with the columns that it has of its contract.

    ContractError, of all tables at once, when one is absent, lacks a column or has another type.
    """
    wrong, there = [], []
    for table in tables:
        try:
            there.append(replace(table, columns=tuple(warehouse.checked_columns(table))))
        except ContractError as error:
            wrong.append(str(error))
    if wrong:
        raise ContractError("\n".join(wrong))
    return there


def estimated_bytes(
    warehouse: Warehouse, requested: RequestedDates, tables: Sequence[Table] = schemas.SOURCES
) -> dict[str, int]:
    """The bytes that reading each source once will bill, by table name; empty where reading is free."""
    return warehouse.estimated_bytes(_reads(requested, check_contracts(warehouse, tables)))


def _reads(requested: RequestedDates, tables: Sequence[Table]) -> dict[Table, DateRange]:
    return {table: _dates_read(table, requested) for table in tables}


def _dates_read(table: Table, requested: RequestedDates) -> DateRange:
    if table.name == SCHEDULE.name:
        # Its dates are known in advance; what a date asks of it is not further away than its season.
        return (requested.start - _DAYS_OF_SCHEDULE_BEFORE, requested.end + _DAYS_OF_SCHEDULE_AFTER)
    return (requested.start if table.name in OF_THE_DATES else _FIRST_DATE, requested.end)


def plan_run(
    warehouse: Warehouse,
    sources: OpenedSources,
    settings: Settings,
    requested: RequestedDates,
    filled: Mapping[str, Collection[datetime.date]] | None = None,
    tables: Sequence[Table] = schemas.SOURCES,
    upstream: Sequence[str] = tuple(UPSTREAM_DATES),
) -> Plan:
    """The state and fate of every requested date. ContractError when a source holds no row at all.

    `tables` are those of `sources`, `upstream` the pre-computed tables that a date needs; `filled` are dates that one
    of those will have. On a cluster the queries that follow are cut into as many pieces as the rows need.
    """
    by_statement = warehouse.counts_by_statement
    counted = (
        asked_rows_by_date(warehouse, sources, requested) if by_statement else counted_rows(sources, requested, tables)
    )
    found = [row.counts for row in counted if row.counts.source != ALL_DATES]
    players = sum(row.entities for row in counted if row.counts.source == ALL_DATES)
    rows, unkeyed = Counter[str](), Counter[str]()
    for row in found:
        rows[row.source] += row.rows
        unkeyed[row.source] += row.unkeyed_rows
    filled = filled or {}
    for table in tables:
        if not rows[table.name] and table.name not in filled and warehouse.is_empty(table):
            raise ContractError(f"table {warehouse.display_name(table)} is empty; import its rows, then run again")
    scheduled = [row for row in counted if row.counts.source == SCHEDULE.name]
    seasons = SeasonCalendar(
        [ScheduledDate(row.counts.game_date, row.season_year, row.regular_season) for row in scheduled],
        settings.season_start,
    )
    counts = {(row.source, row.game_date): row for row in found if row.source in upstream and row.game_date is not None}
    for name, days in filled.items():
        enough = settings.minimum_rows.get(name, 1)
        counts.update({(name, day): SourceCounts(name, day, enough, enough, 0) for day in days})
    without_context: Mapping[datetime.date, Played] = {}
    if upstream and by_statement:
        without_context = asked_for_played(warehouse, sources, requested)
    elif upstream:
        without_context = played_without_context(sources, requested)
    played = {day: found.players for day, found in without_context.items()}
    dates, undated = plan_dates(
        [row for row in found if row.source == CONTEXT.name],
        counts,
        requested,
        seasons,
        on_missing=settings.on_missing,
        upstream=upstream,
        minimum_rows=settings.minimum_rows,
        is_bootstrap=is_bootstrap,
        minimum_share=settings.minimum_share,
        played_without_context=played,
        add_played=settings.add_played,
    )
    del unkeyed[CONTEXT.name]
    of_requested = tuple(row for row in found if row.game_date is None or row.game_date in requested)
    source_rows = {table.name: rows[table.name] for table in tables}
    if is_submitted():
        spark = sources[CONTEXT.name].sparkSession
        set_shuffle_partitions(spark, max(source_rows.values(), default=0), settings.engine.shuffle_partitions)
        warehouse.follow_partitions(spark)
    uncovered = {day: played[day] for day in sorted(set(played) - {planned.game_date for planned in dates})}
    examples = {day: found.examples for day, found in without_context.items()}
    return Plan(requested, tuple(dates), undated, players, of_requested, source_rows, unkeyed, uncovered, examples)


def held_rows(warehouse: Warehouse, context: DataFrame, table: Table, requested: RequestedDates) -> list[SourceCounts]:
    """What a pre-computed table holds of the requested dates, and of the players or teams in context."""
    rows = warehouse.read(table, (requested.start, requested.end), [table.column(name) for name in table.key])
    keys = {CONTEXT.name: CONTEXT.key, table.name: table.key}
    counted = rows_with_context((CONTEXT.name, context), {table.name: rows}, keys).where(F.col("source") == table.name)
    return [SourceCounts.of_row(row.asDict()) for row in counted.collect()]


def with_added_players(sources: Sources, requested: RequestedDates) -> dict[str, DataFrame]:
    """The sources, context with a row for each player who played on a requested date and has none."""
    games, context = games_and_context(sources, requested)
    # On dates that context knows alone: one without any row of it is no game date.
    known = context.select("game_date").distinct()
    players = players_without_context(games, context).join(known, on="game_date", how="left_semi")
    schedule = of_dates(sources[SCHEDULE.name], requested)
    return {**sources, CONTEXT.name: with_added_rows(sources[CONTEXT.name], players, schedule)}


def computed_rows(
    sources: Sources,
    dates: Sequence[PlannedDate],
    *,
    created_at: datetime.datetime,
    settings: Settings,
) -> DataFrame:
    """Every context row of the dates as a row of the target, with `skip_reason` and `skip_detail`."""
    return feature_rows(
        sources,
        planned_calendar(sources[CONTEXT.name].sparkSession, dates),
        created_at=F.lit(created_at.replace(microsecond=0).isoformat()).cast("timestamp"),
        daily=settings.mode == "daily",
    )


def planned_calendar(spark: SparkSession, dates: Sequence[PlannedDate]) -> DataFrame:
    """The dates as the transforms want them, one row per game_date."""
    rows = ", ".join(
        f"(DATE '{planned.game_date}', {planned.season_year}L, DATE '{planned.season_start}', "
        f"{str(not planned.missing_tables).upper()})"
        for planned in dates
    )
    columns = "game_date, season_year, season_start, upstream_present"
    calendar: DataFrame = spark.sql(f"SELECT * FROM VALUES {rows} AS calendar({columns})")
    return calendar


def newest_processed(sources: Sources, dates: Sequence[PlannedDate]) -> dict[datetime.date, datetime.datetime]:
    """When the newest row that each date would read was processed; without dates of which no row has a time."""
    calendar = planned_calendar(sources[CONTEXT.name].sparkSession, dates)
    rows = newest_inputs(sources, calendar).select("game_date", F.unix_micros(NEWEST).alias("micros")).collect()
    start = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
    return {
        row["game_date"]: start + datetime.timedelta(microseconds=row["micros"])
        for row in rows
        if row["micros"] is not None
    }


def rows_without_key(sources: Sources) -> list[SkippedRow]:
    """Context rows with a NULL key."""
    return _skipped(unkeyed_rows(sources[CONTEXT.name]))


def rows_to_write(rows: DataFrame) -> DataFrame:
    """The computed rows that are to be written, with one column more, `reason`."""
    # Spark's optimizer pushes a filter down to where its columns come from, and would compute every feature twice for
    # it, but never past a column that is not deterministic, as this one, of which the condition always holds.
    reason = F.when(F.spark_partition_id() >= 0, F.col("skip_reason")).alias("reason")
    return rows.select("*", reason).where(F.col("reason").isNull())


def skipped_rows(rows: DataFrame) -> list[SkippedRow]:
    """The computed rows that are not to be written."""
    return _skipped(rows.where(F.col("skip_reason").isNotNull()))


def _skipped(rows: DataFrame) -> list[SkippedRow]:
    columns = rows.select("game_date", "player_lookup", *SKIP_COLUMNS)
    return [SkippedRow(row[0], row[1], row["skip_reason"], row["skip_detail"]) for row in columns.collect()]
