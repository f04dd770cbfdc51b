"""A rollback: the dates of a run are as before it, row for row, unless somebody has written them since."""

from __future__ import annotations

import datetime
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError, ContractError, JobError, RefusedError
from jobs.ledger.history import RunHistory
from jobs.reports.rollback import RolledBack
from jobs.rollback import rollback
from jobs.schemas.tables import ML_FEATURE_STORE, UPCOMING_PLAYER_GAME_CONTEXT
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.store import Store, november, silent

TARGET = "nba_predictions.ml_feature_store_v2"


def undo(store: Store, run_id: str, **options: Any) -> RolledBack:
    with store.opened() as warehouse:
        return rollback(warehouse, load_settings({}, environment={}), run_id, silent(), **options)


@pytest.fixture(scope="module")
def store(filled_store: Store) -> Store:
    return filled_store


def test_dates_that_had_older_rows_are_as_before(store: Store, tmp_path: Path) -> None:
    before = store.features()
    store.sql("UPDATE {table} SET days_rest = 9 WHERE game_date >= DATE '2021-11-20'", UPCOMING_PLAYER_GAME_CONTEXT)
    run = store.backfill(november(20, 23), on_missing="fallback")
    assert run.rows["updated"] > 0
    assert run.rows["inserted"] > 0
    after = store.features()
    assert after != before
    later = store.copied_to(tmp_path / "later")

    done = undo(store, run.run_id)
    assert store.features() == before
    assert done.rows == {"inserted": 0, "updated": run.rows["updated"], "deleted": run.rows["inserted"]}
    assert store.staging_folders() == []
    assert store.statuses(done.run_id) == ["running", "succeeded"]
    writers = RunHistory(store.warehouse).writers(TARGET)
    assert run.run_id not in {other.run_id for wrote in writers.values() for _, other in wrote}
    with pytest.raises(ConfigurationError, match=f"was undone already, by run {done.run_id}"):
        undo(store, run.run_id)

    second = later.backfill(november(23, 23), on_missing="fallback")
    with pytest.raises(RefusedError, match=rf"run {second.run_id} has written 2021-11-23 after .*--force"):
        undo(later, run.run_id)
    assert later.features() == after
    undo(later, run.run_id, force=True)
    assert later.features() == before


def test_a_rollback_that_was_killed_is_given_again_and_leaves_nothing(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own_store.features()
    run = own_store.backfill(november(22, 23), on_missing="fallback")

    def die(*_: Any) -> Any:
        raise JobError("as if it were killed")

    with monkeypatch.context() as patched:
        patched.setattr(DeltaWarehouse, "merge", die)
        patched.setattr(DeltaWarehouse, "drop_staging", lambda *_: None)
        with pytest.raises(JobError, match="as if it were killed"):
            undo(own_store, run.run_id)
    assert len(own_store.staging_folders()) == 1
    undo(own_store, run.run_id)
    assert own_store.features() == before
    assert own_store.staging_folders() == []


ALTERED = {
    "a column": ["ALTER TABLE {table} ADD COLUMN note STRING"],
    "mapped columns": [
        "ALTER TABLE {table} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', "
        "'delta.minWriterVersion' = '5')",
        "ALTER TABLE {table} ADD COLUMN remark STRING",
        "ALTER TABLE {table} RENAME COLUMN remark TO note",
    ],
}


@pytest.mark.parametrize("altered", ALTERED.values(), ids=ALTERED)
def test_a_run_is_undone_after_the_table_was_altered(own_store: Store, altered: list[str]) -> None:
    before = own_store.features()
    own_store.sql("UPDATE {table} SET days_rest = 9 WHERE game_date >= '2021-11-20'", UPCOMING_PLAYER_GAME_CONTEXT)
    run = own_store.backfill(november(20, 23), on_missing="fallback")
    for statement in altered:
        own_store.sql(statement)
    own_store.sql("UPDATE {table} SET note = 'seen' WHERE game_date = '2021-11-20'")
    undo(own_store, run.run_id)
    after = own_store.features()
    assert {row.pop("note") for row in after.values() if row["game_date"].day == 20} == {"seen"}
    assert {row.pop("note") for row in after.values() if "note" in row} == {None}
    assert after == before


def test_columns_that_the_table_generates_are_left_alone(own_store: Store) -> None:
    folder = own_store.folder(ML_FEATURE_STORE)
    rows = own_store.spark.read.format("delta").load(str(folder)).localCheckpoint()
    shutil.rmtree(folder)
    # Spark 3.5 has no words for an identity; Delta's builder has.
    jvm: Any = own_store.spark._jvm
    tables, session = jvm.io.delta.tables.DeltaTable, own_store.spark._jsparkSession
    builder = tables.create(session).location(str(folder))
    for column in ML_FEATURE_STORE.columns:
        builder = builder.addColumn(column.name, column.spark_type.simpleString())
    builder = builder.addColumn(
        tables.columnBuilder(session, "id").dataType("BIGINT").generatedAlwaysAsIdentity().build()
    )
    month = tables.columnBuilder(session, "month").dataType("INT").generatedAlwaysAs("MONTH(game_date)")
    builder.addColumn(month.build()).execute()
    rows.write.format("delta").mode("append").save(str(folder))
    before = own_store.features()
    own_store.sql("UPDATE {table} SET days_rest = 9 WHERE game_date >= '2021-11-20'", UPCOMING_PLAYER_GAME_CONTEXT)
    run = own_store.backfill(november(20, 23), on_missing="fallback")
    undo(own_store, run.run_id)
    assert own_store.features() == before
    overwritten = own_store.backfill(november(20, 21), write_mode="overwrite")
    assert any("overwrite gives new values to id" in note for note in overwritten.notes)
    assert {row["month"] for row in own_store.features().values()} == {11}


def test_a_version_that_was_vacuumed_is_said_before_anything_is_begun(own_store: Store) -> None:
    own_store.sql("UPDATE {table} SET days_rest = 9 WHERE game_date >= '2021-11-20'", UPCOMING_PLAYER_GAME_CONTEXT)
    run = own_store.backfill(november(20, 21))
    own_store.spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    own_store.sql("VACUUM {table} RETAIN 0 HOURS")
    files = own_store.files()
    with pytest.raises(ContractError, match=r"version \d+ of table .*ml_feature_store_v2 .* is vacuumed"):
        undo(own_store, run.run_id)
    assert own_store.files() == files
    # Where the log alone does not tell, Spark does.
    with pytest.raises(ContractError, match="is vacuumed"):
        own_store.warehouse.stage_version(
            ML_FEATURE_STORE, "1", [datetime.date(2021, 11, 20)], "20211121T083000Z-abcdef"
        )


def test_a_run_that_nobody_knows(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="has no run '20200101T000000Z-abcdef'"):
        undo(store, "20200101T000000Z-abcdef")


def test_a_rollback_that_failed_says_how_to_run_it_again(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled.copied_to(tmp_path / "warehouse")
    run = store.backfill(november(22, 22), on_missing="fallback")
    told = io.StringIO()
    settings = load_settings({"warehouse_path": store.root}, environment={})

    def full(*_: Any) -> None:
        raise JobError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(DeltaWarehouse, "merge", full)
        with pytest.raises(JobError):
            rollback(store.warehouse, settings, run.run_id, Progress(Console(file=told, soft_wrap=True)))
    again = f"rollback --warehouse delta --warehouse-path {store.root} {run.run_id}\n"
    assert "failed; fix the cause, then run it again:\n" in told.getvalue()
    assert told.getvalue().endswith(again)
    undo(store, run.run_id)
    assert store.features() == filled.features()
