"""November 2021 on a cluster, from the artifact: rows and hashes as in local mode, on Delta and on BigQuery."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.config.settings import load_settings
from jobs.demo_league import generate
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE, NBAC_SCHEDULE, SOURCES
from jobs.warehouse.interface import Warehouse
from tests.bigquery_emulator.emulator import Emulator
from tests.cluster.contents import Contents, by_key, features, runs, staging
from tests.cluster.standalone import HOST
from tests.cluster.submission import QUICK, Submitter
from tests.end_to_end.store import Store
from tests.warehouse.bigquery.project import BigQueryProject

REPOSITORY = Path(__file__).parents[2]
REAL_DATA = Path(os.environ.get("FEATURE_STORE_TEST_DATA", REPOSITORY / "../shared/data/nba_field"))
MONTH = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))
BACKFILL = ("backfill_features", "--start", MONTH.start, "--end", MONTH.end)
PACKAGES = load_settings({}, environment={}).engine.packages


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source files, until the end of the month."""
    folder, whole = tmp_path_factory.mktemp("until_november"), REAL_DATA
    if not REAL_DATA.is_dir():
        warnings.warn(f"no folder {REAL_DATA}: the month of an invented league in place of the real one", stacklevel=1)
        whole = tmp_path_factory.mktemp("invented_league")
        generate(whole, teams=6, players_per_team=12, until=MONTH.end)
    for table in SOURCES:
        rows = pq.read_table(whole / table.dataset / f"{table.name}.parquet")
        if table is not NBAC_SCHEDULE:
            rows = rows.filter(pc.less_equal(rows[table.date_column], MONTH.end))
        (folder / table.dataset).mkdir(exist_ok=True)
        pq.write_table(rows, folder / table.dataset / f"{table.name}.parquet")
    return folder


@pytest.fixture(scope="module")
def imported(spark: SparkSession, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(spark, tmp_path_factory.mktemp("imported"))
    store.import_from(files)
    return store


@pytest.fixture(scope="module")
def local_store(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return imported.copied_to(tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def in_local_mode(local_store: Store) -> RunOutcome:
    return local_store.backfill(MONTH)


def in_warehouse(warehouse: Warehouse) -> Contents:
    rows = [row.asDict() for row in warehouse.read(ML_FEATURE_STORE).collect()]
    assert rows
    return by_key(rows)


def test_the_submitter_cannot_import_the_project(submitter: Submitter) -> None:
    submitter.folder.mkdir()
    for package in ("jobs", "pydantic", "pyspark"):
        tried = subprocess.run(
            [submitter.python, "-c", f"import {package}"],
            cwd=submitter.folder,
            env=submitter.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "ModuleNotFoundError" in tried.stderr


def test_on_delta(
    submitter: Submitter, imported: Store, local_store: Store, in_local_mode: RunOutcome, tmp_path: Path
) -> None:
    warehouse = imported.copied_to(tmp_path / "warehouse").root
    job = submitter.start(submitter.command(PACKAGES["delta"], *BACKFILL, "--warehouse-path", warehouse))
    code, printed = job.end()
    assert code == in_local_mode.exit_code == 3, job.tail()
    assert f"spark-submit ... run_job.py backfill_features --warehouse delta --warehouse-path {warehouse} " in printed
    assert features(warehouse) == features(local_store.root)
    assert len(features(warehouse)) == in_local_mode.rows["inserted"] > 0
    assert list(runs(warehouse).values()) == ["partial"]
    assert staging(warehouse) == []
    assert list(submitter.folder.iterdir()) in ([], [submitter.folder / "spark-warehouse"])


def test_on_bigquery_where_a_partial_run_may_count_as_success(
    submitter: Submitter,
    spark: SparkSession,
    emulator: Emulator,
    files: Path,
    local_store: Store,
    in_local_mode: RunOutcome,
    tmp_path: Path,
) -> None:
    project = BigQueryProject(emulator)
    project.load_folder(files)
    config = tmp_path / "settings.json"
    section = {"rest_endpoint": emulator.rest_endpoint, "grpc_endpoint": emulator.grpc_endpoint}
    config.write_text(json.dumps({"tables": project.places, "bigquery": section}))
    command = submitter.command(
        PACKAGES["bigquery"],
        *("--partial-ok", "--run-id", "20261125T000027Z-d32288", *BACKFILL),
        *("--warehouse", "bigquery", "--project", emulator.project, "--config", config),
        java_options=emulator.certificate.java_options,
    )
    job = submitter.start(command, FEATURE_STORE_BIGQUERY__ACCESS_TOKEN="any")
    code, _ = job.end()
    assert code == 0, job.tail()
    place = f"`{project.name(FEATURE_RUNS)}`"
    (last,) = project.rows(f"SELECT run_id, status FROM {place} ORDER BY heartbeat_at DESC LIMIT 1")
    assert last == {"run_id": "20261125T000027Z-d32288", "status": "partial"}
    assert in_warehouse(project.warehouse(spark)) == in_warehouse(local_store.warehouse)


def launched(submitter: Submitter, *job: object) -> subprocess.CompletedProcess[str]:
    """A job by the launching command of the checkout, of which the driver needs no executor."""
    options = ["--master", submitter.cluster.url, "--artifact", submitter.artifact.folder, "--driver-memory", "1g"]
    return subprocess.run(
        [sys.executable, "-m", "jobs.submission.cluster", *map(str, [*options, *job])],
        env={
            **submitter.environment(),
            "SPARK_LOCAL_IP": HOST,
            "PYTHONPATH": str(REPOSITORY),
            "SPARK_SUBMIT_OPTS": QUICK,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_launcher_keeps_both_outputs_apart_and_the_exit_code(
    submitter: Submitter, local_store: Store, in_local_mode: RunOutcome
) -> None:
    shown = launched(submitter, "status", "--warehouse-path", local_store.root, "--json")
    assert shown.returncode == 0, shown.stderr
    assert in_local_mode.run_id in json.dumps(json.loads(shown.stdout))
    refused = launched(submitter, "status", "no-such-run", "--warehouse-path", local_store.root)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert [line.split(":")[0] for line in refused.stderr.splitlines()] == ["error"], refused.stderr
