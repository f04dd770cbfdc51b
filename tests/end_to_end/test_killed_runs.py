"""A driver that is killed at each step, then resumed: target, hashes and ledger are as if nobody had been killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.errors import ConfigurationError
from jobs.ledger.history import RunHistory, runs_of
from jobs.schemas.tables import FEATURE_RUNS
from tests.end_to_end.killed_run import DATES, OPTIONS, POINTS, killed
from tests.end_to_end.store import Store, without_times

OF_THE_LEDGER = ("status", "dates_written", "rows_planned", "rows_inserted", "rows_updated", "rows_unchanged")


def recorded(store: Store, run_id: str) -> tuple[Any, ...]:
    run = RunHistory(store.warehouse).run(run_id)
    dates = RunHistory(store.warehouse).dates(run_id)
    columns = ("game_date", "status", "context_rows", "inserted", "updated", "unchanged", "skipped", "mean_quality")
    return [getattr(run.row, name) for name in OF_THE_LEDGER], [
        [getattr(date, name) for name in columns] for date in dates
    ]


@pytest.fixture(scope="module")
def uninterrupted(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    store = imported.copied_to(tmp_path_factory.mktemp("uninterrupted"))
    outcome = store.backfill(DATES, **OPTIONS)
    return without_times(store.features()), recorded(store, outcome.run_id)


@pytest.mark.parametrize("point", POINTS)
def test_a_run_that_was_killed_ends_like_any_other_when_it_is_resumed(
    point: str, imported: Store, uninterrupted: tuple[Any, ...], tmp_path: Path
) -> None:
    store = imported.copied_to(tmp_path / "warehouse")
    killed("backfill_features", point, {"warehouse_path": str(store.root)}, tmp_path, store.spark)
    (run,) = runs_of(store.warehouse.rows(FEATURE_RUNS))
    assert run.row.status == "running"
    outcome = store.resume(run.run_id)
    assert outcome.run_id == run.run_id
    assert (without_times(store.features()), recorded(store, run.run_id)) == uninterrupted
    assert {row["created_at"] for row in store.features().values()} == {
        run.row.started_at.replace(microsecond=0, tzinfo=None)
    }
    assert store.staging_folders() == []
    with pytest.raises(ConfigurationError, match="has ended"):
        store.resume(run.run_id)
