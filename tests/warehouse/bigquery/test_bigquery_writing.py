"""What only BigQuery does when rows are staged, merged and overwritten; the rest is tested on every warehouse."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

from jobs.errors import ContractError, JobError, VerificationError
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE
from jobs.warehouse.bigquery.tables import new_table
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from jobs.warehouse.interface import MergeCounts
from tests.warehouse.backends import Row
from tests.warehouse.bigquery.backend import BigQueryBackend
from tests.warehouse.feature_rows import EARLIER, NOVEMBER_18, NOVEMBER_19, feature_row

TABLE = ML_FEATURE_STORE
RUN = "20211121T083000Z-abcdef"


def stage(backend: BigQueryBackend, rows: Sequence[Row], **section: Any) -> BigQueryWarehouse:
    warehouse = backend.project.warehouse(backend.spark, **section)
    warehouse.create(TABLE)
    warehouse.stage(TABLE, TABLE.columns, backend.frame(TABLE.columns, rows), RUN)
    return warehouse


def merge(warehouse: BigQueryWarehouse) -> MergeCounts:
    return warehouse.merge(TABLE, warehouse.merge_statement(TABLE, TABLE.columns, RUN, [NOVEMBER_18]), RUN, 1)


def staging_of(backend: BigQueryBackend) -> str:
    return f"{backend.project.name(TABLE)}_staging_{RUN}"


def jobs_of(backend: BigQueryBackend, beginning: str) -> list[Any]:
    jobs = [job for job in backend.project.client.list_jobs() if job.job_type == "query"]
    return [job for job in jobs if staging_of(backend) in job.query and job.query.startswith(beginning)]


def players(backend: BigQueryBackend) -> list[str]:
    return sorted(row["player_lookup"] for row in backend.rows(TABLE))


def test_every_value_comes_back_as_it_was(backend: BigQueryBackend) -> None:
    seconds = datetime.datetime(2021, 11, 18, 1, 2, 3, 456789)
    full = feature_row(
        "zoë o'neal",
        features=[0.1 + 0.2, -1e300, *map(float, range(23))],
        data_quality_issues=["stale é", ""],
        source_daily_cache_last_updated=seconds,
        is_home=False,
    )
    empty = feature_row("anna", features=[], feature_names=None, days_rest=None, feature_quality_score=None)
    warehouse = stage(backend, [full, empty])
    assert merge(warehouse) == MergeCounts(inserted=2, updated=0)
    read = {row["player_lookup"]: row.asDict() for row in warehouse.read(TABLE, (NOVEMBER_18, NOVEMBER_18)).collect()}
    nothing = dict.fromkeys(TABLE.column_names)
    assert read["zoë o'neal"] == {**nothing, **full}
    # BigQuery knows no NULL array: an empty one stands for it.
    assert read["anna"] == {**nothing, **empty, "feature_names": []}


def test_the_staging_table_is_laid_out_like_the_target_and_expires(backend: BigQueryBackend) -> None:
    stage(backend, [feature_row("anna")], staging_days=3)
    target, staging = map(backend.project.client.get_table, (backend.project.name(TABLE), staging_of(backend)))
    assert staging.schema == target.schema
    for table in (target, staging):
        assert (table.time_partitioning.type_, table.time_partitioning.field) == ("DAY", "game_date")
        assert table.clustering_fields == ["player_lookup", "feature_version", "game_date"]
    days = (staging.expires - datetime.datetime.now(datetime.timezone.utc)) / datetime.timedelta(days=1)
    assert 2.9 < days <= 3
    assert target.expires is None


def test_a_slice_that_is_sent_again_does_not_run_again(backend: BigQueryBackend) -> None:
    first = merge(stage(backend, [feature_row("anna"), feature_row("bert")]))
    backend.project.rows(f"DELETE FROM `{backend.project.name(TABLE)}` WHERE TRUE")
    assert merge(backend.make_warehouse()) == first == MergeCounts(inserted=2, updated=0)
    assert players(backend) == []
    assert len(jobs_of(backend, "MERGE")) == 1


def test_a_slice_that_is_staged_again_runs_again(backend: BigQueryBackend) -> None:
    merge(stage(backend, [feature_row("anna")]))
    assert merge(stage(backend, [feature_row("bert")])) == MergeCounts(inserted=1, updated=0)
    assert players(backend) == ["anna", "bert"]


def test_a_merge_is_one_labelled_job_named_after_run_and_slice(backend: BigQueryBackend) -> None:
    merge(stage(backend, [feature_row("anna")], labels={"team": "features"}, maximum_bytes_billed=10**12))
    (job,) = jobs_of(backend, "MERGE")
    assert job.labels == {"team": "features", "run_id": RUN.lower(), "slice": "1"}
    assert job.job_id.startswith(f"feature_store-{RUN}-slice1-")


def test_an_overwrite_is_one_job_and_takes_a_key_once(backend: BigQueryBackend) -> None:
    held = [feature_row("anna"), feature_row("bert"), feature_row("anna", NOVEMBER_19)]
    backend.load(TABLE, held)
    warehouse = stage(backend, [feature_row("carl"), feature_row("carl", data_hash="second")])
    warehouse.overwrite(TABLE, TABLE.columns, [NOVEMBER_18], RUN, 1)
    assert players(backend) == ["anna", "carl"]
    (job,) = jobs_of(backend, "MERGE")
    assert job.labels == {"run_id": RUN.lower(), "slice": "1"}


def test_an_overwrite_that_fails_changes_nothing(backend: BigQueryBackend) -> None:
    backend.load(TABLE, [feature_row("anna")])
    warehouse = stage(backend, [feature_row("bert")])
    warehouse.drop_staging(TABLE, RUN)
    with pytest.raises(JobError, match=f"{TABLE.name}_staging_{RUN}"):
        warehouse.overwrite(TABLE, TABLE.columns, [NOVEMBER_18], RUN, 1)
    assert players(backend) == ["anna"]


@pytest.mark.parametrize("column", ["feature_names", "data_quality_issues", "features"])
def test_a_null_in_an_array_stages_nothing(backend: BigQueryBackend, column: str) -> None:
    changed: Row = {column: [None]}
    with pytest.raises(VerificationError, match=f"NULL element in array {column}"):
        stage(backend, [feature_row("anna"), {**feature_row("bert"), **changed}])
    assert backend.project.client.get_table(staging_of(backend)).num_rows == 0


@pytest.mark.parametrize("numbers", [(None, None), (9, 4)], ids=["plain", "wider"])
def test_decimals_fit_the_target_as_it_is(backend: BigQueryBackend, numbers: tuple[Any, Any]) -> None:
    name = backend.project.name(TABLE)
    decimal: dict[str, Any] = {} if numbers[0] is None else dict(zip(("precision", "scale"), numbers, strict=True))
    fields = [
        SchemaField(field.name, "NUMERIC", **decimal) if field.field_type == "NUMERIC" else field
        for field in new_table(TABLE, name).schema
    ]
    backend.project.create(TABLE, fields)
    assert backend.make_warehouse().checked_target(TABLE) == list(TABLE.columns)
    merge(stage(backend, [feature_row("anna", feature_quality_score=Decimal("87.25"))]))
    assert [row["feature_quality_score"] for row in backend.rows(TABLE)] == [Decimal("87.25")]


def test_the_ledger_is_appended_by_load_jobs(backend: BigQueryBackend) -> None:
    warehouse = backend.make_warehouse()
    row = {"run_id": RUN, "status": "running", "started_at": EARLIER, "pid": 7, "seconds_read": 0.5}
    warehouse.append(FEATURE_RUNS, [row])
    warehouse.append(FEATURE_RUNS, [{**row, "status": "succeeded"}])
    found = sorted(backend.rows(FEATURE_RUNS), key=lambda found: str(found["status"]))
    assert [{name: kept[name] for name in row} for kept in found] == [row, {**row, "status": "succeeded"}]
    dataset = backend.project.name(FEATURE_RUNS).split(".")[1]
    loads = [job for job in backend.project.client.list_jobs() if job.job_type == "load"]
    assert [job.state for job in loads if job.destination.dataset_id == dataset] == ["DONE", "DONE"]


def test_a_ledger_of_an_earlier_version_is_named_with_what_to_add(backend: BigQueryBackend) -> None:
    earlier = [field for field in new_table(FEATURE_RUNS, "p.d.t").schema if field.name not in ("phase", "slice")]
    backend.project.client.create_table(bigquery.Table(backend.project.name(FEATURE_RUNS), earlier))
    with pytest.raises(ContractError, match=r"ALTER TABLE .* ADD COLUMN phase STRING, ADD COLUMN slice INT64"):
        backend.make_warehouse().append_exclusively(FEATURE_RUNS, lambda rows: {"run_id": RUN})
