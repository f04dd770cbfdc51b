"""A MERGE whose commit landed and whose answer did not: by a Spark that commits and then fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from deltalake import write_deltalake
from deltalake.exceptions import CommitFailedError
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PySparkException
from pyspark.sql import types as T

from jobs.errors import JobError, SparkError
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.delta import conflicts
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.slices import Slice
from jobs.warehouse.interface import MergeCounts
from tests.endurance.unreadable import unreadable

COLUMNS = T.StructType([T.StructField("player_lookup", T.StringType())])
STATEMENT = "MERGE INTO t\nWHEN MATCHED THEN UPDATE"
METRICS = {"numTargetRowsInserted": "3", "numTargetRowsUpdated": "2", "numTargetRowsDeleted": "1"}
NO_ANSWER = Py4JNetworkError("Answer from Java side is empty")
OWN_COMMIT_MET = PySparkException("[DELTA_CONCURRENT_APPEND] ConcurrentAppendException: files were added")


class Conf(dict[str, str]):
    """Spark's settings."""

    def set(self, name: str, value: str) -> None:
        self[name] = value

    def unset(self, name: str) -> None:
        self.pop(name)


class Spark:
    """Executes a statement by a commit with its note, if it commits at all, and answers with an error."""

    def __init__(self, folder: Path, error: Exception, *, commits: bool) -> None:
        self.conf, self.folder, self.error, self.commits, self.times = Conf(), folder, error, commits, 0

    def sql(self, _: str) -> Any:
        self.times += 1
        if self.commits:
            (note,) = self.conf.values()
            info = {"timestamp": 1, "operation": "MERGE", "operationMetrics": METRICS, "userMetadata": note}
            commit = self.folder / "_delta_log" / f"{delta_log.version_of(self.folder) + 1:020}.json"
            commit.write_text(json.dumps({"commitInfo": info}))
        raise self.error


def slice_of(folder: Path, spark: Spark) -> Slice:
    session: Any = spark
    return Slice(lambda: session, ML_FEATURE_STORE, folder, folder.with_name("staging"), "the.target", "run", 1)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    for name in ("target", "staging"):
        delta_log.create(tmp_path / name, COLUMNS)
    return tmp_path / "target"


@pytest.mark.parametrize("error", [NO_ANSWER, OWN_COMMIT_MET], ids=["no_answer", "own_commit_met"])
def test_a_merge_that_landed_is_counted_by_its_commit_and_not_sent_again(error: Exception, target: Path) -> None:
    spark = Spark(target, error, commits=True)
    assert slice_of(target, spark).merge(STATEMENT) == MergeCounts(inserted=3, updated=2, deleted=1)
    assert spark.times == 1
    # Nor by the process that resumes the run.
    assert slice_of(target, spark).merge(STATEMENT) == MergeCounts(inserted=3, updated=2, deleted=1)
    assert spark.times == 1


def test_a_merge_that_did_not_land_fails_in_words(target: Path) -> None:
    with pytest.raises(SparkError, match=r"table the\.target: Spark's JVM does not answer any more"):
        slice_of(target, Spark(target, NO_ANSWER, commits=False)).merge(STATEMENT)


def test_what_landed_is_asked_before_a_conflict_is_somebody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    def meet() -> int:
        raise OWN_COMMIT_MET

    def not_alone() -> None:
        raise JobError("somebody else")

    assert conflicts.retried(meet, lambda: 5, not_alone, "the.target") == 5
    with pytest.raises(JobError, match="somebody else"):
        conflicts.retried(meet, lambda: None, not_alone, "the.target")


@pytest.mark.parametrize("error", [OSError("connection reset"), CommitFailedError("try again")], ids=["reset", "again"])
def test_an_append_that_landed_is_not_made_again(
    error: Exception, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(*arguments: Any, **named: Any) -> None:
        write_deltalake(*arguments, **named)
        raise error

    monkeypatch.setattr(delta_log, "write_deltalake", lossy)
    delta_log.append(target, COLUMNS, [{"player_lookup": "anna"}])
    assert delta_log.rows_of(target, None) == [{"player_lookup": "anna"}]


def test_staged_rows_that_the_disk_cannot_read_are_dropped_and_named(target: Path) -> None:
    not_read = PySparkException("Job aborted\nCaused by: java.io.IOException: Input/output error")
    staging = target.with_name("staging")
    (file := staging / "part-0.parquet").write_bytes(b"rows")
    with unreadable(file), pytest.raises(SparkError) as raised:
        slice_of(target, Spark(target, not_read, commits=False)).merge(STATEMENT)
    assert f"file {file} cannot be read (Input/output error" in str(raised.value)
    assert str(raised.value).endswith("; the staging table is dropped")
    assert not (staging / "_delta_log").exists()
