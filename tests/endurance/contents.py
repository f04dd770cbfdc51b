"""What a run has left behind: rows of the target, rows of the ledger, files. Compared with what another run has left.

Read without Spark, from the files themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from jobs.ledger.history import LoggedRun, RunHistory
from jobs.schemas.tables import FEATURE_RUN_DATES, FEATURE_RUN_SKIPS, LEDGER, ML_FEATURE_STORE, Table
from jobs.warehouse.delta import log as delta_log
from tests.end_to_end.store import Store

Rows = Counter[tuple[str, ...]]
OF_THE_RUN = "of the run"
COUNTS = ("inserted", "updated", "unchanged", "pruned", "skipped")
_TIMES = ("created_at", "updated_at")
_OF_A_PROCESS = ("run_id", "recorded_at")


@dataclass(frozen=True)
class Contents:
    """Rows as text, each with how often it is there: `None`, `nan` and `-0.0` differ from all others."""

    target: Rows
    run: Rows
    dates: Rows
    skips: Rows
    files: Rows

    def differences(self, other: Contents) -> list[str]:
        """What is here and not there, and the other way round."""
        lines = []
        for part in fields(self):
            here, there = getattr(self, part.name), getattr(other, part.name)
            lines += [f"{part.name}: {times} x only here: {row}" for row, times in (here - there).items()]
            lines += [f"{part.name}: {times} x lacking: {row}" for row, times in (there - here).items()]
        return lines


def contents_of(store: Store, job: str) -> Contents:
    """What the newest run of a job has left."""
    run = newest_run(store, job)
    assert run is not None, f"the ledger has no run of {job}"
    return Contents(
        target=Counter(_row(_with_named_times(row, run)) for row in _rows(store, ML_FEATURE_STORE)),
        run=Counter([_of_run(run)]),
        dates=_of_ledger(store, FEATURE_RUN_DATES, run),
        skips=_of_ledger(store, FEATURE_RUN_SKIPS, run),
        files=_files(store),
    )


def newest_run(store: Store, job: str) -> LoggedRun | None:
    """The run of a job that claimed its dates last."""
    return next((run for run in RunHistory(store.warehouse).runs() if run.row.job == job), None)


def _rows(store: Store, table: Table) -> list[dict[str, Any]]:
    folder = store.folder(table)
    rows = delta_log.rows_of(folder, None) if delta_log.has_commit(folder) else []
    assert rows is not None, f"{folder} is more than its files"
    return rows


def _of_ledger(store: Store, table: Table, run: LoggedRun) -> Rows:
    of_run = [row for row in _rows(store, table) if row["run_id"] == run.run_id]
    return Counter(_row({name: row[name] for name in row if name not in _OF_A_PROCESS}) for row in of_run)


def _of_run(run: LoggedRun) -> tuple[str, ...]:
    """A rollback that is given again finds less to do, if the one that was killed had come to its MERGE."""
    if run.rolled_back is not None:
        return (run.row.status,)
    names = ("status", "dates_written", "rows_planned", *(f"rows_{count}" for count in COUNTS))
    return _row({name: getattr(run.row, name) for name in names})


def _with_named_times(row: Mapping[str, Any], run: LoggedRun) -> dict[str, Any]:
    """When a row was written tells which run wrote it."""
    began = run.row.started_at.replace(microsecond=0)
    return {name: OF_THE_RUN if name in _TIMES and value == began else value for name, value in row.items()}


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{name}={value!r}" for name, value in row.items())


def _files(store: Store) -> Rows:
    """Folders of tables and what is beside them; within a table, files that no table has."""
    datasets = ("nba_predictions", "nba_orchestration")
    beside = [entry for dataset in datasets for entry in (store.root / dataset).iterdir()]
    within = [
        entry
        for table in (ML_FEATURE_STORE, *LEDGER)
        for entry in store.folder(table).glob("*")
        if not entry.name.endswith((".parquet", ".crc")) and entry.name != "_delta_log"
    ]
    return Counter((str(entry.relative_to(store.root)),) for entry in (*beside, *within))
