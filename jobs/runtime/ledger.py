"""The ledger: what each run did, appended row by row to three tables; nothing is ever changed in it.

A change of a run's state is a new row; readers take the newest row of a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from jobs.runtime.outcome import DateOutcome, RunOutcome
from jobs.runtime.progress import PHASES
from jobs.runtime.run_identity import RunIdentity, code_version, now
from jobs.warehouse import schemas
from jobs.warehouse.interface import Warehouse


class Ledger:
    """The ledger of one run."""

    def __init__(self, warehouse: Warehouse, run: RunIdentity, job: str, parameters: Mapping[str, Any]):
        self._warehouse = warehouse
        self._run = run
        self._of_run = {
            "run_id": run.run_id,
            "job": job,
            "parameters": json.dumps(parameters, default=str, sort_keys=True),
            "code_version": code_version(),
            "engine": warehouse.engine,
            "host": run.host,
            "pid": run.pid,
            "started_at": run.started_at,
        }

    @contextmanager
    def recorded(self, outcome: RunOutcome) -> Iterator[Ledger]:
        """Writes that the run is under way, and at the end how it ended, also when it fails."""
        self._append_run(status="running")
        try:
            self.write_dates(date for date in outcome.dates.values() if date.status in ("failed", "skipped"))
            yield self
            self._finish(outcome)
        except BaseException as error:
            # The error itself is what the person must see, whatever becomes of the ledger.
            with suppress(Exception):
                self._fail(error)
            raise

    def write_dates(self, outcomes: Iterable[DateOutcome]) -> None:
        """Writes what became of some dates."""
        rows = [self._date_row(outcome) for outcome in outcomes]
        if rows:
            self._warehouse.append(schemas.FEATURE_RUN_DATES, rows)

    def _finish(self, outcome: RunOutcome) -> None:
        """Writes which rows were left out, and how the run ended."""
        if outcome.skips:
            of_run = {"run_id": self._run.run_id}
            self._warehouse.append(schemas.FEATURE_RUN_SKIPS, [{**of_run, **skip} for skip in outcome.skips])
        states = {f"dates_{state}": dates for state, dates in outcome.plan.states.items()}
        statuses = {f"dates_{status}": dates for status, dates in outcome.statuses.items()}
        rows = {f"rows_{name}": number for name, number in outcome.rows.items()}
        seconds = {f"seconds_{name}": outcome.seconds.get(name) for name in PHASES}
        planned = {"rows_planned": outcome.plan.context_rows}
        self._append_run(
            status=outcome.ledger_status, finished_at=now(), **states, **statuses, **planned, **rows, **seconds
        )

    def _fail(self, error: BaseException) -> None:
        """Writes that the run ended with an error."""
        self._append_run(status="failed", finished_at=now(), error=f"{type(error).__name__}: {error}"[:2000])

    def _append_run(self, **values: Any) -> None:
        self._warehouse.append(schemas.FEATURE_RUNS, [{**self._of_run, "heartbeat_at": now(), **values}])

    def _date_row(self, outcome: DateOutcome) -> dict[str, Any]:
        planned = outcome.planned
        return {
            "run_id": self._run.run_id,
            "game_date": planned.game_date,
            "state": planned.state,
            "status": outcome.status,
            "reason": planned.reason,
            "context_rows": planned.context_rows,
            "inserted": outcome.inserted,
            "updated": outcome.updated,
            "unchanged": outcome.unchanged,
            "skipped": outcome.skipped,
            "mean_quality": outcome.mean_quality,
            **{f"share_{source}": share for source, share in outcome.shares.items()},
            "recorded_at": now(),
        }
