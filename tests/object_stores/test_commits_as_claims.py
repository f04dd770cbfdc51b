"""The claim by a commit: asked again when another commit comes first, and once where only its answer was lost."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from pyspark.sql import types as T

from jobs.errors import RefusedError
from jobs.object_stores.store_path import StorePath
from jobs.warehouse.delta import claims
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.claims import append_by_commit
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import new_folder

NOW = datetime.datetime(2021, 11, 1, tzinfo=datetime.timezone.utc)
COLUMNS = T.StructType(
    [
        *[T.StructField(name, T.StringType()) for name in ("run_id", "host")],
        T.StructField("pid", T.LongType()),
        T.StructField("heartbeat_at", T.TimestampType()),
    ]
)


def row(run_id: str) -> dict[str, Any]:
    return {"run_id": run_id, "host": "here", "pid": 1, "heartbeat_at": NOW}


@pytest.fixture
def table(gcs: FakeGcs) -> StorePath:
    folder = new_folder(gcs)
    delta_log.create(folder, COLUMNS)
    return folder


def rows(table: StorePath) -> list[dict[str, Any]]:
    return delta_log.rows_of(table, None) or []


def run_ids(table: StorePath) -> list[Any]:
    return sorted(found["run_id"] for found in rows(table))


def test_whoever_decided_on_older_rows_is_asked_again(table: StorePath) -> None:
    seen: list[int] = []

    def decide(found: list[dict[str, Any]]) -> Mapping[str, Any]:
        seen.append(len(found))
        if len(seen) == 1:
            delta_log.append(table, COLUMNS, [row("other")])
        return row("mine")

    append_by_commit(table, COLUMNS, lambda: rows(table), decide)
    assert seen == [0, 1]
    assert run_ids(table) == ["mine", "other"]


def test_what_decides_may_refuse(table: StorePath) -> None:
    def decide(found: list[dict[str, Any]]) -> Mapping[str, Any]:
        raise RefusedError("held")

    with pytest.raises(RefusedError, match="held"):
        append_by_commit(table, COLUMNS, lambda: rows(table), decide)
    assert rows(table) == []


def test_a_commit_of_which_the_answer_is_lost_is_not_made_twice(
    table: StorePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = delta_log.append_if_newest
    monkeypatch.setattr(delta_log, "append_if_newest", lambda *given: made(*given) and False)
    append_by_commit(table, COLUMNS, lambda: rows(table), lambda _: row("mine"))
    assert run_ids(table) == ["mine"]


def test_others_who_write_at_every_moment_are_told_of(table: StorePath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_MOST_TRIES", 3)
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def decide(found: list[dict[str, Any]]) -> Mapping[str, Any]:
        delta_log.append(table, COLUMNS, [row("other")])
        return row("mine")

    with pytest.raises(RefusedError, match="others write to it at every moment"):
        append_by_commit(table, COLUMNS, lambda: rows(table), decide)
    assert run_ids(table) == ["other"] * 3
