"""A warehouse in an object store: driver and workers share no folder, and one is lost; rows as in local mode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.object_stores.store_path import StorePath
from jobs.schemas.tables import ML_FEATURE_STORE
from tests.cluster.contents import Contents, features, runs, staging
from tests.cluster.lost import BACKFILL, launched, until_computing
from tests.cluster.submission import Submitter
from tests.end_to_end.store import Store
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import download, new_folder, options, upload


@pytest.fixture
def warehouse(gcs: FakeGcs, league: Store) -> StorePath:
    """A folder of the store, with the sources in it."""
    folder = new_folder(gcs)
    upload(gcs, league.root, folder)
    return folder


@pytest.fixture
def place(warehouse: StorePath, gcs: FakeGcs, tmp_path: Path) -> tuple[object, ...]:
    """The options of a job in this warehouse."""
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"object_stores": options(gcs)}))
    return "--warehouse-path", warehouse, "--config", file


def staged(warehouse: StorePath, name: str) -> bool:
    """Whether a staging table has a file of this name."""
    return any("_staging_" in str(file) for file in (warehouse / ML_FEATURE_STORE.dataset).rglob(name))


def check(submitter: Submitter, warehouse: StorePath, expected: Contents, folder: Path) -> str:
    """Gives the run that has written the expected rows; nothing of it is in a folder of a machine."""
    found = download(warehouse, folder)
    assert features(found) == expected
    assert staging(found) == []
    assert [file for place in (submitter.cluster.folder, submitter.folder) for file in place.rglob("*.parquet")] == []
    ((run_id, status),) = runs(found).items()
    assert status == "succeeded"
    return run_id


def test_a_worker_is_lost(
    submitter: Submitter, warehouse: StorePath, place: tuple[object, ...], in_local_mode: Contents, tmp_path: Path
) -> None:
    job = launched(submitter, *BACKFILL, *place)
    assert until_computing(submitter.cluster, job).kill() == 1
    assert not staged(warehouse, "*.parquet")
    code, _ = job.end()
    assert code == 0, job.tail()
    check(submitter, warehouse, in_local_mode, tmp_path / "found")


def test_a_driver_is_lost(
    submitter: Submitter, warehouse: StorePath, place: tuple[object, ...], in_local_mode: Contents, tmp_path: Path
) -> None:
    job = launched(submitter, *BACKFILL, *place)
    job.when(lambda: job.has_said("plan "))
    job.when(lambda: staged(warehouse, "00000000000000000000.json"))
    job.kill()
    ((run_id, status),) = runs(download(warehouse, tmp_path / "before")).items()
    assert status == "running"
    again = launched(submitter, "backfill_features", "--resume", run_id, *place)
    code, _ = again.end()
    assert code == 0, again.tail()
    assert check(submitter, warehouse, in_local_mode, tmp_path / "found") == run_id
