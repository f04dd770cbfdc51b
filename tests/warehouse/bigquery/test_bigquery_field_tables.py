"""Tables as they are deployed: required filters, partitions that expire, narrow types, views, other columns.

The emulator keeps these settings and enforces none of them; the statements' text is tested elsewhere.
"""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import pytest
from google.cloud import bigquery
from google.cloud.bigquery import TimePartitioning
from pyspark.sql import SparkSession
from rich.console import Console

from jobs.backfill_features import backfill_features
from jobs.backfill_upstream import backfill_upstream
from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.demo_league import generate
from jobs.errors import ContractError
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import (
    FEATURE_RUNS,
    ML_FEATURE_STORE,
    NBAC_SCHEDULE,
    PLAYER_DAILY_CACHE,
    PLAYER_SHOT_ZONE_ANALYSIS,
    SOURCES,
    TEAM_DEFENSE_ZONE_ANALYSIS,
    TEAM_OFFENSE_GAME_SUMMARY,
    UPCOMING_PLAYER_GAME_CONTEXT,
    Table,
)
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.emulator import Emulator
from tests.warehouse.bigquery.project import BigQueryProject

MONTH = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))
A_DAY = 86_400_000
KEPT_DAYS = {PLAYER_DAILY_CACHE: 30, PLAYER_SHOT_ZONE_ANALYSIS: 90, TEAM_DEFENSE_ZONE_ANALYSIS: 90}
ASK_FOR_A_FILTER = (NBAC_SCHEDULE, TEAM_OFFENSE_GAME_SUMMARY)


def silent() -> Progress:
    return Progress(Console(file=io.StringIO()))


def features(warehouse: BigQueryWarehouse, *, dry_run: bool = False) -> RunOutcome:
    settings = load_settings({"on_missing": "fallback"}, environment={})
    return backfill_features(warehouse, settings, MONTH, silent(), dry_run=dry_run)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deployed_league")
    generate(folder, teams=4, players_per_team=11, until=datetime.date(2021, 12, 3))
    return folder


@pytest.fixture(scope="module")
def deployed(emulator: Emulator, files: Path) -> BigQueryProject:
    """The league in tables with the deployed settings; context is a view of a table."""
    project = BigQueryProject(emulator)
    for table in SOURCES:
        file = files / table.dataset / f"{table.name}.parquet"
        described = project.described(file, project.name(table))
        days = KEPT_DAYS.get(table)
        described.time_partitioning = TimePartitioning(
            field=table.date_column, expiration_ms=None if days is None else days * A_DAY
        )
        described.require_partition_filter = table in ASK_FOR_A_FILTER or None
        project.load_described(described, file)
    behind_a_view(project, UPCOMING_PLAYER_GAME_CONTEXT, files)
    return project


def behind_a_view(project: BigQueryProject, table: Table, files: Path) -> None:
    name = project.name(table)
    project.client.delete_table(name)
    file = files / table.dataset / f"{table.name}.parquet"
    project.load_described(project.described(file, f"{name}_rows"), file)
    view = bigquery.Table(name)
    view.view_query = f"SELECT * FROM `{name}_rows`"
    project.client.create_table(view)


def test_a_month_of_features(spark: SparkSession, deployed: BigQueryProject) -> None:
    warehouse = deployed.warehouse(spark)
    outcome = features(warehouse)
    assert outcome.rows["inserted"] == outcome.plan.context_rows - outcome.rows["skipped"] > 0
    copies = [
        found.table_id
        for found in deployed.client.list_tables(deployed.name(FEATURE_RUNS).rpartition(".")[0])
        if found.table_id.startswith(f"read_{UPCOMING_PLAYER_GAME_CONTEXT.name}_")
    ]
    assert copies
    again = features(warehouse)
    assert (again.rows["inserted"], again.rows["updated"]) == (0, 0)


def test_a_dry_run_shows_what_reading_a_view_bills(spark: SparkSession, deployed: BigQueryProject) -> None:
    outcome = features(deployed.warehouse(spark), dry_run=True)
    assert outcome.dry_run is not None
    assert set(outcome.dry_run["source_bytes"]) == {table.name for table in SOURCES}


def test_dates_that_an_expiring_table_would_drop_at_once_are_refused(
    spark: SparkSession, deployed: BigQueryProject
) -> None:
    before = deployed.rows(f"SELECT COUNT(*) AS n FROM `{deployed.name(PLAYER_SHOT_ZONE_ANALYSIS)}`")
    with pytest.raises(ContractError) as refused:
        backfill_upstream(deployed.warehouse(spark), load_settings({}, environment={}), MONTH, silent())
    text = str(refused.value)
    assert deployed.name(PLAYER_SHOT_ZONE_ANALYSIS) in text
    assert "partition_expiration_days = 90" in text
    assert "2021-11-02" in text
    assert "ALTER TABLE" in text
    assert before == deployed.rows(f"SELECT COUNT(*) AS n FROM `{deployed.name(PLAYER_SHOT_ZONE_ANALYSIS)}`")


def test_a_month_of_precomputed_tables_that_keep_their_partitions(
    spark: SparkSession, deployed: BigQueryProject
) -> None:
    for table in KEPT_DAYS:
        described = deployed.client.get_table(deployed.name(table))
        described.time_partitioning = TimePartitioning(field=table.date_column)
        deployed.client.update_table(described, ["time_partitioning"])
    outcomes = backfill_upstream(deployed.warehouse(spark), load_settings({}, environment={}), MONTH, silent())
    assert [outcome.rows["inserted"] + outcome.rows["updated"] > 0 for outcome in outcomes] == [True] * 4


def test_a_target_that_is_not_partitioned_is_written_with_a_warning(spark: SparkSession, emulator: Emulator) -> None:
    project = BigQueryProject(emulator)
    project.create(ML_FEATURE_STORE)
    warehouse = project.warehouse(spark)
    assert warehouse.target_notes(ML_FEATURE_STORE) == []
    schema = project.client.get_table(project.name(ML_FEATURE_STORE)).schema
    project.client.delete_table(project.name(ML_FEATURE_STORE))
    project.client.create_table(bigquery.Table(project.name(ML_FEATURE_STORE), schema))
    (note,) = warehouse.target_notes(ML_FEATURE_STORE)
    assert note.startswith("warning: ")
    assert "is not partitioned by game_date: each MERGE reads all of it" in note


def test_a_read_of_a_table_that_asks_for_a_filter_asks_for_no_row_without_a_date(
    spark: SparkSession, deployed: BigQueryProject
) -> None:
    warehouse = deployed.warehouse(spark)
    between = (datetime.date(2021, 11, 1), datetime.date(2021, 11, 2))
    with_filter = plan_of(warehouse, NBAC_SCHEDULE, between)
    assert names(with_filter, datetime.date(2021, 11, 1))
    assert "isnull" not in with_filter
    assert "isnull" in plan_of(warehouse, PLAYER_DAILY_CACHE, between)
    assert names(plan_of(warehouse, NBAC_SCHEDULE, None), datetime.date(1900, 1, 1))


def plan_of(warehouse: BigQueryWarehouse, table: Table, between: tuple[datetime.date, datetime.date] | None) -> str:
    text: str = warehouse.read(table, between)._jdf.queryExecution().analyzed().toString()
    return text


def names(plan: str, date: datetime.date) -> bool:
    """Whether a plan names a date, as text or as a number of days."""
    return str(date) in plan or str((date - datetime.date(1970, 1, 1)).days) in plan
