"""The computation of the feature store: its nine sources, its plan by their presence, its rows.

Wires `sources` to a run; decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pyspark.sql import DataFrame

from jobs.backfill import sources
from jobs.backfill.opened_sources import OpenedSources
from jobs.config.settings import Settings
from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import Plan, PlannedDate, RequestedDates
from jobs.schemas.tables import SOURCES, Table
from jobs.warehouse.interface import Warehouse
from transforms.catalogue import FEATURES
from transforms.feature_row import CONSTANTS


class FeatureComputation:
    """The features of every player of the requested dates.

    `filled` are dates of which a pre-computed table, by its name, will have rows by the time that this is computed.
    """

    features: int | None = len(FEATURES)
    constants: Mapping[str, Any] = MappingProxyType({name: value for name, (value, _) in CONSTANTS.items()})

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Settings,
        requested: RequestedDates,
        filled: Mapping[str, Collection[datetime.date]] | None = None,
    ) -> None:
        self.prune_by = sources.CONTEXT if settings.prune else None
        self._warehouse = warehouse
        self._settings = settings
        self._requested = requested
        self._filled = filled or {}
        self._tables: Sequence[Table] = SOURCES
        self._opened = OpenedSources(warehouse, {})

    def open(self) -> int:
        """Opens the nine sources."""
        if not self._opened:
            self._tables = [table for table in SOURCES if not self._is_yet_to_come(table)]
            self._opened = sources.open_sources(self._warehouse, self._requested, self._tables)
        return len(self._opened)

    def plan(self) -> Plan:
        """Decides by the presence of the pre-computed tables."""
        self.open()
        return sources.plan_run(
            self._warehouse, self._opened, self._settings, self._requested, self._filled, self._tables
        )

    def rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> DataFrame:
        """Makes a row of the feature store of every context row."""
        self.open()
        read: sources.Sources = self._opened
        if self._settings.add_played:
            read = sources.with_added_players(read, self._requested)
        return sources.computed_rows(read, dates, created_at=created_at, settings=self._settings)

    def rows_without_key(self) -> list[SkippedRow]:
        """Reads the context rows with a NULL key."""
        self.open()
        return sources.rows_without_key(self._opened)

    def skipped_rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> list[SkippedRow]:
        """Computes the dates again."""
        return sources.skipped_rows(self.rows(dates, created_at))

    def estimated_bytes(self) -> dict[str, int]:
        """Estimates the reads of the nine sources."""
        return sources.estimated_bytes(self._warehouse, self._requested, self._tables)

    def _is_yet_to_come(self, table: Table) -> bool:
        return table.name in self._filled and self._warehouse.actual_columns(table) is None
