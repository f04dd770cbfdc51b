"""What a run computes, as the run sees it: sources, a plan, rows; one class of it for each job.

A run knows no source and no transform; a computation writes nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pyspark.sql import DataFrame

from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import Plan, PlannedDate
from jobs.schemas.tables import Table


class Computation(Protocol):
    """The rows of one table for the requested dates.

    `features` is how many features a row has, None for a table without; `prune_by` is the table whose keys may stay in
    the target, None deletes nothing; `constants` are the values of columns that have one in all rows, by name.
    """

    features: int | None
    prune_by: Table | None
    constants: Mapping[str, Any]

    def open(self) -> int:
        """Opens the sources and gives their number. ContractError when one is not as it must be."""

    def plan(self) -> Plan:
        """The state and fate of every requested date. ContractError when a source holds no row at all."""

    def rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> DataFrame:
        """The rows of the dates, the table's columns, with `skip_reason` and `skip_detail`."""

    def rows_without_key(self) -> list[SkippedRow]:
        """Requests with a NULL key."""

    def skipped_rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> list[SkippedRow]:
        """The rows of the dates that are not to be written, but for those without a key."""

    def estimated_bytes(self) -> dict[str, int]:
        """The bytes that reading each source once will bill, by table name; empty where reading is free."""
