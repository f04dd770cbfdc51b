"""A month on an object store: the rows and hashes of a folder, nothing written twice, kills, resume and rollback."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill_features import backfill_features
from jobs.config.settings import Settings, load_settings
from jobs.export_training_set import export_training_set
from jobs.import_tables import import_tables
from jobs.ledger.history import RunHistory
from jobs.object_stores.folders import in_order, relative
from jobs.object_stores.store_path import StorePath
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates
from jobs.rollback import rollback
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE, SOURCES, Table
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.killed_run import DATES, OPTIONS, POINTS, PUBLISHING, killed
from tests.end_to_end.store import Store, november, silent, without_times
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import new_folder, options, upload
from transforms.training_set import Selection

FALLBACK: dict[str, Any] = {"on_missing": "fallback"}


@dataclass(frozen=True)
class InBucket:
    """A warehouse on the Cloud Storage of the tests."""

    spark: SparkSession
    gcs: FakeGcs
    root: StorePath

    @property
    def warehouse(self) -> DeltaWarehouse:
        """The warehouse with Spark at hand."""
        return DeltaWarehouse(self.spark, self.root, {})

    def settings(self, **changed: Any) -> Settings:
        """Those of a run there."""
        told = {"warehouse_path": str(self.root), "object_stores": options(self.gcs)}
        return load_settings({**told, **changed}, environment={})

    def backfill(self, requested: RequestedDates, **changed: Any) -> RunOutcome:
        """A run with these settings."""
        return backfill_features(self.warehouse, self.settings(**changed), requested, silent())

    def rows(self, table: Table = ML_FEATURE_STORE) -> dict[Any, dict[str, Any]]:
        """All rows of a table by key."""
        found = self.spark.read.format("delta").load(str(self.warehouse.folder(table))).collect()
        rows = [row.asDict() for row in found]
        return {tuple(row[name] for name in table.key): row for row in rows}

    def files(self) -> list[str]:
        """Every object of the warehouse but the ledger's."""
        found = in_order(self.root.rglob("*"))
        return [name for file in found if "nba_orchestration" not in (name := str(relative(file, self.root)))]


@pytest.fixture
def empty(spark: SparkSession, gcs: FakeGcs) -> InBucket:
    return InBucket(spark, gcs, new_folder(gcs, spark))


@pytest.fixture
def in_bucket(empty: InBucket, imported: Store) -> InBucket:
    """The small league, as somebody copied it there."""
    upload(empty.gcs, imported.root, empty.root)
    return empty


@pytest.fixture(scope="module")
def expected(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[Any, dict[str, Any]]:
    """What a folder holds after the run that is killed elsewhere."""
    store = imported.copied_to(tmp_path_factory.mktemp("expected"))
    store.backfill(DATES, **OPTIONS)
    return without_times(store.features())


def test_a_month_has_the_rows_and_hashes_of_a_folder_and_is_not_written_twice(
    empty: InBucket, imported: Store, league_files: Path, tmp_path: Path
) -> None:
    requested = november(1, 30)
    here = imported.copied_to(tmp_path / "here")
    of_here = here.backfill(requested, **FALLBACK)
    # The files come from the bucket too.
    source = new_folder(empty.gcs, empty.spark)
    upload(empty.gcs, league_files, source)
    rows = import_tables(empty.warehouse, source, silent())
    assert rows == {table.name: len(here.rows(table)) for table in SOURCES}
    assert not any(".import-" in name for name in empty.files())
    outcome = empty.backfill(requested, **FALLBACK)
    assert outcome.rows == of_here.rows
    assert without_times(empty.rows()) == without_times(here.features())
    assert all(row["data_hash"] for row in empty.rows().values())
    before, version = empty.files(), empty.warehouse.current_version(ML_FEATURE_STORE)
    again = empty.backfill(requested, **FALLBACK)
    assert (again.merged_rows["inserted"], again.merged_rows["updated"]) == (0, 0)
    assert (empty.files(), empty.warehouse.current_version(ML_FEATURE_STORE)) == (before, version)


def test_a_training_set_is_written_to_the_bucket(in_bucket: InBucket) -> None:
    in_bucket.backfill(november(18, 21), **FALLBACK)
    output = new_folder(in_bucket.gcs, in_bucket.spark)
    found = export_training_set(in_bucket.warehouse, november(18, 21), str(output), Selection())
    (split,) = found.splits
    assert split.rows == in_bucket.spark.read.parquet(str(output / "train")).count() > 0
    assert '"digest"' in (output / "manifest.json").read_text()


def test_a_rollback_puts_back_what_was_there(in_bucket: InBucket) -> None:
    in_bucket.backfill(november(18, 19), **FALLBACK)
    before = in_bucket.rows()
    second = in_bucket.backfill(november(18, 22), write_mode="overwrite", **FALLBACK)
    assert len(in_bucket.rows()) > len(before)
    undone = rollback(in_bucket.warehouse, in_bucket.settings(), second.run_id, silent())
    assert undone is not None
    assert without_times(in_bucket.rows()) == without_times(before)
    assert not any("_staging_" in name for name in in_bucket.files())


@pytest.mark.parametrize("point", [point for point in POINTS if point != PUBLISHING])
def test_a_run_that_was_killed_ends_like_any_other_when_it_is_resumed(
    point: str, in_bucket: InBucket, expected: dict[Any, dict[str, Any]], tmp_path: Path
) -> None:
    told = {"warehouse_path": str(in_bucket.root), "object_stores": options(in_bucket.gcs)}
    killed("backfill_features", point, told, tmp_path, in_bucket.spark)
    (run,) = RunHistory(in_bucket.warehouse).runs()
    assert run.row.status == "running"
    earlier = earlier_run(in_bucket.warehouse, run.run_id, job="backfill_features")
    settings = settings_of(earlier, in_bucket.settings())
    outcome = backfill_features(in_bucket.warehouse, settings, DATES, silent(), resumed=earlier)
    assert outcome.run_id == run.run_id
    assert without_times(in_bucket.rows()) == expected
    assert RunHistory(in_bucket.warehouse).run(run.run_id).row.status == "succeeded"
    assert not any("_staging_" in name for name in in_bucket.files())


def test_the_ledger_tells_the_same_of_both(in_bucket: InBucket) -> None:
    outcome = in_bucket.backfill(november(18, 18), **FALLBACK)
    (run,) = RunHistory(in_bucket.warehouse).runs()
    assert (run.run_id, run.row.status) == (outcome.run_id, "succeeded")
    assert [date.game_date for date in RunHistory(in_bucket.warehouse).dates(run.run_id)] == [
        datetime.date(2021, 11, 18)
    ]
    assert in_bucket.warehouse.rows(FEATURE_RUNS, run.run_id)[-1]["job"] == "backfill_features"
