"""The ledger: what each run does, appended row by row to three tables; nothing is ever changed in it.

A change of a run's state is a new row; readers take the newest row of a run.
"""

from __future__ import annotations

import datetime
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from jobs.config.secrets import scrubbed, scrubbed_values
from jobs.errors import JobError, RefusedError
from jobs.ledger import process
from jobs.ledger.claims import SilentRunsError, check_free, check_still_held, check_still_silent
from jobs.ledger.damage import check_known
from jobs.ledger.heartbeat import Heartbeat
from jobs.ledger.history import LoggedDate, LoggedRun, RunHistory, runs_of
from jobs.ledger.liveness import SILENCE
from jobs.ledger.run_id import RunIdentity, code_version, now
from jobs.ledger.run_row import RunRow
from jobs.planning.outcome import DateOutcome, RunOutcome, SkippedRow
from jobs.planning.plan import RequestedDates
from jobs.schemas import tables as schemas
from jobs.spark.errors import explained
from jobs.warehouse.interface import Warehouse

_HEARTBEAT_SECONDS = 60.0
WATCHED_HEARTBEATS = 3
"""For how many of its heartbeats a run that was not heard of for long is watched before it counts as dead."""
_LONGEST_ERROR = 2000


class Ledger:
    """The ledger of one run, which holds its dates from `held` on."""

    def __init__(
        self,
        warehouse: Warehouse,
        run: RunIdentity,
        job: str,
        *,
        target: str,
        requested: RequestedDates,
        parameters: Mapping[str, Any],
        heartbeat_seconds: float = _HEARTBEAT_SECONDS,
        say: Callable[[str], None] = lambda line: None,
    ):
        self._warehouse = warehouse
        self._run = run
        self._target = target
        self._requested = requested
        self._say = say
        self._parameters = {
            "target": target,
            "dates": requested.as_json(),
            "requested": str(requested),
            "process": process.as_json(),
            "heartbeat_seconds": heartbeat_seconds,
            **parameters,
        }
        self._known: dict[str, Any] = {
            "run_id": run.run_id,
            "job": job,
            "code_version": code_version(),
            "engine": warehouse.engine,
            "host": run.host,
            "pid": run.pid,
            "started_at": run.started_at,
            "status": "running",
            "phase": schemas.CLAIM,
        }
        self._mine: LoggedRun | None = None
        self._gone: dict[str, int] = {}
        self._newest: datetime.datetime | None = None
        self._spoke = time.monotonic()
        self._lock = threading.Lock()
        self._heartbeat = Heartbeat(self._beat, heartbeat_seconds)

    @contextmanager
    def held(self) -> Iterator[Ledger]:
        """The life of a run: enters it, keeps its heartbeat, and writes that it failed when an error ends it.

        RefusedError, and nothing is entered, when another run holds one of the dates.
        """
        self._take_dates()
        self._known["phase"] = "read"
        self._heartbeat.start()
        try:
            with self._warehouse.naming_files():
                yield self
        except BaseException as error:
            self._heartbeat.stop()
            # The error itself is what the person must see, whatever becomes of the ledger; and a run that somebody
            # else has taken over is no longer this process's to speak of.
            if not isinstance(error, RefusedError):
                with suppress(Exception):
                    self._append(status="failed", finished_at=now(), error=_in_one_line(error))
            raise
        finally:
            self._heartbeat.stop()

    def enter(self, phase: str) -> None:
        """Notes which phase has begun; the row is written beside the work."""
        self._known["phase"] = phase
        self._heartbeat.hurry()

    def enter_slice(self, number: int, slices: int) -> None:
        """Notes which MERGE of how many is next. RefusedError when the dates are no longer this run's."""
        self._known.update(slice=number, slices=slices)
        self._heartbeat.hurry()
        self.check_still_held()

    def check_still_held(self) -> None:
        """RefusedError when another run or process has the dates now."""
        assert self._mine is not None
        check_still_held(RunHistory(self._warehouse).runs(), self._mine)

    def write_plan(self, outcome: RunOutcome) -> None:
        """Notes the counts by state, and writes the dates that fail or are skipped, those that are not written yet."""
        self._known.update({f"dates_{state}": dates for state, dates in outcome.plan.states.items()})
        self._known["rows_planned"] = outcome.plan.context_rows
        self._known["played_without_context"] = sum(outcome.plan.played_without_context.values())
        there = {(date.game_date, date.status) for date in self.earlier_dates()}
        ended = [date for date in outcome.dates.values() if date.status in ("failed", "skipped")]
        self.write_dates(date for date in ended if (date.planned.game_date, date.status) not in there)
        self._heartbeat.hurry()

    def write_skips(self, skips: Sequence[SkippedRow]) -> None:
        """Writes the rows that are skipped, unless the ledger has them already."""
        there = set(self.earlier_skips()) if skips else set()
        missing = [{"run_id": self._run.run_id, **asdict(skip)} for skip in skips if skip not in there]
        if missing:
            self._warehouse.append(schemas.FEATURE_RUN_SKIPS, missing)

    def write_checkpoint(self, checkpoint: str, target_before: str) -> None:
        """Writes, before the first MERGE, what a resumed run and a rollback start from."""
        self._append(checkpoint=checkpoint, target_before=target_before)

    def write_dates(self, outcomes: Iterable[DateOutcome]) -> None:
        """Writes what became of some dates."""
        rows = [self._date_row(outcome) for outcome in outcomes]
        if rows:
            self._warehouse.append(schemas.FEATURE_RUN_DATES, rows)

    def earlier_dates(self) -> list[LoggedDate]:
        """What an earlier process of this run wrote of its dates, the newest row of each."""
        return RunHistory(self._warehouse).dates(self._run.run_id)

    def earlier_skips(self) -> list[SkippedRow]:
        """The rows that an earlier process of this run skipped."""
        return RunHistory(self._warehouse).skips(self._run.run_id)

    def finish(self, outcome: RunOutcome) -> None:
        """Writes how a run with a plan ended."""
        self.end(
            outcome.ledger_status,
            **{f"dates_{status}": dates for status, dates in outcome.statuses.items()},
            **{f"rows_{name}": number for name, number in outcome.rows.items()},
            warnings=json.dumps([warning.as_json() for warning in outcome.warnings]) if outcome.warnings else None,
            rows_pruned=outcome.merged_rows["pruned"],
            **{f"seconds_{name}": outcome.seconds.get(name) for name in schemas.PHASES},
        )

    def end(self, status: str, **values: Any) -> None:
        """Writes how the run ended: its status, and other columns of `feature_runs`."""
        self._heartbeat.stop()
        self._append(status=status, finished_at=now(), **values)

    def write_rolled_back(self, game_dates: Iterable[datetime.date], undone: str) -> None:
        """Writes that some dates hold again what they held before a run."""
        of_all = {"run_id": self._run.run_id, "status": "rolled_back", "reason": f"run {undone} is undone"}
        rows = [{**of_all, "game_date": game_date, "recorded_at": self._time()} for game_date in game_dates]
        self._warehouse.append(schemas.FEATURE_RUN_DATES, rows)

    def _take_dates(self) -> None:
        """Enters the claim; runs that hold the dates and were long silent are watched first: they may still write."""
        while True:
            try:
                self._warehouse.append_exclusively(schemas.FEATURE_RUNS, self._claim)
                return
            except SilentRunsError as silent:
                self._watch(silent.runs)
                self._gone |= {run.run_id: run.rows for run in silent.runs}

    def _watch(self, silent: Sequence[LoggedRun]) -> None:
        """Waits for some heartbeats of runs; RefusedError when one of them writes."""
        beat = max(float(run.parameters.get("heartbeat_seconds") or _HEARTBEAT_SECONDS) for run in silent)
        seconds = WATCHED_HEARTBEATS * beat
        for run in silent:
            self._say(
                f"{run.described} was last heard at {run.row.heartbeat_at:%Y-%m-%d %H:%M:%S}: for {seconds:.0f} s "
                "the ledger is watched, to see whether it lives"
            )
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, beat / 2))
            runs = RunHistory(self._warehouse).runs()
            check_still_silent(runs, silent, self._target, self._requested, self._run.run_id)

    def _claim(self, rows: list[dict[str, Any]]) -> Mapping[str, Any]:
        runs = runs_of(rows)
        check_known(self._warehouse, rows)
        check_free(runs, self._target, self._requested, self._run.run_id, self._gone)
        numbered = {**self._parameters, "claim": 1 + max((run.row.claim for run in runs), default=0)}
        self._known["parameters"] = json.dumps(scrubbed_values(numbered), default=str, sort_keys=True)
        row = {**self._known, "heartbeat_at": self._time()}
        self._mine, self._spoke = LoggedRun(RunRow.of_row(row), row["heartbeat_at"]), time.monotonic()
        return row

    def _beat(self) -> None:
        if time.monotonic() - self._spoke > SILENCE.total_seconds() / 2:
            self.check_still_held()
        self._append()

    def _append(self, **values: Any) -> None:
        """One more row: what is known of the run, and these values."""
        with self._lock:
            row = {**self._known, "heartbeat_at": self._time(), **values}
            self._warehouse.append(schemas.FEATURE_RUNS, [row])
            self._spoke = time.monotonic()

    def _time(self) -> datetime.datetime:
        """The present moment, later than any before: it tells the newest row of a run, and clocks are set back."""
        newest, present = self._newest, now()
        self._newest = present if newest is None else max(present, newest + datetime.timedelta(microseconds=1))
        return self._newest

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
            "pruned": outcome.pruned,
            "played_without_context": planned.played_without_context,
            "mean_quality": outcome.mean_quality,
            **{f"share_{source}": share for source, share in outcome.shares.items()},
            "recorded_at": self._time(),
        }


def _in_one_line(error: BaseException) -> str:
    """What ended a run, as the ledger has it: without a stack, without a secret."""
    told = f"{type(error).__name__}: {'; '.join(str(error).splitlines())}"
    return scrubbed(told if isinstance(error, JobError) else explained(error))[:_LONGEST_ERROR]
