"""Statements that count over a Delta table's files: without Spark where these are the table, and as Spark counts."""

from __future__ import annotations

import datetime
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from deltalake import DeltaTable, Schema, write_deltalake
from pyspark.sql import SparkSession
from pyspark.sql import types as T

from jobs.cli.signals import heard
from jobs.errors import Interrupted
from jobs.planning.plan import RequestedDates
from jobs.results import results
from jobs.schemas.tables import ML_FEATURE_STORE as TARGET
from jobs.schemas.tables import UPCOMING_PLAYER_GAME_CONTEXT as CONTEXT
from jobs.schemas.tables import Table
from jobs.warehouse.counting_statements import (
    differing_rows_statement,
    feature_counts_statement,
    other_versions_statement,
    out_of_range_statement,
    repeated_keys_statement,
    results_statement,
    staged_dates_statement,
)
from jobs.warehouse.delta.counting import Counting
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.dialect import Dialect, Question
from jobs.warehouse.statements import prunable_statement
from tests.warehouse.feature_rows import NOVEMBER_18, NOVEMBER_19, feature_row, placeholder_row

BOTH_DAYS = RequestedDates(NOVEMBER_18, NOVEMBER_19)
PLAYERS = pa.schema([("player", pa.string()), ("points", pa.int64())])


class SparkStartedError(Exception):
    """A session was asked for."""


def no_session() -> SparkSession:
    raise SparkStartedError


@pytest.fixture
def warehouse(tmp_path: Path) -> DeltaWarehouse:
    """That cannot start Spark."""
    return DeltaWarehouse(no_session, tmp_path / "warehouse", {})


def write(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of the feature store, in a file of their own."""
    fields = [T.StructField(column.name, column.spark_type) for column in TARGET.columns]
    schema = pa.schema(Schema.from_json(T.StructType(fields).json()).to_arrow())
    utc = datetime.timezone.utc
    values = [
        {name: v.replace(tzinfo=utc) if isinstance(v, datetime.datetime) else v for name, v in row.items()}
        for row in rows
    ]
    write_deltalake(str(folder), pa.Table.from_pylist(values, schema=schema), mode="append")


def folder_of(warehouse: DeltaWarehouse, table: Table) -> Path:
    return Path(str(warehouse.folder(table)))


def counted(warehouse: DeltaWarehouse, what: str = "COUNT(*)") -> Any:
    (row,) = warehouse.ask(lambda _: f"SELECT {what} AS answer FROM {warehouse.sql_name(TARGET)}")
    return row["answer"]


def test_results_of_a_plain_table_need_no_spark(warehouse: DeltaWarehouse) -> None:
    write(
        folder_of(warehouse, TARGET), [feature_row("anna"), feature_row("bert", feature_quality_score=Decimal("80.01"))]
    )
    write(folder_of(warehouse, TARGET), [placeholder_row("carl"), feature_row("anna", NOVEMBER_19)])
    found = results(warehouse, BOTH_DAYS)
    assert [(held.game_date, held.rows, held.players) for held in found.dates] == [
        (NOVEMBER_18, 3, 3),
        (NOVEMBER_19, 1, 1),
    ]
    assert found.dates[0].mean_quality == 177.51 / 3
    assert found.total is not None
    assert (found.total.rows, found.total.players) == (4, 3)


def test_a_column_that_was_added_later_is_null_in_older_files(warehouse: DeltaWarehouse) -> None:
    folder = str(warehouse.folder(TARGET))
    write_deltalake(folder, pa.Table.from_pylist([{"player": "anna"}], schema=PLAYERS))
    wider = PLAYERS.append(pa.field("rebounds", pa.int64()))
    row = {"player": "bert", "points": 3, "rebounds": 4}
    write_deltalake(folder, pa.Table.from_pylist([row], schema=wider), mode="append", schema_mode="merge")
    assert counted(warehouse, "SUM(CASE WHEN rebounds IS NULL THEN 1 ELSE 10 END)") == 11


def test_a_column_that_no_file_has_is_null(warehouse: DeltaWarehouse) -> None:
    folder = str(warehouse.folder(TARGET))
    write_deltalake(folder, pa.Table.from_pylist([{"player": "anna"}], schema=PLAYERS))
    added = Schema.from_arrow(pa.schema([("shares", pa.list_(pa.float64())), ("mean", pa.decimal128(5, 2))]))
    DeltaTable(folder).alter.add_columns(list(added.fields))
    assert counted(warehouse, "SUM(CASE WHEN shares IS NULL AND mean IS NULL THEN 1 END)") == 1


def test_a_table_without_rows_is_counted(warehouse: DeltaWarehouse) -> None:
    warehouse.create(TARGET)
    assert counted(warehouse) == 0
    assert counted(warehouse, "MAX(feature_quality_score)") is None


def spoil_the_file(folder: Path) -> None:
    for file in folder.glob("*.parquet"):
        file.write_bytes(b"no Parquet at all")


def spoil_a_page(folder: Path) -> None:
    for file in folder.glob("*.parquet"):
        content = file.read_bytes()
        file.write_bytes(content[:4] + bytes(200) + content[204:])


def remove_the_file(folder: Path) -> None:
    for file in folder.glob("*.parquet"):
        file.unlink()


def partition(folder: Path) -> None:
    rows = pa.Table.from_pylist([{"player": "anna", "points": 3}], schema=PLAYERS)
    write_deltalake(str(folder), rows, mode="overwrite", schema_mode="overwrite", partition_by=["player"])


@pytest.mark.parametrize("change", [spoil_the_file, spoil_a_page, remove_the_file, partition])
def test_a_table_that_is_not_its_files_is_left_to_spark(
    warehouse: DeltaWarehouse, change: Callable[[Path], None]
) -> None:
    folder = folder_of(warehouse, TARGET)
    if change is not partition:
        write(folder, [feature_row("anna")])
    change(folder)
    with pytest.raises(SparkStartedError):
        counted(warehouse, "MAX(player_lookup)" if change is spoil_a_page else "COUNT(*)")


def test_on_a_cluster_spark_counts(warehouse: DeltaWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder_of(warehouse, TARGET), [feature_row("anna")])
    monkeypatch.setattr("jobs.warehouse.delta.warehouse.is_submitted", lambda: True)
    with pytest.raises(SparkStartedError):
        counted(warehouse)


def test_a_mistake_in_a_statement_is_told_and_not_asked_again(warehouse: DeltaWarehouse) -> None:
    write(folder_of(warehouse, TARGET), [feature_row("anna")])
    with pytest.raises(Exception, match="no_such_column"):
        counted(warehouse, "MAX(no_such_column)")


def test_memory_and_threads_are_bounded() -> None:
    limits = "SELECT current_setting('threads') AS threads, current_setting('memory_limit') AS memory"
    assert Counting("512m", 3).rows(limits, {}) == [{"threads": 3, "memory": "512.0 MiB"}]


def test_no_thread_is_left_when_the_answer_is_there(warehouse: DeltaWarehouse) -> None:
    write(folder_of(warehouse, TARGET), [feature_row("anna")])
    counted(warehouse)
    threads = psutil.Process().num_threads()
    assert [counted(warehouse) for _ in range(5)] == [1] * 5
    assert psutil.Process().num_threads() <= threads


def test_a_process_that_has_counted_keeps_its_exit_code() -> None:
    code = "import sys; from jobs.warehouse.delta.counting import Counting; "
    code += "sys.exit(Counting().rows('SELECT COUNT(*) + 1 AS held FROM range(1)', {})[0]['held'])"
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(60) for process in started] == [2] * 3


NAN, INFINITY = math.nan, math.inf
ARRAYS: list[list[float | None] | None] = [None, [], [None], [1.0, NAN], [INFINITY], [-INFINITY, 1.0], [NAN, INFINITY]]
ROWS = [
    *[feature_row(f"player_{number}", features=features) for number, features in enumerate(ARRAYS)],
    feature_row("anna"),
    feature_row("anna", data_hash=None),
    feature_row("bert", NOVEMBER_19, feature_quality_score=None, feature_names=["a", None], data_source="other"),
    feature_row("carl", NOVEMBER_19, feature_quality_score=Decimal("33.33"), quality_tier=None),
    feature_row("dora", NOVEMBER_19, early_season_flag=None, feature_count=24),
    placeholder_row("emil", data_quality_issues=["points", "points", "fatigue"]),
]
HELD = [feature_row("anna"), feature_row("bert", NOVEMBER_19), feature_row("carl", NOVEMBER_19, data_hash="second")]


def questions(warehouse: DeltaWarehouse) -> dict[str, Question]:
    target, staging = warehouse.sql_name(TARGET), warehouse.staging_name(TARGET, "run")
    dates, keys = [NOVEMBER_18, NOVEMBER_19], (warehouse.sql_name(CONTEXT), CONTEXT.key)
    names = {"target": target, "staging": staging}

    def staged(dialect: Dialect) -> str:
        return staged_dates_statement(dialect, TARGET, columns=TARGET.columns, game_dates=dates, features=25, **names)

    return {
        "staged": staged,
        "differing": lambda dialect: differing_rows_statement(dialect, TARGET, game_dates=dates, **names),
        "repeated": lambda dialect: repeated_keys_statement(dialect, TARGET, staging),
        "prunable": lambda dialect: prunable_statement(dialect, TARGET, target=target, keys=keys, game_dates=dates),
        "versions": lambda dialect: other_versions_statement(
            dialect, TARGET, target=target, between=(NOVEMBER_18, NOVEMBER_19), version="another"
        ),
        "features": lambda dialect: feature_counts_statement(
            dialect, TARGET, staging, TARGET.column_names, (NOVEMBER_18, NOVEMBER_19), 25
        ),
        "out of range": lambda dialect: out_of_range_statement(dialect, staging).replace(
            "_out_of_range", "data_quality_issues"
        ),
        "results": lambda dialect: results_statement(
            dialect, TARGET, target=staging, between=(NOVEMBER_18, NOVEMBER_19), listed=dates
        ),
    }


def in_order(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: str(row.get("game_date", row.get("name"))))


@pytest.mark.parametrize("held", [[], HELD, [*HELD, *HELD]], ids=["empty target", "target", "keys held twice"])
def test_both_engines_answer_alike(spark: SparkSession, tmp_path: Path, held: Sequence[Mapping[str, Any]]) -> None:
    by_spark = DeltaWarehouse(spark, tmp_path, {})
    by_spark.create(TARGET)
    if held:
        write(folder_of(by_spark, TARGET), held)
    write(tmp_path / TARGET.dataset / f"{TARGET.name}_staging_run", ROWS)
    keys = [{"player_lookup": name, "game_date": day} for name, day in (("anna", NOVEMBER_18), (None, NOVEMBER_19))]
    schema = pa.schema([("player_lookup", pa.string()), ("game_date", pa.date32())])
    write_deltalake(str(by_spark.folder(CONTEXT)), pa.Table.from_pylist(keys, schema=schema))
    without_spark = DeltaWarehouse(no_session, tmp_path, {})
    for name, question in questions(by_spark).items():
        expected = by_spark.query(question(by_spark.dialect))
        assert repr(in_order(without_spark.ask(question))) == repr(in_order(expected)), name


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_it_counts_is_an_interruption(number: int) -> None:
    sent = threading.Timer(0.3, os.kill, (os.getpid(), number))
    with heard():
        sent.start()
        # Longer than the suite, if it were not heard.
        with pytest.raises(Interrupted) as raised:
            Counting().rows("SELECT COUNT(*) AS held FROM range(10000000000000)", {})
    assert raised.value.exit_code == 128 + number
