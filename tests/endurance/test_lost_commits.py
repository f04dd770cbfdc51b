"""A commit of staging, MERGE, overwrite or ledger that lands and is answered by an error: a run on Delta ends whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrameWriter, SparkSession

from jobs.schemas.tables import LEDGER, ML_FEATURE_STORE
from jobs.warehouse.delta import conflicts, slices
from jobs.warehouse.delta import log as delta_log
from tests.end_to_end.store import Store
from tests.endurance.contents import Contents, contents_of
from tests.endurance.scenarios import MONTH, OPTIONS

NO_ANSWER = Py4JNetworkError("Answer from Java side is empty")
OWN_COMMIT_MET = PySparkException("[DELTA_CONCURRENT_APPEND] ConcurrentAppendException: files were added")
Patch = pytest.MonkeyPatch


class Lost:
    """Loses the answer of every call that it is to, the first time of each kind of argument, and counts them."""

    def __init__(self, error: Exception, is_meant: Callable[..., bool]) -> None:
        self.error = error
        self.is_meant = is_meant
        self.times = 0

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def lossy(*arguments: Any, **named: Any) -> Any:
            answer = call(*arguments, **named)
            if self.is_meant(*arguments):
                self.times += 1
                raise self.error
            return answer

        return lossy


@pytest.fixture(scope="module")
def uninterrupted(sources: Store, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Contents]:
    found: dict[str, Contents] = {}

    def contents(write_mode: str) -> Contents:
        if write_mode not in found:
            store = sources.copied_to(tmp_path_factory.mktemp(write_mode))
            store.backfill(MONTH, **OPTIONS, write_mode=write_mode)
            found[write_mode] = contents_of(store, "backfill_features")
        return found[write_mode]

    return contents


@pytest.mark.parametrize(
    ("write_mode", "error", "publishes"),
    [
        ("merge", CommitFailedError("try again"), True),
        ("merge", OWN_COMMIT_MET, False),
        ("overwrite", NO_ANSWER, False),
    ],
)
def test_a_slice_whose_commit_is_not_answered_is_written_once(
    write_mode: str,
    error: Exception,
    publishes: bool,
    sources: Store,
    uninterrupted: Callable[[str], Contents],
    tmp_path: Path,
    monkeypatch: Patch,
) -> None:
    expected, store = uninterrupted(write_mode), sources.copied_to(tmp_path / "warehouse")
    monkeypatch.setattr(conflicts, "_PAUSES", (0.0,))
    target = str(store.warehouse.folder(ML_FEATURE_STORE))
    if publishes:
        lost = Lost(error, lambda *_: True)
        monkeypatch.setattr(DeltaTable, "create_write_transaction", lost.around(DeltaTable.create_write_transaction))
    elif write_mode == "merge":
        monkeypatch.setattr(slices, "publish", lambda *_: None)
        lost = Lost(error, lambda _, statement: statement.startswith("MERGE"))
        monkeypatch.setattr(SparkSession, "sql", lost.around(SparkSession.sql))
    else:
        lost = Lost(error, lambda _, path=None: path == target)
        monkeypatch.setattr(DataFrameWriter, "save", lost.around(DataFrameWriter.save))
    store.backfill(MONTH, **OPTIONS, write_mode=write_mode)
    monkeypatch.undo()
    assert lost.times == 2
    assert contents_of(store, "backfill_features").differences(expected) == []


def test_rows_of_the_ledger_whose_commit_is_not_answered_are_there_once(
    sources: Store, uninterrupted: Callable[[str], Contents], tmp_path: Path, monkeypatch: Patch
) -> None:
    expected, store = uninterrupted("merge"), sources.copied_to(tmp_path / "warehouse")
    folders = {str(store.warehouse.folder(table)) for table in LEDGER}
    lost = Lost(CommitFailedError("try again"), lambda folder, *_: folder in folders)
    monkeypatch.setattr(delta_log, "write_deltalake", lost.around(write_deltalake))
    store.backfill(MONTH, **OPTIONS)
    monkeypatch.undo()
    assert lost.times >= 5
    assert contents_of(store, "backfill_features").differences(expected) == []
    rows = [(row["run_id"], row["heartbeat_at"], row["status"]) for row in store.rows(LEDGER[0])]
    assert len(set(rows)) == len(rows)


def test_a_staging_table_whose_commit_is_not_answered_is_used(
    sources: Store, uninterrupted: Callable[[str], Contents], tmp_path: Path, monkeypatch: Patch
) -> None:
    expected, store = uninterrupted("merge"), sources.copied_to(tmp_path / "warehouse")
    lost = Lost(NO_ANSWER, lambda _, path=None: "_staging_" in str(path))
    monkeypatch.setattr(DataFrameWriter, "save", lost.around(DataFrameWriter.save))
    store.backfill(MONTH, **OPTIONS)
    monkeypatch.undo()
    assert lost.times == 1
    assert contents_of(store, "backfill_features").differences(expected) == []
