"""A fill of two pre-computed tables that is killed: resumed, then asked for what is missing, both are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.backfill_upstream import resume_run
from jobs.config.settings import load_settings
from jobs.ledger.history import runs_of
from jobs.schemas.tables import FEATURE_RUNS
from tests.end_to_end.killed_run import DATES, KILLED_TABLES, SECOND_STAGED, UPSTREAM_POINTS, killed
from tests.end_to_end.store import Row, Store, silent, without_times


def contents(store: Store) -> dict[str, dict[Any, Row]]:
    return {table.name: without_times(store.keyed(table)) for table in KILLED_TABLES}


@pytest.fixture(scope="module")
def emptied(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small league, its two tables there and without a row."""
    store = imported.copied_to(tmp_path_factory.mktemp("emptied"))
    for table in KILLED_TABLES:
        store.sql("DELETE FROM {table} WHERE TRUE", table)
    return store


@pytest.fixture(scope="module")
def uninterrupted(emptied: Store, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[Any, Row]]:
    store = emptied.copied_to(tmp_path_factory.mktemp("uninterrupted"))
    store.fill_upstream(DATES, tables=KILLED_TABLES)
    found = contents(store)
    assert all(found.values())
    return found


@pytest.mark.parametrize("point", UPSTREAM_POINTS)
def test_killed_resumed_and_asked_for_what_is_missing(
    point: str, emptied: Store, uninterrupted: dict[str, dict[Any, Row]], tmp_path: Path
) -> None:
    store = emptied.copied_to(tmp_path / "warehouse")
    killed("backfill_upstream", point, {"warehouse_path": str(store.root)}, tmp_path, store.spark)
    runs = runs_of(store.warehouse.rows(FEATURE_RUNS))
    (stopped,) = [run.row.run_id for run in runs if run.row.status == "running"]
    outcome = resume_run(store.warehouse, load_settings({}, environment={}), silent(), stopped, [])
    assert outcome.run_id == stopped
    in_second = point == SECOND_STAGED
    assert outcome.table == KILLED_TABLES[in_second].name
    filled = store.fill_upstream(DATES, tables=KILLED_TABLES, only_missing=True)
    assert list(filled) == ([] if in_second else [KILLED_TABLES[1].name])
    assert contents(store) == uninterrupted
    for table in KILLED_TABLES:
        assert list(store.folder(table).parent.glob("*_staging_*")) == []
