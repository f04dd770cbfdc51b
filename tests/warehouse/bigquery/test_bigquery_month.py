"""November 2021 through the emulator: the same files, run and rows as on Delta; then what a second run leaves alone.

The sources are loaded by load jobs, partitioned by their dates, with more columns than the job may read.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from rich.console import Console

from jobs.backfill import sources
from jobs.backfill_features import backfill_features
from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.demo_league import generate
from jobs.errors import ConfigurationError, ContractError, ExitCode
from jobs.export_training_set import export_training_set
from jobs.import_tables import import_tables
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates
from jobs.report import report, write_page
from jobs.reports.summary import Summary
from jobs.schemas.tables import FEATURE_RUN_DATES, FEATURE_RUNS, ML_FEATURE_STORE, NBAC_SCHEDULE, SOURCES
from jobs.schemas.tables import PLAYER_DAILY_CACHE as CACHE
from jobs.schemas.tables import UPCOMING_PLAYER_GAME_CONTEXT as CONTEXT
from jobs.validate import validate
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.bigquery_emulator.emulator import Emulator
from tests.warehouse.bigquery.project import BigQueryProject
from transforms.training_set import Selection

pytestmark = pytest.mark.usefixtures("as_in_a_job")

REPOSITORY = Path(__file__).parents[3]
REAL_DATA = Path(os.environ.get("FEATURE_STORE_TEST_DATA", REPOSITORY / "../shared/data/nba_field"))
START, END = datetime.date(2021, 11, 1), datetime.date(2021, 11, 30)
MONTH = RequestedDates(START, END)
OF_THE_RUN = ("created_at", "updated_at")
Row = dict[str, Any]


class Month(NamedTuple):
    """The two warehouses after a back-fill of the month in each."""

    project: BigQueryProject
    bigquery: BigQueryWarehouse
    delta: DeltaWarehouse
    on_bigquery: RunOutcome
    on_delta: RunOutcome


def backfill(
    warehouse: Any, requested: RequestedDates = MONTH, *, dry_run: bool = False, **settings: Any
) -> RunOutcome:
    progress = Progress(Console(file=io.StringIO()))
    return backfill_features(warehouse, load_settings(settings, environment={}), requested, progress, dry_run=dry_run)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source files, of two seasons until the end of the month."""
    folder, whole = tmp_path_factory.mktemp("until_november"), REAL_DATA
    if not REAL_DATA.is_dir():
        warnings.warn(f"no folder {REAL_DATA}: the month of an invented league in place of the real one", stacklevel=1)
        whole = tmp_path_factory.mktemp("invented_league")
        generate(whole, teams=6, players_per_team=12, until=END)
    for table in SOURCES:
        rows = pq.read_table(whole / table.dataset / f"{table.name}.parquet")
        if table is not NBAC_SCHEDULE:
            rows = rows.filter(pc.less_equal(rows[table.date_column], END))
        (folder / table.dataset).mkdir(exist_ok=True)
        pq.write_table(rows, folder / table.dataset / f"{table.name}.parquet")
    return folder


@pytest.fixture(scope="module")
def month(spark: SparkSession, emulator: Emulator, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Month:
    project = BigQueryProject(emulator)
    project.load_folder(files)
    bigquery = project.warehouse(spark, maximum_bytes_billed=10**12)
    delta = DeltaWarehouse(spark, tmp_path_factory.mktemp("delta"), {})
    import_tables(delta, files, Progress(Console(file=io.StringIO())))
    return Month(project, bigquery, delta, backfill(bigquery), backfill(delta))


def rows_by_key(warehouse: Any) -> dict[tuple[str, datetime.date], Row]:
    rows = [row.asDict() for row in warehouse.read(ML_FEATURE_STORE).collect()]
    assert rows
    found = {(row["player_lookup"], row["game_date"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_the_two_warehouses_hold_the_same_rows(month: Month) -> None:
    on_bigquery, on_delta = rows_by_key(month.bigquery), rows_by_key(month.delta)
    assert on_bigquery.keys() == on_delta.keys()
    for key, expected in on_delta.items():
        found = on_bigquery[key]
        differing = {
            name: (found[name], value)
            for name, value in expected.items()
            if name not in OF_THE_RUN and found[name] != value
        }
        assert not differing, key
    assert all(row["data_hash"] for row in on_bigquery.values())


@pytest.mark.parametrize("name", ["bigquery", "delta"])
def test_the_stored_rows_pass_every_check_but_that_failed_dates_have_none(month: Month, name: str) -> None:
    validation = validate(getattr(month, name), MONTH, Progress(Console(file=io.StringIO())))
    failed = {result.check.name: result.failing for result in validation.failed}
    assert failed == {"dates_without_rows": month.on_delta.statuses["failed"]}
    assert validation.rows == month.on_delta.rows["inserted"] > 0


def test_the_report_of_either_warehouse_has_the_same_facts(month: Month, tmp_path: Path) -> None:
    found = {}
    for name in ("bigquery", "delta"):
        page = tmp_path / f"{name}.html"
        progress = Progress(Console(file=io.StringIO()))
        facts = report(getattr(month, name), load_settings({}, environment={}), MONTH, progress)
        write_page(page, facts)
        assert f"{facts.rows:,}</strong> rows on" in page.read_text()
        found[name] = facts.as_json()
    for content in found.values():
        for week in [week for feature in content["features"] for week in feature["weeks"]]:
            assert week.pop("low") <= week.pop("median") <= week.pop("high")  # approximate: another order, another one
        content["runs"] = [(run["job"], run["status"], run["dates"], run["rows"]) for run in content["runs"]]
        content["todo"] = [item["reason"].split(" failed in run ")[0] for item in content["todo"]]
    of_either = ("coverage", "written", "features", "runs", "not_written", "todo")
    for part in of_either:
        assert found["bigquery"][part] == found["delta"][part], part
    assert sum(date["rows"] for date in found["delta"]["written"]) == month.on_delta.rows["inserted"]


def test_the_two_warehouses_give_the_same_training_set(month: Month, tmp_path: Path) -> None:
    selection = Selection(test_start=datetime.date(2021, 11, 24), embargo_days=1)
    of_both = [
        export_training_set(getattr(month, name), MONTH, str(tmp_path / name), selection)
        for name in ("bigquery", "delta")
    ]
    assert len({training_set.digest for training_set in of_both}) == 1
    assert of_both[0].excluded == of_both[1].excluded
    assert of_both[0].rows > 0


def test_the_two_runs_had_the_same_outcome(month: Month) -> None:
    assert month.on_bigquery.rows == month.on_delta.rows
    assert month.on_bigquery.statuses == month.on_delta.statuses
    assert month.on_bigquery.exit_code == ExitCode.PARTIAL
    assert month.on_bigquery.rows["inserted"] > 1000 or not REAL_DATA.is_dir()


def test_dates_that_lack_a_table_fail_and_say_which(month: Month) -> None:
    failed = month.on_bigquery.with_status("failed")
    assert failed
    place = f"`{month.project.name(FEATURE_RUN_DATES)}`"
    recorded = month.project.rows(f"SELECT game_date, reason FROM {place} WHERE status = 'failed' ORDER BY game_date")
    assert [(row["game_date"], row["reason"]) for row in recorded] == [
        (date.planned.game_date, date.planned.reason) for date in failed
    ]
    written = {game_date for _, game_date in rows_by_key(month.bigquery)}
    assert written.isdisjoint(date.planned.game_date for date in failed)


def test_the_run_is_in_the_ledger_and_its_staging_table_is_gone(month: Month) -> None:
    run_id = month.on_bigquery.run_id
    found = month.project.rows(
        f"SELECT status, rows_inserted, engine FROM `{month.project.name(FEATURE_RUNS)}` "
        f"WHERE run_id = '{run_id}' ORDER BY heartbeat_at"
    )
    assert {row["status"] for row in found[:-1]} == {"running"}
    assert (found[-1]["status"], found[-1]["rows_inserted"]) == ("partial", month.on_bigquery.rows["inserted"])
    assert found[-1]["engine"].endswith(", BigQuery")
    dataset = month.project.name(ML_FEATURE_STORE).rpartition(".")[0]
    assert [table.table_id for table in month.project.client.list_tables(dataset)] == [ML_FEATURE_STORE.name]


def test_the_target_was_created_with_partitions_and_clusters(month: Month) -> None:
    target = month.project.client.get_table(month.project.name(ML_FEATURE_STORE))
    assert (target.time_partitioning.type_, target.time_partitioning.field) == ("DAY", "game_date")
    assert target.clustering_fields == ["player_lookup", "feature_version", "game_date"]


def test_the_filter_of_dates_and_the_listed_columns_reach_bigquery(month: Month) -> None:
    plan = month.bigquery.read(CONTEXT, (START, END))._jdf.queryExecution().executedPlan()
    scan = plan.collectLeaves().head()
    pushed = scan.metadata().get("PushedFilters").get()
    between = "And(GreaterThanOrEqual(game_date,2021-11-01),LessThanOrEqual(game_date,2021-11-30))"
    assert pushed == f"[*Or(IsNull(game_date),{between})]"
    assert {attribute.name() for attribute in scan_columns(scan)} == set(CONTEXT.column_names)


def scan_columns(scan: Any) -> list[Any]:
    return [scan.output().apply(number) for number in range(scan.output().size())]


def test_a_dry_run_shows_statements_and_estimated_bytes_and_writes_nothing(month: Month) -> None:
    before = month.project.client.get_table(month.project.name(FEATURE_RUNS)).num_rows
    requested = RequestedDates(datetime.date(2021, 11, 20), datetime.date(2021, 11, 21))
    outcome = backfill(month.bigquery, requested, dry_run=True)
    assert outcome.dry_run is not None
    (statement,) = outcome.dry_run["statements"]
    assert statement.startswith(f"MERGE INTO `{month.project.name(ML_FEATURE_STORE)}` AS target")
    estimated = outcome.dry_run["source_bytes"]
    assert list(estimated) == [table.name for table in SOURCES]
    assert 0 < estimated[CACHE.name] < sources.estimated_bytes(month.bigquery, MONTH)[CACHE.name]
    assert month.project.client.get_table(month.project.name(FEATURE_RUNS)).num_rows == before
    shown = io.StringIO()
    Summary(outcome).render(Console(file=shown, soft_wrap=True))
    assert f"rows, estimated {estimated[CACHE.name]:,} bytes" in shown.getvalue()
    assert f"estimated {sum(estimated.values()):,} bytes in all" in shown.getvalue()


def test_a_run_above_the_limit_of_bytes_stops_before_it_reads(month: Month, spark: SparkSession) -> None:
    estimated = sources.estimated_bytes(month.bigquery, MONTH)
    limit = sum(estimated.values()) - 1
    guarded = month.project.warehouse(spark, maximum_bytes_billed=limit)
    with pytest.raises(ConfigurationError, match=r"estimated at [\d,]+ bytes") as raised:
        backfill(guarded)
    assert f"player_daily_cache {estimated[CACHE.name]:,}" in str(raised.value)
    assert f"above bigquery.maximum_bytes_billed {limit:,}" in str(raised.value)
    assert raised.value.exit_code == ExitCode.WRONG_INPUT


class Again(NamedTuple):
    """A second run: its outcome, the rows that were held before it, and its statements."""

    outcome: RunOutcome
    held: dict[tuple[str, datetime.date], Row]
    statements: list[str]


@pytest.fixture(scope="module")
def again(month: Month) -> Again:
    held = rows_by_key(month.bigquery)
    outcome = backfill(month.bigquery)
    jobs = [job.query for job in month.project.client.list_jobs() if job.job_type == "query"]
    return Again(outcome, held, [statement for statement in jobs if outcome.run_id in statement])


class TestSecondRun:
    """After everything else of the month: these tests write."""

    def test_it_finds_every_row_unchanged(self, month: Month, again: Again) -> None:
        assert again.outcome.rows["unchanged"] == month.on_bigquery.rows["inserted"]
        assert (again.outcome.rows["inserted"], again.outcome.rows["updated"]) == (0, 0)

    def test_it_writes_nothing(self, month: Month, again: Again) -> None:
        assert rows_by_key(month.bigquery) == again.held
        assert not any(statement.startswith("MERGE") for statement in again.statements)

    def test_overwriting_a_date_leaves_the_same_features(self, month: Month, again: Again) -> None:
        date = min(date for _, date in again.held)
        outcome = backfill(month.bigquery, RequestedDates(date, date), write_mode="overwrite")
        assert outcome.rows["unchanged"] == sum(key[1] == date for key in again.held)
        after = rows_by_key(month.bigquery)
        assert {key: row["data_hash"] for key, row in after.items()} == {
            key: row["data_hash"] for key, row in again.held.items()
        }

    def test_the_command_itself(self, month: Month, again: Again, tmp_path: Path) -> None:
        config = tmp_path / "settings.json"
        emulator, date = month.project.emulator, max(date for _, date in again.held)
        section = {"rest_endpoint": emulator.rest_endpoint, "grpc_endpoint": emulator.grpc_endpoint}
        engine = {"java_options": emulator.certificate.java_options, "master": "local[2]"}
        config.write_text(json.dumps({"tables": month.project.places, "bigquery": section, "engine": engine}))
        command = [sys.executable, "-m", "jobs.backfill_features", "--warehouse", "bigquery", "--json"]
        command += ["--project", emulator.project, "--config", str(config), "--dates", str(date)]
        environment = {**os.environ, "FEATURE_STORE_BIGQUERY__ACCESS_TOKEN": "any"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=REPOSITORY, check=False)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["target"] == month.project.name(ML_FEATURE_STORE)
        assert answer["rows"]["unchanged"] == sum(key[1] == date for key in again.held) == sum(answer["rows"].values())

    def test_a_source_without_a_column_stops_the_run(self, month: Month, again: Again) -> None:
        name = month.project.name(CACHE)
        described = month.project.client.get_table(name)
        month.project.client.delete_table(name)
        month.project.create(CACHE, [field for field in described.schema if field.name != "points_avg_last_5"])
        with pytest.raises(ContractError, match=r"column points_avg_last_5 is missing \(expected NUMERIC\)") as raised:
            backfill(month.bigquery)
        assert raised.value.exit_code == ExitCode.WRONG_INPUT
        month.project.client.delete_table(name)
        with pytest.raises(ContractError, match=f"table {name} does not exist"):
            backfill(month.bigquery)
