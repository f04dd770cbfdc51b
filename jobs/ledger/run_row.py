"""A row of `feature_runs`: all that a process wrote of its run at one moment.

Columns as fields, in the order of the schema; what follows from several rows of a run is in `history`.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from jobs.schemas.tables import PHASES

_OUTCOMES = ("inserted", "updated", "unchanged", "skipped", "not_computed", "pruned")


@dataclass(frozen=True)
class RunRow:
    """One row, of a run that may still be under way: a column that is not known yet is None."""

    run_id: str
    job: str | None
    parameters: str | None
    code_version: str | None
    engine: str | None
    host: str | None
    pid: int | None
    started_at: datetime.datetime
    heartbeat_at: datetime.datetime
    finished_at: datetime.datetime | None
    status: str
    phase: str | None
    slice: int | None
    slices: int | None
    dates_no_games: int | None
    dates_early_season: int | None
    dates_ready: int | None
    dates_missing_upstream: int | None
    dates_written: int | None
    dates_failed: int | None
    dates_skipped: int | None
    rows_planned: int | None
    rows_inserted: int | None
    rows_updated: int | None
    rows_unchanged: int | None
    rows_skipped: int | None
    rows_not_computed: int | None
    rows_pruned: int | None
    played_without_context: int | None
    seconds_plan: float | None
    seconds_read: float | None
    seconds_compute: float | None
    seconds_stage: float | None
    seconds_verify: float | None
    seconds_merge: float | None
    error: str | None
    target_before: str | None
    checkpoint: str | None
    warnings: str | None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> RunRow:
        """One row, whatever other columns it has; one of an earlier version may lack some."""
        values: dict[str, Any] = {column.name: row.get(column.name) for column in fields(cls)}
        return cls(**values)

    @property
    def told(self) -> dict[str, Any]:
        """How the run was started: `parameters`, read."""
        parameters: dict[str, Any] = json.loads(self.parameters or "{}")
        return parameters

    @property
    def claim(self) -> int:
        """The number of the claim by which the process of this row began; 0 of an earlier version's."""
        return int(self.told.get("claim") or 0)

    @property
    def rows(self) -> dict[str, int | None]:
        """The rows of the target by what became of them."""
        return {name: getattr(self, f"rows_{name}") for name in _OUTCOMES}

    @property
    def seconds(self) -> dict[str, float | None]:
        """How long each phase took."""
        return {name: getattr(self, f"seconds_{name}") for name in PHASES}

    def as_values(self) -> dict[str, Any]:
        """The row by its columns, as the warehouse takes it."""
        return asdict(self)
