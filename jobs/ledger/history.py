"""What the ledger says of earlier runs: the newest row of each run, its dates, and who wrote a date last.

Reads only; what the warehouse gives as mappings becomes rows with named fields here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from jobs.errors import ConfigurationError
from jobs.ledger.damage import damage, whole
from jobs.ledger.run_row import RunRow
from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import RequestedDates
from jobs.schemas import tables as schemas
from jobs.schemas.tables import CLAIM
from jobs.warehouse.interface import Warehouse

ROLLBACK = "rollback"


@dataclass(frozen=True)
class LoggedRun:
    """One run as the ledger has it: `row` is its newest row of `feature_runs`, which has what became of it."""

    row: RunRow
    claimed_at: datetime.datetime
    checkpoint: str | None = None
    target_before: str | None = None
    rows: int = 1
    """How many rows of `feature_runs` it has; one more with every heartbeat, whatever its clock says."""

    @property
    def run_id(self) -> str:
        """Its name."""
        return self.row.run_id

    @property
    def parameters(self) -> dict[str, Any]:
        """How it was started."""
        return self.row.told

    @property
    def order(self) -> tuple[int, datetime.datetime]:
        """Orders runs by when they claimed their dates: claims are counted, since clocks of hosts differ."""
        return self.row.claim, self.claimed_at

    @property
    def target(self) -> str | None:
        """The table that it writes, as `Warehouse.identity` calls it."""
        return self.parameters.get("target")

    @property
    def requested(self) -> RequestedDates | None:
        """The dates that it holds; None of a run that was recorded without."""
        dates = self.parameters.get("dates")
        return None if dates is None else RequestedDates.from_json(dates)

    @property
    def rolled_back(self) -> str | None:
        """The run that this one put back; None of any other job."""
        return self.parameters.get("rolled_back")

    @property
    def described(self) -> str:
        """Who and where it is, in a line."""
        row = self.row
        asked = f"game dates {self.requested}, " if self.requested is not None else ""
        return f"run {self.run_id} ({row.job}, {asked}process {row.pid} on {row.host})"


@dataclass(frozen=True)
class LoggedDate:
    """What became of one date of a run, as the ledger has it: a row of `feature_run_dates`."""

    run_id: str
    game_date: datetime.date
    state: str | None
    status: str
    reason: str | None
    context_rows: int | None
    inserted: int | None
    updated: int | None
    unchanged: int | None
    skipped: int | None
    pruned: int | None
    mean_quality: float | None
    share_phase4: float | None
    share_phase4_partial: float | None
    share_phase3: float | None
    share_mixed: float | None
    share_early_season: float | None
    recorded_at: datetime.datetime

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> LoggedDate:
        """One row, whatever other columns it has; one of an earlier version may lack some."""
        values: dict[str, Any] = {column.name: row.get(column.name) for column in fields(cls)}
        return cls(**values)

    @property
    def is_written(self) -> bool:
        """Whether its rows are in the target."""
        return self.status == "written"

    @property
    def shares(self) -> dict[str, float]:
        """The fraction of its rows with each data_source; none of a table without that column."""
        found = {
            name.removeprefix("share_"): share for name, share in asdict(self).items() if name.startswith("share_")
        }
        return {source: share for source, share in found.items() if share is not None}


def runs_of(rows: Iterable[Mapping[str, Any]]) -> list[LoggedRun]:
    """The runs of rows of `feature_runs`, the newest claim first; damaged rows are passed over."""
    by_run: dict[str, list[RunRow]] = {}
    for row in map(RunRow.of_row, whole(rows)):
        by_run.setdefault(row.run_id, []).append(row)
    return sorted(map(_run, by_run.values()), key=lambda run: (*run.order, run.run_id), reverse=True)


def _run(rows: list[RunRow]) -> LoggedRun:
    """The run of these rows.

    At the same time an end counts as newer than a heartbeat, and so do rows of a later process.
    """
    in_order = sorted(
        rows,
        key=lambda row: (row.claim, row.heartbeat_at, row.phase != CLAIM, row.status != "running"),
    )
    claims = [row.heartbeat_at for row in in_order if row.phase == CLAIM]
    return LoggedRun(
        in_order[-1],
        claims[-1] if claims else in_order[0].started_at,
        next((row.checkpoint for row in reversed(in_order) if row.checkpoint), None),
        next((row.target_before for row in in_order if row.target_before), None),
        len(rows),
    )


class RunHistory:
    """The ledger of one warehouse, read once a question."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def runs(self) -> list[LoggedRun]:
        """Every run, the newest claim first."""
        return self.runs_and_damage()[0]

    def runs_and_damage(self) -> tuple[list[LoggedRun], list[str]]:
        """Every run, and a sentence for each that has damaged rows."""
        rows = self._warehouse.rows(schemas.FEATURE_RUNS)
        return runs_of(rows), damage(self._warehouse, rows)

    def run(self, run_id: str) -> LoggedRun:
        """One run; ConfigurationError when the ledger has none of this name."""
        found = runs_of(self._warehouse.rows(schemas.FEATURE_RUNS, run_id)) if _is_name(run_id) else []
        if not found:
            place = self._warehouse.display_name(schemas.FEATURE_RUNS)
            raise ConfigurationError(f"the ledger {place} has no run {run_id!r}; the job `status` lists the runs")
        return found[0]

    def damage(self, run_id: str) -> list[str]:
        """A sentence for each of the two tables where the run has damaged rows."""
        tables = (schemas.FEATURE_RUNS, schemas.FEATURE_RUN_DATES)
        rows = {table: self._warehouse.rows(table, run_id) for table in tables}
        return [line for table in tables for line in damage(self._warehouse, rows[table], table)]

    def undone(self, run_id: str) -> LoggedRun | None:
        """The run that rolled this one back, or may have, having reached its MERGE; None without one."""
        return next(
            (
                run
                for run in self.runs()
                if run.rolled_back == run_id and (run.row.status == "succeeded" or run.row.phase == "merge")
            ),
            None,
        )

    def dates(self, run_id: str | None = None) -> list[LoggedDate]:
        """What became of each date of a run, or of all runs: the newest row of each run and date, in order of dates."""
        newest: dict[tuple[str, datetime.date], LoggedDate] = {}
        of_dates = schemas.FEATURE_RUN_DATES
        rows = map(LoggedDate.of_row, whole(self._warehouse.rows(of_dates, run_id), of_dates))
        for date in sorted(rows, key=lambda date: date.recorded_at):
            newest[date.run_id, date.game_date] = date
        return sorted(newest.values(), key=lambda date: (date.game_date, date.recorded_at))

    def skips(self, run_id: str) -> list[SkippedRow]:
        """The rows that a run skipped."""
        rows = self._warehouse.rows(schemas.FEATURE_RUN_SKIPS, run_id)
        return [SkippedRow(row["game_date"], row["player_lookup"], row["reason"], row["detail"]) for row in rows]

    def writers(self, target: str) -> dict[datetime.date, list[tuple[datetime.datetime, LoggedRun]]]:
        """Which runs wrote each date of a table, and when, the last one last; without runs that were rolled back."""
        runs = self.runs()
        undone = {run.rolled_back for run in runs if run.rolled_back and run.row.status == "succeeded"}
        of_target = {run.run_id: run for run in runs if run.target == target and run.run_id not in undone}
        found: dict[datetime.date, list[tuple[datetime.datetime, LoggedRun]]] = {}
        for date in self.dates():
            if date.is_written and date.run_id in of_target:
                found.setdefault(date.game_date, []).append((date.recorded_at, of_target[date.run_id]))
        # A date is written by one run after the other, as they claimed it; their clocks may differ.
        return {day: sorted(wrote, key=lambda each: (*each[1].order, each[0])) for day, wrote in found.items()}


def _is_name(run_id: str) -> bool:
    """A name goes into a statement: letters, digits and hyphens."""
    return run_id.replace("-", "").isalnum()
