"""The report of the ledger: the newest runs, or one run with its dates and the rows it skipped.

Shows what the ledger has; decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from jobs.ledger.history import LoggedDate, LoggedRun
from jobs.ledger.liveness import ENDED, Liveness
from jobs.planning.outcome import SkippedRow
from jobs.reports.fitted_table import FittedTable


@dataclass(frozen=True)
class RunStatus:
    """One run, and what is known of its life."""

    run: LoggedRun
    liveness: Liveness

    @property
    def status(self) -> str:
        """As the ledger has it, but `dead` or `silent` of a run that stopped without an end, or may have."""
        unheard = self.liveness in (Liveness.DEAD, Liveness.SILENT)
        return self.liveness.value if unheard else self.run.row.status

    @property
    def advice(self) -> str | None:
        """What can be done with a run that has not ended well; None of others."""
        row, run_id = self.run.row, self.run.run_id
        undone = self.run.rolled_back
        again = f"{row.job} --resume {run_id}" if undone is None else f"{row.job} {undone}"
        if row.status not in ("running", *ENDED):
            return f"this version does not know the status {row.status!r}; ask with version {row.code_version}"
        if self.status == Liveness.SILENT.value:
            heard = f"last heard at {row.heartbeat_at:%Y-%m-%d %H:%M:%S} by the clock of {row.host}"
            return f"{heard}; if it has died, resume with: {again}, or free its dates: status --release {run_id}"
        return f"failed; fix the cause, then resume with: {again}" if self.status in ("dead", "failed") else None

    def as_json(self) -> dict[str, Any]:
        """How it was started and what is known of it."""
        row = self.run.row
        return {
            "run_id": self.run.run_id,
            "job": row.job,
            "status": self.status,
            "target": self.run.target,
            "requested": None if self.run.requested is None else str(self.run.requested),
            "phase": row.phase,
            "slice": row.slice,
            "slices": row.slices,
            "host": row.host,
            "pid": row.pid,
            "started_at": row.started_at,
            "heartbeat_at": row.heartbeat_at,
            "finished_at": row.finished_at,
            "rows": row.rows,
            "rows_planned": row.rows_planned,
            "seconds": row.seconds,
            "error": row.error,
        }


@dataclass(frozen=True)
class RunList:
    """The newest runs, the newest first."""

    runs: Sequence[RunStatus]

    def as_json(self) -> dict[str, Any]:
        """Lists the runs, the newest first."""
        return {"job": "status", "runs": [run.as_json() for run in self.runs]}

    def render(self, console: Console) -> None:
        """Prints one line per run."""
        console.print(_runs_table(self.runs) if self.runs else "the ledger has no run")


@dataclass(frozen=True)
class RunDetails:
    """One run with its dates and skipped rows, as the ledger has them."""

    run: RunStatus
    dates: Sequence[LoggedDate]
    skips: Sequence[SkippedRow]

    @property
    def skips_by_reason(self) -> dict[str, int]:
        """How many rows were skipped for each reason."""
        return dict(Counter(skip.reason for skip in self.skips))

    def as_json(self) -> dict[str, Any]:
        """Adds dates and skipped rows to what is known of the run."""
        run = {
            **self.run.as_json(),
            "dates": [asdict(date) for date in self.dates],
            "skips": [{"run_id": self.run.run.run_id, **asdict(skip)} for skip in self.skips],
            "skipped_rows_by_reason": self.skips_by_reason,
        }
        return {"job": "status", "run": run}

    def render(self, console: Console) -> None:
        """Counts skipped rows by their reason."""
        console.print(_runs_table([self.run]))
        if self.dates:
            console.print(_dates_table(self.dates))
        for reason, rows in self.skips_by_reason.items():
            console.print(f"skipped {rows} rows: {reason}", markup=False)
        row = self.run.run.row
        if row.error:
            console.print(f"error    {row.error}", markup=False)
        if self.run.advice is not None:
            console.print(self.run.advice, markup=False)


def _runs_table(runs: Sequence[RunStatus]) -> FittedTable:
    table = FittedTable("runs, the newest first")
    table.add_columns("run", "job")
    table.add_columns("table", room="spare")
    table.add_columns("status")
    table.add_columns("phase", room="spare")
    table.add_columns("game dates", room="folds")
    table.add_columns("inserted", "updated", "unchanged", room="spare", right=True)
    for of_run in runs:
        run, row = of_run.run, of_run.run.row
        slices = f" {row.slice}/{row.slices}" if row.slice else ""
        written = [str(row.rows[name] or 0) for name in ("inserted", "updated", "unchanged")]
        table_name = (run.target or "").rsplit(".", 1)[-1]
        requested = "" if run.requested is None else str(run.requested)
        table.add_row(run.run_id, row.job or "", table_name, of_run.status, f"{row.phase}{slices}", requested, *written)
    return table


def _dates_table(dates: Sequence[LoggedDate]) -> FittedTable:
    table = FittedTable()
    table.add_columns("game date", "state", "status")
    table.add_columns("inserted", "updated", "unchanged", "skipped", room="spare", right=True)
    table.add_columns("reason", room="folds")
    for date in dates:
        counts = [str(rows) for rows in (date.inserted, date.updated, date.unchanged, date.skipped)]
        # The early season needs no pre-computed table: that they are missing is no news.
        not_needed = date.state == "early_season" and date.is_written
        table.add_row(
            str(date.game_date), date.state or "", date.status, *counts, "" if not_needed else date.reason or ""
        )
    return table
