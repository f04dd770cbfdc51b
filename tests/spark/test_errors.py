"""Spark's exceptions in one line: the cause and the file, no stack."""

from __future__ import annotations

import socket

import py4j.protocol
import pytest
from py4j.clientserver import ClientServer, JavaParameters, PythonParameters

from jobs.errors import SparkError
from jobs.spark.errors import explained, explained_in_time

CORRUPT = """org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2856)
Caused by: org.apache.spark.SparkException: [FAILED_READ_FILE] Encountered error while reading file file:///data/a.parquet.
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.cannotReadFilesError(QueryExecutionErrors.scala:863)
Caused by: java.lang.RuntimeException: file:/data/a.parquet is not a Parquet file. Expected magic number at tail
\tat org.apache.parquet.hadoop.ParquetFileReader.readFooter(ParquetFileReader.java:565)
"""
TRUNCATED = """Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times
Caused by: org.apache.spark.SparkException: Exception thrown in awaitResult while reading file:///data/b.parquet
Caused by: java.io.EOFException: Reached the end of stream with 12 bytes left to read
"""


class Py4JError(Exception):
    """As Spark for Python raises it: text and trace apart."""

    def __init__(self, desc: str, stack_trace: str) -> None:
        self.desc, self.stackTrace = desc, stack_trace


def test_the_innermost_cause_without_its_package() -> None:
    line = explained(Exception(CORRUPT))
    assert (
        line == "Exception: RuntimeException: file:/data/a.parquet is not a Parquet file. Expected magic number at tail"
    )


def test_the_file_is_named_when_the_cause_does_not() -> None:
    line = explained(Exception(TRUNCATED))
    assert "EOFException: Reached the end of stream" in line
    assert line.endswith("(file file:///data/b.parquet)")


def test_text_and_trace_apart() -> None:
    assert "EOFException" in explained(Py4JError("Job aborted due to stage failure", TRUNCATED))


def test_one_line_of_bounded_length() -> None:
    line = explained(ValueError("x" * 10_000 + "\nsecond"))
    assert len(line) <= 600
    assert "\n" not in line


def test_an_error_of_python_is_told_by_its_type() -> None:
    assert explained(ZeroDivisionError("division by zero")) == "ZeroDivisionError: division by zero"
    assert explained(KeyError("points")).startswith("KeyError: ")


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        ("java.io.IOException: No space left on device", "; make room on that disk"),
        ("java.io.IOException: Input/output error", "; see the system's log for that disk"),
        ("java.lang.OutOfMemoryError: Java heap space", "; give Java more by engine.driver_memory"),
        ("java.io.FileNotFoundException: /a/b (Permission denied)", "; ask the owner for the right"),
        ("io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: deadline exceeded", "; BigQuery has not answered a call"),
        (
            "org.apache.spark.SparkException: task 0.0 in stage 263.0 (TID 329) had a not serializable result: "
            "com.google.cloud.spark.bigquery.repackaged.io.grpc.Status",
            "; BigQuery has answered a call with an error, or not",
        ),
    ],
)
def test_what_a_person_can_do_follows(cause: str, advice: str) -> None:
    assert advice in explained(Exception(f"Job aborted\nCaused by: {cause}\n\tat java.base/java.io.X\n"))


DELTA = """An error occurred while calling o64.sql.
: org.apache.spark.sql.delta.schema.DeltaInvariantViolationException: [DELTA_VIOLATE_CONSTRAINT_WITH_VALUES] CHECK constraint q (score > 0) violated by row with values:
 - score : 0.00
 - tier : gold
\tat org.apache.spark.sql.delta.schema.DeltaInvariantViolationException$.apply(InvariantViolationException.scala:73)
"""  # noqa: E501
CHECKSUM = """Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times
Caused by: org.apache.hadoop.fs.ChecksumException: Checksum error: file:/data/wh/nba_analytics/player_game_summary/game_date=2021-11-19/part-0.parquet at 0 exp: 1 got: 2
"""  # noqa: E501
GONE = """An error occurred while calling o1.x.
: org.apache.spark.SparkFileNotFoundException: File file:/data/wh/a/b/p.parquet does not exist
"""


def test_what_java_said_stands_behind_py4js_colon() -> None:
    assert explained(Py4JError(DELTA, "")) == (
        "DeltaInvariantViolationException: [DELTA_VIOLATE_CONSTRAINT_WITH_VALUES] CHECK constraint q (score > 0) "
        "violated by row with values: score : 0.00, tier : gold"
    )


def test_a_damaged_file_is_named_with_its_table() -> None:
    file = "/data/wh/nba_analytics/player_game_summary/game_date=2021-11-19/part-0.parquet"
    assert explained(Exception(CHECKSUM)) == (
        f"table nba_analytics.player_game_summary: file {file} is damaged (ChecksumException); "
        "restore it from a copy, or write the table again"
    )


def test_a_file_that_is_gone_is_named_with_its_table() -> None:
    assert explained(Py4JError(GONE, "")).startswith("table a.b: file /data/wh/a/b/p.parquet is gone; restore it")


def test_a_file_that_the_disk_cannot_read_is_named_with_its_table() -> None:
    file = "/data/wh/nba_analytics/player_game_summary/_delta_log/00000000000000000000.json"
    told = f"[FAILED_READ_FILE] Encountered error while reading file://{file}\nCaused by: java.io.IOException: "
    assert explained(Exception(f"{told}Input/output error")) == (
        f"table nba_analytics.player_game_summary: file {file} cannot be read (Input/output error: see the system's "
        "log for that disk); restore it from a copy, or write the table again"
    )


@pytest.mark.parametrize(
    "error",
    [
        py4j.protocol.Py4JNetworkError("Answer from Java side is empty"),
        py4j.protocol.Py4JNetworkError("Error while sending or receiving"),
        py4j.protocol.Py4JError("An error occurred while calling o64.sql"),
    ],
)
def test_a_jvm_that_has_ended_is_told_in_words(error: Exception) -> None:
    assert explained(error).startswith("Spark's JVM does not answer any more: it was killed")


def test_a_new_connection_to_a_jvm_that_has_ended_is_told_in_the_same_words() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = ClientServer(java_parameters=JavaParameters(port=port), python_parameters=PythonParameters(port=0))
    try:
        with pytest.raises(SparkError, match="Spark's JVM does not answer any more"), explained_in_time():
            client.jvm.java.lang.System.nanoTime()
    finally:
        client.shutdown_callback_server()


def test_a_connection_of_somebody_else_that_is_refused_stays_what_it_is() -> None:
    with pytest.raises(ConnectionRefusedError, match="of BigQuery"), explained_in_time():
        raise ConnectionRefusedError("of BigQuery")


def test_an_error_of_a_call_keeps_its_trace() -> None:
    trace = "An error occurred while calling o1.foo. Trace:\npy4j.Py4JException: Method foo([]) does not exist\n"
    assert "does not answer" not in explained(py4j.protocol.Py4JError(trace))
