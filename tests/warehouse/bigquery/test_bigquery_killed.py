"""A driver that is killed where BigQuery differs from Delta, then resumed: it ends like a run that was never killed."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from rich.console import Console

from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill_features import backfill_features
from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.demo_league import generate
from jobs.ledger.history import LoggedRun, RunHistory, runs_of
from jobs.planning.outcome import RunOutcome
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE
from tests.bigquery_emulator.emulator import Emulator
from tests.end_to_end.killed_run import BIGQUERY_POINTS, DATES, OPTIONS, killed
from tests.warehouse.bigquery.project import BigQueryProject

OF_THE_RUN = ("created_at", "updated_at")
COUNTS = ("game_date", "status", "context_rows", "inserted", "updated", "unchanged", "skipped")


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("league")
    generate(folder, teams=4, players_per_team=11, until=datetime.date(2021, 12, 3))
    return folder


def run(project: BigQueryProject, spark: SparkSession, resumed: LoggedRun | None = None) -> RunOutcome:
    place = {"warehouse": "bigquery", "tables": project.places, "bigquery": {"project": project.emulator.project}}
    settings = load_settings({**OPTIONS, **place}, environment={})
    warehouse, progress = project.warehouse(spark), Progress(Console(file=io.StringIO()))
    if resumed is not None:
        settings = settings_of(resumed, settings)
    return backfill_features(warehouse, settings, DATES, progress, resumed=resumed)


def contents(project: BigQueryProject, spark: SparkSession, run_id: str) -> tuple[Any, ...]:
    rows = project.rows(f"SELECT * FROM `{project.name(ML_FEATURE_STORE)}` ORDER BY game_date, player_lookup")
    assert rows
    kept = [{name: value for name, value in row.items() if name not in OF_THE_RUN} for row in rows]
    dates = RunHistory(project.warehouse(spark)).dates(run_id)
    return kept, [[getattr(date, name) for name in COUNTS] for date in dates]


@pytest.fixture(scope="module")
def uninterrupted(spark: SparkSession, emulator: Emulator, league: Path) -> tuple[Any, ...]:
    project = BigQueryProject(emulator)
    project.load_folder(league)
    return contents(project, spark, run(project, spark).run_id)


@pytest.mark.parametrize("point", BIGQUERY_POINTS)
def test_a_run_that_was_killed_ends_like_any_other_when_it_is_resumed(
    point: str, spark: SparkSession, project: BigQueryProject, league: Path, uninterrupted: Any, tmp_path: Path
) -> None:
    project.load_folder(league)
    emulator = project.emulator
    section = {"rest_endpoint": emulator.rest_endpoint, "grpc_endpoint": emulator.grpc_endpoint, "access_token": "any"}
    section["project"] = emulator.project
    engine = {"java_options": emulator.certificate.java_options, "master": "local[2]"}
    settings = {"warehouse": "bigquery", "tables": project.places, "bigquery": section, "engine": engine}
    killed("backfill_features", point, settings, tmp_path, spark, timeout=180)
    warehouse = project.warehouse(spark)
    (stopped,) = runs_of(warehouse.rows(FEATURE_RUNS))
    assert stopped.row.status == "running"
    outcome = run(project, spark, earlier_run(warehouse, stopped.run_id, job="backfill_features"))
    assert outcome.run_id == stopped.run_id
    assert contents(project, spark, stopped.run_id) == uninterrupted
    dataset = project.name(ML_FEATURE_STORE).rpartition(".")[0]
    assert [table.table_id for table in project.client.list_tables(dataset)] == [ML_FEATURE_STORE.name]
