"""Somebody else on the target: columns, constraints, properties and commits that are not ours."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from jobs.errors import ContractError, JobError
from jobs.schemas.tables import FEATURE_RUNS
from jobs.warehouse.delta import conflicts, slices
from tests.end_to_end.store import Store, november, without_times
from tests.spark_settings import configured

OTHERS = {"reprocess_attempt_count": 3, "circuit_breaker_active": True, "note": "keep"}


def test_overwriting_keeps_the_columns_of_others(own_store: Store) -> None:
    own_store.sql("ALTER TABLE {table} ADD COLUMN note STRING")
    own_store.sql("UPDATE {table} SET reprocess_attempt_count = 3, circuit_breaker_active = true, note = 'keep'")
    before = own_store.features()
    run = own_store.backfill(november(18, 23), write_mode="overwrite", on_missing="fallback")
    after = own_store.features()
    assert without_times({key: after[key] for key in before}) == without_times(before)
    new = [row for key, row in after.items() if key not in before]
    assert len(new) == run.rows["inserted"] > 0
    assert {tuple(row[name] for name in OTHERS) for row in new} == {(0, False, None)}
    assert any("columns that belong to other processes are kept" in note for note in run.notes)


def test_a_constraint_that_rows_break_is_told_in_one_line_with_its_table(own_store: Store) -> None:
    own_store.sql(
        "ALTER TABLE {table} ADD CONSTRAINT good CHECK (feature_quality_score > 101 OR game_date < '2021-11-22')"
    )
    with pytest.raises(JobError) as raised:
        own_store.backfill(november(22, 22), on_missing="fallback")
    line = str(raised.value)
    assert "nba_predictions.ml_feature_store_v2" in line
    assert "CHECK constraint good" in line
    assert "violated by row with values" in line
    assert "An error occurred" not in line
    assert len(line.splitlines()) == 1
    (failed,) = [row for row in own_store.rows(FEATURE_RUNS) if row["status"] == "failed"]
    assert "CHECK constraint good" in failed["error"]
    assert len(failed["error"].splitlines()) == 1


@pytest.mark.parametrize("write_mode", ["merge", "overwrite"])
def test_an_append_only_target_is_found_before_anything_is_computed(
    own_store: Store, monkeypatch: pytest.MonkeyPatch, write_mode: str
) -> None:
    own_store.sql("ALTER TABLE {table} SET TBLPROPERTIES ('delta.appendOnly' = 'true')")
    if write_mode == "merge":
        assert own_store.backfill(november(22, 22), on_missing="fallback").rows["inserted"] > 0
    monkeypatch.setattr("jobs.backfill.sources.computed_rows", None)
    with pytest.raises(ContractError, match=r"ml_feature_store_v2 in .* is append-only \(delta.appendOnly\)"):
        own_store.backfill(november(20, 21), write_mode=write_mode)


def meet_a_stranger(store: Store, monkeypatch: pytest.MonkeyPatch, statement: str, times: int) -> None:
    """Lets somebody else commit before each of the first MERGEs, which then fail as Delta fails them."""
    sql, left = SparkSession.sql, [times]

    def meet(self: SparkSession, asked: str, **options: Any) -> DataFrame:
        if asked.startswith("MERGE") and left[0]:
            left[0] -= 1
            # The stranger of this test is in the run's own session, where every commit gets the note of the slice.
            with configured(self, {slices._NOTE: ""}):
                store.sql(statement)
            raise PySparkException("[DELTA_CONCURRENT_APPEND] ConcurrentAppendException: files were added")
        return sql(self, asked, **options)

    monkeypatch.setattr(slices, "publish", lambda *_: None)
    monkeypatch.setattr(SparkSession, "sql", meet)
    monkeypatch.setattr(conflicts, "_PAUSES", (0.0, 0.0, 0.0))


BREAKER = "UPDATE {table} SET reprocess_attempt_count = reprocess_attempt_count + 1 WHERE game_date = '2021-11-20'"


def test_a_commit_that_met_another_is_tried_again(own_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    meet_a_stranger(own_store, monkeypatch, BREAKER, times=2)
    run = own_store.backfill(november(20, 23), on_missing="fallback")
    assert run.rows["inserted"] > 0
    counts = {row["reprocess_attempt_count"] for row in own_store.features().values() if row["game_date"].day == 20}
    assert counts == {2}


def test_a_writer_who_never_rests_ends_the_run_in_words(own_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    meet_a_stranger(own_store, monkeypatch, BREAKER, times=4)
    with pytest.raises(JobError, match=r"somebody else wrote it at the same moment, 4 times in a row; resume the run"):
        own_store.backfill(november(20, 23), on_missing="fallback")


def test_a_conflict_over_rows_of_the_run_ends_it(own_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    meet_a_stranger(own_store, monkeypatch, "DELETE FROM {table} WHERE game_date = '2021-11-20'", times=1)
    with pytest.raises(JobError, match="somebody else has changed rows of 2021-11-20 while this run was writing them"):
        own_store.backfill(november(20, 23), on_missing="fallback")
