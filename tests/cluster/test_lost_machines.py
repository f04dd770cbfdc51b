"""A worker killed in the computation and in the staging write, a driver killed after it: rows as if nobody had been."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from jobs.config.settings import load_settings
from jobs.schemas.tables import ML_FEATURE_STORE
from tests.cluster.contents import Contents, features, folder, runs, staging
from tests.cluster.lost import BACKFILL, INTERPRETED, launched, until_computing, until_found
from tests.cluster.standalone import Worker
from tests.cluster.submission import Submitter
from tests.end_to_end.store import Store

DELTA = load_settings({}, environment={}).engine.packages["delta"]


@pytest.fixture
def warehouse(league: Store, tmp_path: Path) -> Path:
    return league.copied_to(tmp_path / "warehouse").root


def test_a_submission_without_the_package_of_its_warehouse(submitter: Submitter, warehouse: Path) -> None:
    job = submitter.start(submitter.command("", *BACKFILL, "--warehouse-path", warehouse))
    code, shown = job.end()
    assert code == 2, job.tail()
    (error,) = [line for line in shown.splitlines() if line.startswith("error: ")]
    assert error == f"error: Spark was submitted without {DELTA}; add --packages {DELTA}"
    assert not folder(warehouse, ML_FEATURE_STORE).exists()


Executors = list[tuple[Worker, psutil.Process]]


def writing(executors: Executors, table: Path) -> Worker | None:
    """A worker of which an executor has a file of this table open; that one is held still, so that it cannot end."""
    if not any(table.rglob("*.parquet")):
        return None
    for _, executor in executors:
        executor.suspend()
    hit = next((worker for worker, executor in executors if has_open(executor, table)), None)
    for worker, executor in executors:
        if worker is not hit:
            executor.resume()
    return hit


def has_open(executor: psutil.Process, table: Path) -> bool:
    return any(Path(file.path).is_relative_to(table) for file in executor.open_files())


def test_a_worker_lost_in_the_computation(submitter: Submitter, warehouse: Path, in_local_mode: Contents) -> None:
    job = submitter.start(submitter.command(DELTA, *BACKFILL, "--warehouse-path", warehouse, properties=INTERPRETED))
    hit = until_computing(submitter.cluster, job)
    assert not any(list(table.rglob("*.parquet")) for table in staging(warehouse))
    assert hit.kill() == 1
    code, _ = job.end()
    assert code == 0, job.tail()
    assert features(warehouse) == in_local_mode
    assert list(runs(warehouse).values()) == ["succeeded"]
    assert staging(warehouse) == []


def test_a_worker_lost_while_it_writes_the_staging_table(
    submitter: Submitter, warehouse: Path, in_local_mode: Contents
) -> None:
    job = submitter.start(submitter.command(DELTA, *BACKFILL, "--warehouse-path", warehouse, properties=INTERPRETED))
    job.when(lambda: bool(staging(warehouse)))
    (staged,) = staging(warehouse)
    executors = [(worker, executor) for worker in submitter.cluster.workers for executor in worker.executors()]
    hit = until_found(job, lambda: writing(executors, staged))
    assert not list(staged.glob("_delta_log/*.json"))
    assert hit.kill() == 1
    code, _ = job.end()
    assert code == 0, job.tail()
    assert features(warehouse) == in_local_mode
    assert list(runs(warehouse).values()) == ["succeeded"]
    assert staging(warehouse) == []


def test_a_driver_that_was_killed_is_resumed_from_another_process(
    submitter: Submitter, warehouse: Path, in_local_mode: Contents
) -> None:
    job = launched(submitter, *BACKFILL, "--warehouse-path", warehouse)
    job.when(lambda: any(list(table.glob("_delta_log/*.json")) for table in staging(warehouse)))
    job.kill()
    ((run_id, status),) = runs(warehouse).items()
    assert status == "running"
    resumed = ("backfill_features", "--resume", run_id, "--warehouse-path", warehouse)
    again = submitter.start(submitter.command(DELTA, *resumed, properties=INTERPRETED))
    code, _ = again.end()
    assert code == 0, again.tail()
    assert features(warehouse) == in_local_mode
    assert runs(warehouse) == {run_id: "succeeded"}
    assert staging(warehouse) == []
