"""A run is resumed only into the tables that it wrote, and only while what it wrote is there: else exit 2."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill_features import backfill_features
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError, JobError
from jobs.ledger.history import runs_of
from jobs.planning.plan import requested_dates
from jobs.rollback import rollback
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.store import Store, silent

TWO_MONTHS = requested_dates(datetime.date(2021, 11, 30), datetime.date(2021, 12, 1), None)
OPTIONS: dict[str, Any] = {"on_missing": "fallback", "merge_slice_rows": 1}
MINE = {"ml_feature_store_v2": "lab.mine"}


def stopped_after_a_slice(warehouse: DeltaWarehouse, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that failed at its second MERGE."""
    merge = DeltaWarehouse.merge

    def fail_at_the_second(
        self: DeltaWarehouse, table: Any, statement: str, run_id: str, slice_number: int, new: Any
    ) -> Any:
        if slice_number == 2:
            raise JobError("the disk is full")
        return merge(self, table, statement, run_id, slice_number, new)

    with monkeypatch.context() as patch:
        patch.setattr(DeltaWarehouse, "merge", fail_at_the_second)
        with pytest.raises(JobError, match="the disk is full"):
            backfill_features(warehouse, settings, TWO_MONTHS, silent())
    return runs_of(warehouse.rows(FEATURE_RUNS))[0].run_id


def test_a_run_is_not_resumed_into_another_table(
    imported: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = imported.copied_to(tmp_path / "warehouse")
    config = tmp_path / "mine.yaml"
    config.write_text("tables: {ml_feature_store_v2: lab.mine}\n")
    mine = DeltaWarehouse(store.spark, store.root, MINE)
    settings = load_settings({**OPTIONS, "warehouse_path": store.root}, config=config, environment={})
    run_id = stopped_after_a_slice(mine, settings, monkeypatch)
    with pytest.raises(ConfigurationError, match=r"writes lab\.mine, not nba_predictions\.ml_feature_store_v2; resume"):
        store.resume(run_id)
    assert not (store.root / "nba_predictions" / "ml_feature_store_v2").exists()
    earlier = earlier_run(mine, run_id, job="backfill_features")
    settings = settings_of(earlier, settings)
    assert settings.config_file == config
    outcome = backfill_features(mine, settings, TWO_MONTHS, silent(), resumed=earlier)
    assert outcome.rows["inserted"] == mine._load(ML_FEATURE_STORE).count()
    assert f" --config {config}" in outcome.command


def test_a_run_that_was_undone_is_not_resumed(imported: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = imported.copied_to(tmp_path / "warehouse")
    run_id = stopped_after_a_slice(store.warehouse, load_settings(OPTIONS, environment={}), monkeypatch)
    done = rollback(store.warehouse, load_settings({}, environment={}), run_id, silent())
    assert store.features() == {}
    with pytest.raises(ConfigurationError, match=r"was undone by run .*; start a new run for its dates") as refused:
        store.resume(run_id)
    assert refused.value.exit_code == 2
    assert done.run_id in str(refused.value)
    assert store.features() == {}
