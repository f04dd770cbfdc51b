"""A small back-fill on the emulator whose answers are lost, and what it leaves; by hand one call after the other."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill_features import backfill_features
from jobs.config.settings import load_settings
from jobs.ledger.history import runs_of
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import FEATURE_RUN_DATES, FEATURE_RUN_SKIPS, FEATURE_RUNS, ML_FEATURE_STORE, Table
from jobs.warehouse.bigquery.connection import datasets_of
from jobs.warehouse.bigquery.query_jobs import Jobs
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.emulator import Emulator
from tests.end_to_end.store import silent
from tests.endurance.lost_answers import SECONDS_TO_GIVE_UP, Call, How, Losses, losing
from tests.warehouse.bigquery.project import BigQueryProject

DATES = RequestedDates(datetime.date(2021, 11, 30), datetime.date(2021, 12, 1))
OPTIONS: dict[str, Any] = {"on_missing": "fallback", "merge_slice_rows": 1}
OF_A_RUN = ("run_id", "created_at", "updated_at", "recorded_at")
Rows = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Left:
    """What a run has left, without what tells one run from another."""

    target: Rows
    dates: Rows
    skips: Rows
    run: tuple[str, ...]
    tables: tuple[str, ...]


@dataclass
class Lossy:
    """What became of a run: the calls it made and whose answer was lost, its error, what it left, and then resumed."""

    losses: Losses
    error: str | None
    left: Left
    resumed: bool = False
    wrong: list[str] = field(default_factory=list)


class LossyRuns:
    """Runs over projects of their own, of one emulator that has the league's files."""

    def __init__(self, spark: SparkSession, emulator: Emulator, league: Path) -> None:
        self._spark = spark
        self._emulator = emulator
        self._league = league
        self._expected: Left | None = None
        self.uninterrupted = self.run(Losses(how=lambda _: "reset", chosen=lambda _: False))
        self._expected = self.uninterrupted.left

    def run(self, losses: Losses) -> Lossy:
        """A run whose answers are lost so; resumed, with all its answers, when it fails."""
        project = BigQueryProject(self._emulator)
        project.load_folder(self._league)
        error = None
        with losing(self._emulator, losses) as endpoints:
            section = {**vars(endpoints), "read_timeout_seconds": SECONDS_TO_GIVE_UP}
            try:
                self._backfill(project, section)
            except Exception as failure:
                error = f"{type(failure).__name__}: {failure}"
        found = Lossy(losses, error, self._left(project))
        if error is not None:
            whole = self._expected
            if whole is not None and (found.left.target, found.left.dates) == (whole.target, whole.dates):
                found.wrong.append("it says failed, and has written all")
            self._resume(project, found)
        if self._expected is not None and found.left != self._expected:
            found.wrong.append("it has left something else")
        return found

    def each_call(self, how: How, first: int = 0, *, only_changes: bool = False) -> Iterator[tuple[str, Lossy]]:
        """One run for each call that a run makes, whose answer alone is lost; the call by its name, from a first on."""
        calls = list(dict.fromkeys(self.uninterrupted.losses.calls))
        numbers, chosen = Counter[str](), []
        for call in calls:
            if call.changes or not only_changes:
                chosen.append((call.name, numbers[call.name]))
            numbers[call.name] += 1
        for name, number in chosen[first:]:
            yield name, self.run(Losses(how=lambda _: how, chosen=_Nth(name, number)))

    def _backfill(self, project: BigQueryProject, section: dict[str, Any], run_id: str | None = None) -> None:
        connection = project.connection(**section)
        connection.check(datasets_of(connection.project, project.places))
        warehouse = BigQueryWarehouse(self._spark, connection, project.places, Jobs(connection, lambda _: None))
        place = {"warehouse": "bigquery", "tables": project.places, "bigquery": {"project": self._emulator.project}}
        settings = load_settings({**OPTIONS, **place}, environment={})
        earlier = None if run_id is None else earlier_run(warehouse, run_id, job="backfill_features")
        settings = settings if earlier is None else settings_of(earlier, settings)
        backfill_features(warehouse, settings, DATES, silent(), resumed=earlier)

    def _resume(self, project: BigQueryProject, found: Lossy) -> None:
        runs = runs_of(project.warehouse(self._spark).rows(FEATURE_RUNS))
        if runs and runs[0].row.status not in ("failed", "running"):
            found.wrong.append(f"it says {found.error}, and the ledger {runs[0].row.status}")
            return
        self._backfill(project, {}, runs[0].run_id if runs else None)
        found.left, found.resumed = self._left(project), True

    def _left(self, project: BigQueryProject) -> Left:
        runs = runs_of(project.warehouse(self._spark).rows(FEATURE_RUNS))
        rows = runs[0].row.rows if runs else {}
        dataset = project.name(ML_FEATURE_STORE).rpartition(".")[0]
        return Left(
            target=self._rows(project, ML_FEATURE_STORE),
            dates=self._rows(project, FEATURE_RUN_DATES),
            skips=self._rows(project, FEATURE_RUN_SKIPS),
            run=(str(len(runs)), *(f"{name} {rows[name]}" for name in sorted(rows))),
            tables=tuple(sorted(table.table_id for table in project.client.list_tables(dataset))),
        )

    def _rows(self, project: BigQueryProject, table: Table) -> Rows:
        rows = project.warehouse(self._spark).rows(table)
        return Counter(tuple(f"{name}={row[name]!r}" for name in row if name not in OF_A_RUN) for row in rows)


class _Nth:
    """The call of a name that is the nth of it."""

    def __init__(self, name: str, number: int) -> None:
        self._name = name
        self._left = number

    def __call__(self, call: Call) -> bool:
        if call.name != self._name:
            return False
        self._left -= 1
        return self._left == -1
