"""Runs that stop half way, that only plan, and that take single dates: what is written, and what is left behind."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jobs.errors import ExitCode, JobError, VerificationError
from jobs.planning.plan import requested_dates
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE, PLAYER_GAME_SUMMARY
from jobs.spark.errors import explained
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.store import Store, november

TWO_MONTHS = requested_dates(datetime.date(2021, 11, 30), datetime.date(2021, 12, 1), None)


def last_run(store: Store) -> dict[str, Any]:
    rows = store.rows(FEATURE_RUNS)
    return max(rows, key=lambda row: row["heartbeat_at"])


def test_a_dry_run_plans_and_writes_nothing(store: Store) -> None:
    outcome = store.backfill(november(8, 20), dry_run=True)
    assert not (store.root / "nba_predictions").exists()
    assert not (store.root / "nba_orchestration").exists()
    assert outcome.dry_run is not None
    assert outcome.dry_run["source_rows"]["upcoming_player_game_context"] > 0
    (statement,) = outcome.dry_run["statements"]
    assert "DATE '2021-11-20'" in statement
    assert "DATE '2021-11-09'" not in statement  # it lacks tables, so it fails
    assert outcome.exit_code is ExitCode.PARTIAL


def test_single_dates(store: Store) -> None:
    dates = [datetime.date(2021, 11, 21), datetime.date(2021, 11, 18)]
    outcome = store.backfill(requested_dates(None, None, dates))
    assert sorted(outcome.dates) == sorted(dates)
    assert sorted(store.features_by_date()) == sorted(dates)


def test_a_failure_between_slices_leaves_whole_slices(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    merge = DeltaWarehouse.merge

    def fail_at_the_second(
        self: DeltaWarehouse, table: Any, statement: str, run_id: str, slice_number: int, new: Any
    ) -> Any:
        if slice_number == 2:
            raise JobError("the disk is full")
        return merge(self, table, statement, run_id, slice_number, new)

    monkeypatch.setattr(DeltaWarehouse, "merge", fail_at_the_second)
    before = store.features_by_date()
    with pytest.raises(JobError, match="the disk is full"):
        store.backfill(TWO_MONTHS, on_missing="fallback", merge_slice_rows=1)
    after = store.features_by_date()
    assert after.keys() - before.keys() == {datetime.date(2021, 11, 30)}
    run = last_run(store)
    assert (run["status"], run["error"]) == ("failed", "JobError: the disk is full")
    assert [row["game_date"] for row in store.ledger(run["run_id"])] == [datetime.date(2021, 11, 30)]
    monkeypatch.undo()
    monkeypatch.setattr("jobs.backfill.sources.computed_rows", None)
    resumed = store.resume(run["run_id"])
    assert resumed.run_id == run["run_id"]
    assert store.features_by_date().keys() - after.keys() == {datetime.date(2021, 12, 1)}
    assert resumed.rows["inserted"] == sum(
        rows for date, rows in store.features_by_date().items() if date in resumed.dates
    )
    assert store.statuses(run["run_id"]) == ["running", "failed", "running", "succeeded"]
    assert store.staging_folders() == []


def test_a_staged_table_that_is_not_as_planned_is_not_merged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = DeltaWarehouse.stage

    def lose_a_row(self: DeltaWarehouse, table: Any, columns: Any, rows: Any, run_id: str, slices: Any) -> None:
        player = rows.agg({"player_lookup": "max"}).first()[0]
        stage(self, table, columns, rows.where(rows.player_lookup != player), run_id, slices)

    monkeypatch.setattr(DeltaWarehouse, "stage", lose_a_row)
    before = store.files()
    with pytest.raises(VerificationError, match=r"2021-11-20: .* rows are staged and 0 skipped"):
        store.backfill(november(20, 20))
    assert store.files() == before
    assert store.staging_folders() == []


def test_a_corrupt_file_is_named_and_nothing_is_written(store: Store) -> None:
    file = sorted(store.data_files(PLAYER_GAME_SUMMARY))[0]
    path = store.folder(PLAYER_GAME_SUMMARY) / file
    path.write_bytes(b"no Parquet" * 100)
    path.with_name(f".{file}.crc").unlink(missing_ok=True)
    before = store.files(ML_FEATURE_STORE)
    with pytest.raises(Exception, match=file) as raised:
        store.backfill(november(22, 22))
    line = explained(raised.value)
    assert file in line
    assert "\n" not in line
    assert not isinstance(raised.value, JobError)
    assert store.files(ML_FEATURE_STORE) == before
    assert store.staging_folders() == []
