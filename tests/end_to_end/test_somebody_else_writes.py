"""Rows that a stranger puts into the target between verify and MERGE: a run stops, and resumed it makes them right."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from jobs.backfill import run
from jobs.backfill.stages import MergeSlice
from jobs.errors import AccountingError
from jobs.ledger.history import RunHistory, runs_of
from jobs.planning.plan import requested_dates
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE
from tests.end_to_end.store import Store, without_times

TWO_MONTHS = requested_dates(datetime.date(2021, 11, 30), datetime.date(2021, 12, 1), None)
OPTIONS: dict[str, Any] = {"on_missing": "fallback", "merge_slice_rows": 1}
STRANGERS = 5


def strangers_rows(store: Store, source: Store) -> None:
    """Some rows of the second slice, with another hash."""
    rows = source.spark.read.format("delta").load(str(source.folder(ML_FEATURE_STORE)))
    some = rows.where("game_date = DATE '2021-12-01'").limit(STRANGERS).withColumn("data_hash", F.lit("strange"))
    some.write.format("delta").mode("append").save(str(store.folder(ML_FEATURE_STORE)))


def test_what_was_merged_otherwise_than_planned_is_verified_and_merged_again(
    imported: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = imported.copied_to(tmp_path / "whole")
    planned = whole.backfill(TWO_MONTHS, **OPTIONS)
    store = imported.copied_to(tmp_path / "warehouse")
    stages = run.stages

    def with_a_stranger(*arguments: Any) -> Any:
        for stage in stages(*arguments):
            if isinstance(stage, MergeSlice) and stage.number == 2:
                strangers_rows(store, whole)
            yield stage

    monkeypatch.setattr(run, "stages", with_a_stranger)
    with pytest.raises(AccountingError, match=r"slice 2 of 2: the MERGE inserted .* somebody else has written"):
        store.backfill(TWO_MONTHS, **OPTIONS)
    monkeypatch.undo()
    (stopped,) = runs_of(store.warehouse.rows(FEATURE_RUNS))
    assert stopped.row.status == "failed"
    assert [row["game_date"] for row in store.ledger(stopped.run_id)] == [datetime.date(2021, 11, 30)]

    monkeypatch.setattr("jobs.backfill.sources.computed_rows", None)
    resumed = store.resume(stopped.run_id)
    assert without_times(store.features()) == without_times(whole.features())
    inserted = planned.rows["inserted"]
    assert (resumed.rows["inserted"], resumed.rows["updated"]) == (inserted - STRANGERS, STRANGERS)
    assert resumed.ledger_status == "succeeded"
    history = RunHistory(store.warehouse)
    assert history.run(stopped.run_id).row.rows_updated == STRANGERS
    assert {date.game_date: date.updated for date in history.dates(stopped.run_id)} == {
        datetime.date(2021, 11, 30): 0,
        datetime.date(2021, 12, 1): STRANGERS,
    }
    assert store.staging_folders() == []
