"""The computation of the pre-computed tables: their five sources, opened and counted once, and a plan for each table.

The only place that knows both which of these tables there are and which transform wants them.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.backfill import sources
from jobs.backfill.opened_sources import OpenedSources
from jobs.config.settings import Settings
from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import Plan, PlannedDate, RequestedDates, requested_dates
from jobs.planning.thin_tables import is_thin
from jobs.schemas.precompute import TEAM_DEFENSE_WITH_ZONES, UPSTREAM_SOURCES
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse
from transforms.precomputed.tables import TEAM_DEFENSE, first_games, player_rows, skipped_rows, upstream_rows
from transforms.skips import SKIP_COLUMNS


class UpstreamSources:
    """What all four tables are computed from, for one range of dates."""

    def __init__(self, warehouse: Warehouse, settings: Settings, requested: RequestedDates) -> None:
        self.warehouse = warehouse
        self.requested = requested
        self._settings = settings
        self._opened = OpenedSources(warehouse, {})
        self._plan: Plan | None = None
        self._first_games: list[tuple[int, datetime.date]] | None = None
        self._players: DataFrame | None = None
        self._wanted = requested

    def want(self, requested: Collection[RequestedDates]) -> None:
        """Limits what is computed for several tables to the dates that one of them asks for."""
        days = {day.game_date for day in self.plan().dates if any(day.game_date in dates for dates in requested)}
        self._wanted = requested_dates(None, None, sorted(days)) if days else self.requested

    def opened(self) -> OpenedSources:
        """The five sources under contract, by name. ContractError when one is not as it must be."""
        if not self._opened:
            self._opened = sources.open_sources(self.warehouse, self.requested, UPSTREAM_SOURCES)
        return self._opened

    def plan(self) -> Plan:
        """Every requested game date; those of the early season are skipped. ContractError for an empty source."""
        if self._plan is None:
            plan = sources.plan_run(
                self.warehouse, self.opened(), self._settings, self.requested, tables=UPSTREAM_SOURCES, upstream=()
            )
            dates = [replace(day, action="skip") if day.state == "early_season" else day for day in plan.dates]
            self._plan = replace(plan, dates=tuple(dates))
        return self._plan

    def first_games(self) -> list[tuple[int, datetime.date]]:
        """Of every team and season the date of the first game: (season_year, game_date)."""
        if self._first_games is None:
            rows = first_games(self.opened()[TEAM_DEFENSE_WITH_ZONES.name]).collect()
            self._first_games = [(row["season_year"], row["first_game"]) for row in rows]
        return self._first_games

    def players(self) -> DataFrame:
        """The requests of all dates with their seasons, kept: three tables and what they leave out are made of them.

        Sorting and summing the game logs is most of the work of each.
        """
        if self._players is None:
            due = [day for day in self.plan().by_action("write") if day.game_date in self._wanted]
            self._players = player_rows(self.opened(), self.calendar(due)).persist(StorageLevel.MEMORY_AND_DISK)
        return self._players

    def calendar(self, dates: Sequence[PlannedDate]) -> DataFrame:
        """The dates as the transforms want them."""
        return sources.planned_calendar(self.opened()[sources.CONTEXT.name].sparkSession, dates)

    def close(self) -> None:
        """Releases what was kept."""
        if self._players is not None:
            self._players.unpersist()
            self._players = None

    def due_dates(self) -> list[datetime.date]:
        """The dates that each table should have."""
        return [day.game_date for day in self.plan().by_action("write")]

    def missing_dates(self, table: Table) -> list[datetime.date]:
        """The dates that the table should have and has too few rows of, by `minimum_rows` and `minimum_share`."""
        due = self.due_dates()
        if self.warehouse.checked_target(table) is None:
            return due
        rows = sources.held_rows(self.warehouse, self.opened()[sources.CONTEXT.name], table, self.requested)
        least, share = self._settings.minimum_rows.get(table.name, 1), self._settings.minimum_share.get(table.name)
        held = {of_date.game_date: of_date for of_date in rows}
        return [day for day in due if day not in held or held[day].usable_rows < least or is_thin(held[day], share)]


@dataclass
class UpstreamComputation:
    """The rows of one of the four tables, for some of the dates of its sources."""

    table: Table
    sources: UpstreamSources
    requested: RequestedDates
    features: int | None = None
    prune_by: Table | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)

    def open(self) -> int:
        """Opens the five sources."""
        return len(self.sources.opened())

    def plan(self) -> Plan:
        """Takes these dates of the sources' plan; in the teams' table a date has a row for each team, not player."""
        whole = self.sources.plan()
        dates = [day for day in whole.dates if day.game_date in self.requested]
        plan = replace(whole, requested=self.requested, dates=tuple(dates))
        if self.table.name != TEAM_DEFENSE:
            return plan
        begun = self.sources.first_games()
        teams = [
            replace(
                day,
                context_rows=sum(season == day.season_year and first < day.game_date for season, first in begun),
                unkeyed_rows=0,
            )
            for day in dates
        ]
        return replace(plan, dates=tuple(teams), undated_rows=0)

    def rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> DataFrame:
        """Computes one table from sources that several share."""
        rows = upstream_rows(
            self.table.name,
            self.sources.opened(),
            self.sources.calendar(dates),
            created_at=F.lit(created_at.replace(microsecond=0).isoformat()).cast("timestamp"),
            players=None if self.table.name == TEAM_DEFENSE else self.sources.players(),
        )
        # A NUMERIC stays as short as it is: of 38 digits it would be a number without bounds to Java, and slow.
        columns = [
            F.col(column.name) if column.type == "NUMERIC" else F.col(column.name).cast(column.spark_type)
            for column in self.table.columns
        ]
        return rows.select(*columns, *SKIP_COLUMNS)

    def rows_without_key(self) -> list[SkippedRow]:
        """Reads the context rows with a NULL key; the teams' table has none."""
        return [] if self.table.name == TEAM_DEFENSE else sources.rows_without_key(self.sources.opened())

    def skipped_rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> list[SkippedRow]:
        """Counts the games of this season, on which alone it depends."""
        skipped = skipped_rows(self.table.name, self.sources.players())
        return sources.skipped_rows(skipped.where(F.col("game_date").isin([planned.game_date for planned in dates])))

    def estimated_bytes(self) -> dict[str, int]:
        """Estimates the reads of the five sources."""
        return sources.estimated_bytes(self.sources.warehouse, self.sources.requested, UPSTREAM_SOURCES)
