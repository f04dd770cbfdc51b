"""A small run on the emulator whose answers are lost, and what it leaves; by hand one call after the other."""

from __future__ import annotations

import datetime
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill_features import backfill_features
from jobs.config.settings import Settings, load_settings
from jobs.errors import JobError
from jobs.ledger.history import LoggedRun, runs_of
from jobs.planning.plan import RequestedDates
from jobs.rollback import rollback
from jobs.schemas.tables import FEATURE_RUN_DATES, FEATURE_RUN_SKIPS, FEATURE_RUNS, ML_FEATURE_STORE, Table
from jobs.spark.errors import explained
from jobs.warehouse.bigquery import connection
from jobs.warehouse.bigquery.connection import datasets_of
from jobs.warehouse.bigquery.query_jobs import Jobs
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.emulator import Emulator
from tests.end_to_end.store import silent
from tests.endurance.given_rows import no_spark
from tests.endurance.lost_answers import SECONDS_TO_GIVE_UP, Call, How, Losses, Numbered, Proxies, nothing
from tests.endurance.starts import beside
from tests.warehouse.bigquery.project import BigQueryProject

DATES = RequestedDates(datetime.date(2021, 11, 30), datetime.date(2021, 12, 1))
OPTIONS: dict[str, Any] = {"on_missing": "fallback", "merge_slice_rows": 1}
OF_A_RUN = ("run_id", "created_at", "updated_at", "recorded_at")
LONGEST = 600
Rows = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Left:
    """What a run has left, without what tells one run from another."""

    target: Rows
    dates: Rows
    skips: Rows
    run: tuple[str, ...]
    doubled: int
    """Rows of `feature_runs` that are there again."""
    tables: tuple[str, ...]

    def differences(self, other: Left) -> list[str]:
        """In which parts this is something else."""
        return [
            f"{part.name}: {getattr(self, part.name)}, not {getattr(other, part.name)}"[:LONGEST]
            for part in fields(self)
            if getattr(self, part.name) != getattr(other, part.name)
        ]


@dataclass
class Lossy:
    """What became of a run: the calls it made and whose answer was lost, its error, what it left, and then resumed.

    `missed` are calls whose answer was to be lost, and which the run has not made.
    """

    losses: Losses
    error: str | None
    left: Left
    resumed: bool = False
    wrong: list[str] = field(default_factory=list)
    missed: list[Numbered] = field(default_factory=list)

    @property
    def described(self) -> str:
        """In a line."""
        lost = ", ".join(f"{made.name} {made.number}" for _, made in self.losses.lost)
        missed = ", ".join(f"not made: {made.name} {made.number}" for made in self.missed)
        ended = "as without" if self.error is None else f"{'resumed after ' if self.resumed else ''}{self.error}"
        return "; ".join(filter(None, (lost, missed, ended[:LONGEST], *(f"WRONG {wrong}" for wrong in self.wrong))))


@dataclass
class LossTally:
    """What became of the calls of a name: how many lost their answer, and of those how many were got over, and how."""

    lost: int = 0
    resumed: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, found: Lossy, name: str) -> None:
        """A run: what ended it is what it lost last; where it left something wrong, all that it lost may be why."""
        names = [made.name for _, made in found.losses.lost]
        self.lost += names.count(name)
        self.missed += sum(made.name == name for made in found.missed)
        if found.wrong:
            self.wrong += names.count(name)
        elif found.error is not None and names[-1:] == [name]:
            self.resumed += 1

    @property
    def numbers(self) -> tuple[int, ...]:
        """Lost, got over without an error, resumed, wrong, not made."""
        return self.lost, self.lost - self.resumed - self.wrong, self.resumed, self.wrong, self.missed


KINDS: dict[str, Callable[[Call], bool]] = {
    "all": lambda _: True,
    "changes": lambda call: call.changes,
    "reads": lambda call: not call.changes,
    "storage": lambda call: not call.is_rest,
    "writes": lambda call: call.changes and not call.is_rest,
}


def told_of_calls(losses: Losses, meant: Callable[[Call], bool]) -> Counter[str]:
    """How many calls of each name a run has made, of those that are meant."""
    return Counter(call.name for call, _ in losses.calls if meant(call))


class LossyRuns:
    """Runs over targets of their own, of one emulator that has the league's files once.

    An overwrite is one of a target that has its rows, and a rollback undoes the run that has written them.
    """

    def __init__(
        self,
        spark: SparkSession | None,
        emulator: Emulator,
        proxies: Proxies,
        league: Path | None,
        run: str = "backfill",
    ) -> None:
        self._spark = spark or no_spark
        self._is_rollback = run == "rollback"
        self._options = {**OPTIONS, "write_mode": run} if run == "overwrite" else OPTIONS
        self._proxies = proxies
        self._emulator = emulator
        self._sources = BigQueryProject(emulator)
        if league is not None:
            self._sources.load_folder(league)
        self._expected: Left | None = None
        self.uninterrupted = self.run(nothing())
        self._expected = self.uninterrupted.left

    def run(self, losses: Losses) -> Lossy:
        """A run whose answers are lost so; resumed, with all its answers, when it fails."""
        project = beside(self._sources)
        undone = None
        if self._is_rollback or self._options != OPTIONS:
            self._backfill(project, {}, options=OPTIONS)
            undone = self._runs(project)[0].run_id
        error, self._proxies.losses = None, losses
        with pytest.MonkeyPatch.context() as patch:
            # The emulator answers at once.
            patch.setattr(connection, "HELD_BACK_SECONDS", 0)
            section = {**self._proxies.endpoints, "read_timeout_seconds": SECONDS_TO_GIVE_UP}
            try:
                self._act(project, section, undone)
            except Exception as failure:
                said = str(failure) if isinstance(failure, JobError) else explained(failure)
                error = f"{type(failure).__name__}: {said}"
        self._proxies.losses = nothing()
        found = Lossy(losses, error, self._left(project))
        if error is not None:
            whole = self._expected
            if whole is not None and (found.left.target, found.left.dates) == (whole.target, whole.dates):
                found.wrong.append("it says failed, and has written all")
            if not losses.lost:
                found.wrong.append("it failed, and no answer was lost")
            if len(error.splitlines()) > 1:
                found.wrong.append("it says more than a line")
            try:
                self._resume(project, found, undone)
            except Exception as failure:
                found.wrong.append(f"it is not resumed: {type(failure).__name__}: {failure}"[:LONGEST])
        if self._expected is not None:
            found.wrong += found.left.differences(self._expected)
        return found

    def each_call(
        self, how: How, meant: Callable[[Call], bool], together: int = 1, until: float = float("inf")
    ) -> Iterator[Lossy]:
        """Runs, until of each call that a run makes, and that is meant, the answer was lost.

        A run loses so many answers, one after the other: what comes next is lost when the one before was got over.
        None begins after the monotonic clock shows `until`.
        """
        waiting = [made for call, made in self.uninterrupted.losses.calls if meant(call)]
        while waiting and time.monotonic() < until:
            # Far from each other.
            chosen = waiting[:: -(-len(waiting) // together)]
            found = self.run(Losses(how=lambda _: how, chosen=_OneOf(frozenset(chosen))))
            gone = [made for _, made in found.losses.lost]
            if not gone:
                found.missed = gone = chosen
            waiting = [made for made in waiting if made not in gone]
            yield found

    def _act(self, project: BigQueryProject, section: dict[str, Any], undone: str | None) -> None:
        if self._is_rollback:
            assert undone is not None
            warehouse, settings = self._opened(project, section, {})
            rollback(warehouse, settings, undone, silent())
        else:
            self._backfill(project, section)

    def _backfill(
        self,
        project: BigQueryProject,
        section: dict[str, Any],
        run_id: str | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        warehouse, settings = self._opened(project, section, options or self._options)
        earlier = None if run_id is None else earlier_run(warehouse, run_id, job="backfill_features")
        settings = settings if earlier is None else settings_of(earlier, settings)
        self._run(project, warehouse, settings, earlier)

    def _run(
        self, project: BigQueryProject, warehouse: BigQueryWarehouse, settings: Settings, earlier: LoggedRun | None
    ) -> None:
        backfill_features(warehouse, settings, DATES, silent(), resumed=earlier)

    def _opened(
        self, project: BigQueryProject, section: dict[str, Any], options: dict[str, Any]
    ) -> tuple[BigQueryWarehouse, Settings]:
        reached = project.connection(**section)
        reached.check(datasets_of(reached.project, project.places))
        warehouse = BigQueryWarehouse(self._spark, reached, project.places, Jobs(reached, lambda _: None))
        place = {"warehouse": "bigquery", "tables": project.places, "bigquery": {"project": self._emulator.project}}
        return warehouse, load_settings({**options, **place}, environment={})

    def _resume(self, project: BigQueryProject, found: Lossy, undone: str | None) -> None:
        """A rollback is given again; so is a run that is not in the ledger."""
        runs = [run for run in self._runs(project) if run.run_id != undone]
        if runs and runs[0].row.status not in ("failed", "running"):
            found.wrong.append(f"it says {found.error}, and the ledger {runs[0].row.status}")
            return
        if self._is_rollback or not runs:
            self._act(project, {}, undone)
        else:
            self._backfill(project, {}, runs[0].run_id)
        found.left, found.resumed = self._left(project), True

    def _whole(self, project: BigQueryProject) -> BigQueryWarehouse:
        """The warehouse, with all its answers."""
        return BigQueryWarehouse(self._spark, project.connection(), project.places)

    def _runs(self, project: BigQueryProject) -> list[LoggedRun]:
        return runs_of(self._whole(project).rows(FEATURE_RUNS))

    def _left(self, project: BigQueryProject) -> Left:
        rows = self._whole(project).rows(FEATURE_RUNS)
        runs = runs_of(rows)
        counts = runs[0].row.rows if runs else {}
        status = runs[0].row.status if runs else None
        at = Counter((row["run_id"], row["heartbeat_at"]) for row in rows)
        dataset = project.name(ML_FEATURE_STORE).rpartition(".")[0]
        return Left(
            target=self._rows(project, ML_FEATURE_STORE),
            dates=self._rows(project, FEATURE_RUN_DATES),
            skips=self._rows(project, FEATURE_RUN_SKIPS),
            # A rollback that is given again is a run of its own, and finds less to do.
            run=(f"{status}",)
            if self._is_rollback
            else (f"{len(runs)} runs", f"{status}", *(f"{name} {counts[name]}" for name in sorted(counts))),
            doubled=sum(at.values()) - len(at),
            tables=tuple(sorted(table.table_id for table in project.client.list_tables(dataset))),
        )

    def _rows(self, project: BigQueryProject, table: Table) -> Rows:
        rows = self._whole(project).rows(table)
        return Counter(tuple(f"{name}={row[name]!r}" for name in row if name not in OF_A_RUN) for row in rows)


@dataclass(frozen=True)
class _OneOf:
    """These calls."""

    calls: frozenset[Numbered]

    def __call__(self, _: Call, made: Numbered) -> bool:
        return made in self.calls
