"""Pre-computed tables on BigQuery: the same rows as on Delta, where keys stand twice too, and put back by rollback."""

from __future__ import annotations

import datetime
import io
from typing import Any, NamedTuple

import pytest
from pyspark.sql import SparkSession
from rich.console import Console

from jobs.audit_leaks import audit_leaks
from jobs.backfill_upstream import backfill_upstream
from jobs.cli.progress import Progress
from jobs.config.settings import Settings, load_settings
from jobs.demo_league import generate
from jobs.import_tables import import_tables
from jobs.planning.plan import RequestedDates
from jobs.rollback import rollback
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import FEATURE_RUNS
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.bigquery_emulator.emulator import Emulator
from tests.warehouse.bigquery.project import BigQueryProject

DAYS = RequestedDates(datetime.date(2021, 11, 8), datetime.date(2021, 11, 14))
OF_THE_RUN = ("processed_at", "created_at")


class Both(NamedTuple):
    """The same tables in both warehouses, what they held before, and the outcomes on BigQuery."""

    bigquery: BigQueryWarehouse
    delta: DeltaWarehouse
    before: dict[str, list[Any]]
    outcomes: dict[str, Any]


def settings() -> Settings:
    return load_settings({}, environment={})


def silent() -> Progress:
    return Progress(Console(file=io.StringIO()))


def contents(warehouse: Any, table: Any, *, times: bool = False) -> list[Any]:
    names = [name for name in table.column_names if times or name not in OF_THE_RUN]
    return sorted([str(row) for row in warehouse.read(table).select(*names).collect()])


@pytest.fixture(scope="module")
def both(spark: SparkSession, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Both:
    files = tmp_path_factory.mktemp("upstream_league")
    generate(files, teams=4, players_per_team=11, until=datetime.date(2021, 11, 16))
    project = BigQueryProject(emulator)
    project.load_folder(files)
    bigquery = project.warehouse(spark)
    delta = DeltaWarehouse(spark, tmp_path_factory.mktemp("upstream_delta"), {})
    import_tables(delta, files, silent())
    before = {table.name: contents(bigquery, table, times=True) for table in UPSTREAM_TARGETS}
    outcomes = backfill_upstream(bigquery, settings(), DAYS, silent())
    backfill_upstream(delta, settings(), DAYS, silent())
    return Both(bigquery, delta, before, {outcome.table: outcome for outcome in outcomes})


def test_both_warehouses_hold_the_same_rows(both: Both) -> None:
    for table in UPSTREAM_TARGETS:
        found = contents(both.bigquery, table)
        assert found == contents(both.delta, table), table.name
        outcome = both.outcomes[table.name]
        assert outcome.rows["updated"] + outcome.rows["inserted"] > 0
        assert outcome.plan.context_rows == sum(outcome.rows.values())


def test_a_second_run_changes_nothing_and_only_missing_finds_nothing(both: Both) -> None:
    before = {table.name: contents(both.bigquery, table, times=True) for table in UPSTREAM_TARGETS}
    assert backfill_upstream(both.bigquery, settings(), DAYS, silent(), only_missing=True) == []
    for outcome in backfill_upstream(both.bigquery, settings(), DAYS, silent()):
        assert (outcome.rows["inserted"], outcome.rows["updated"]) == (0, 0)
    assert before == {table.name: contents(both.bigquery, table, times=True) for table in UPSTREAM_TARGETS}


def test_an_audit_of_what_was_computed_finds_it_as_it_was_known_before(both: Both) -> None:
    found = audit_leaks(both.bigquery, settings(), DAYS, silent(), sample=1).as_json()
    assert {table["table"] for table in found["tables"]} == {table.name for table in UPSTREAM_TARGETS}
    for table in found["tables"]:
        assert table["rows"] > 0
        for column in table["columns"]:
            assert column["before_only"] + column["both"] == table["rows"], (table["table"], column)
    assert [day["rows"] > 0 and day["moved"] == 0 for day in found["altered_future"]] == [True]
    assert found["exit_code"] == 0


def test_rollbacks_bring_the_tables_back_as_they_were(both: Both) -> None:
    shot_zones, _, cache, _ = UPSTREAM_TARGETS
    for table in (shot_zones, cache):
        runs = [row for row in both.bigquery.rows(FEATURE_RUNS) if f'"table": "{table.name}"' in row["parameters"]]
        latest = sorted({row["run_id"] for row in runs if row["job"] == "backfill_upstream"}, reverse=True)
        # The newest run wrote nothing that differs; the one before it did.
        rollback(both.bigquery, settings(), latest[0], silent())
        rollback(both.bigquery, settings(), latest[1], silent())
        assert contents(both.bigquery, table, times=True) == both.before[table.name], table.name
