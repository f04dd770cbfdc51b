"""A fill of two pre-computed tables that is killed: resumed, then asked for what is missing, both are whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.backfill_upstream import resume_run
from jobs.runtime.configuration import load_settings
from jobs.runtime.run_history import runs_of
from jobs.warehouse.schemas import FEATURE_RUNS
from tests.end_to_end.killed_run import DATES, KILLED_TABLES, OPTIONS, UPSTREAM_POINTS
from tests.end_to_end.store import Row, Store, silent

REPOSITORY = Path(__file__).parents[2]
OF_THE_RUN = ("processed_at", "created_at")


def contents(store: Store) -> dict[str, dict[Any, Row]]:
    return {
        table.name: {
            key: {name: value for name, value in row.items() if name not in OF_THE_RUN}
            for key, row in store.keyed(table).items()
        }
        for table in KILLED_TABLES
    }


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
    config = tmp_path / "settings.json"
    config.write_text(json.dumps({**OPTIONS, "warehouse_path": str(store.root)}))
    command = [sys.executable, "-m", "tests.end_to_end.killed_run", "backfill_upstream", point, str(config)]
    killed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    runs = runs_of(store.warehouse.rows(FEATURE_RUNS))
    (stopped,) = [run.row["run_id"] for run in runs if run.row["status"] == "running"]
    outcome = resume_run(store.warehouse, load_settings({}, environment={}), silent(), stopped, [])
    assert outcome.run_id == stopped
    in_second = point == "in the second table's staging"
    assert outcome.table == KILLED_TABLES[in_second].name
    filled = store.fill_upstream(DATES, tables=KILLED_TABLES, only_missing=True)
    assert list(filled) == ([] if in_second else [KILLED_TABLES[1].name])
    assert contents(store) == uninterrupted
    for table in KILLED_TABLES:
        assert list(store.warehouse.folder(table).parent.glob("*_staging_*")) == []
