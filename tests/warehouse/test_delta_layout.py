"""How a Delta table of ours lies in files: by date, with statistics; and tables that lie otherwise, still written."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable, Schema
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import ML_FEATURE_STORE as TARGET
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.interface import MergeCounts
from tests.warehouse.backends import DeltaBackend
from tests.warehouse.feature_rows import LATER, feature_row

# As many partitions as a job has, of which its files come.
pytestmark = pytest.mark.usefixtures("as_in_a_job")

RUN = "20211121T083000Z-abcdef"
DAYS = [datetime.date(2021, 11, day) for day in range(1, 29)]
PLAYERS = ("anna", "bert", "carl")
COLUMNS = TARGET.columns


@pytest.fixture
def backend(spark: SparkSession, tmp_path: Path) -> DeltaBackend:
    return DeltaBackend(spark, tmp_path / "warehouse")


def month(**changed: Any) -> list[dict[str, Any]]:
    return [feature_row(player, day, **changed) for day in DAYS for player in PLAYERS]


def create_partitioned(warehouse: DeltaWarehouse) -> None:
    """As an earlier version created the target."""
    fields = [T.StructField(c.name, c.spark_type, nullable=c.mode != "required") for c in COLUMNS]
    DeltaTable.create(
        str(warehouse.folder(TARGET)),
        Schema.from_json(T.StructType(fields).json()),
        partition_by=["game_date"],
        configuration={"delta.dataSkippingNumIndexedCols": "0"},
    )


def merge(
    backend: DeltaBackend, rows: Sequence[dict[str, Any]], days: Sequence[datetime.date], *, inserts_only: bool = False
) -> MergeCounts:
    warehouse = backend.make_warehouse()
    warehouse.drop_staging(TARGET, RUN)
    warehouse.stage(TARGET, COLUMNS, backend.frame(COLUMNS, rows), RUN)
    statement = warehouse.merge_statement(TARGET, COLUMNS, RUN, days, inserts_only=inserts_only)
    return warehouse.merge(TARGET, statement, RUN, 1)


def added_files(warehouse: DeltaWarehouse) -> list[dict[str, Any]]:
    """The files that the newest commit added."""
    newest = warehouse.folder(TARGET) / "_delta_log" / f"{delta_log.version_of(warehouse.folder(TARGET)):020}.json"
    lines = [json.loads(line) for line in newest.read_text().splitlines()]
    return [line["add"] for line in lines if "add" in line]


def metrics(warehouse: DeltaWarehouse) -> dict[str, int]:
    newest = warehouse.folder(TARGET) / "_delta_log" / f"{delta_log.version_of(warehouse.folder(TARGET)):020}.json"
    (found,) = [json.loads(line)["commitInfo"] for line in newest.read_text().splitlines() if "commitInfo" in line]
    return {name: int(value) for name, value in found["operationMetrics"].items()}


def test_a_table_of_ours_is_not_partitioned_and_has_statistics_on_its_key(backend: DeltaBackend) -> None:
    warehouse = backend.make_warehouse()
    for table in (TARGET, *UPSTREAM_TARGETS):
        warehouse.create(table)
        detail = warehouse.spark.sql(f"DESCRIBE DETAIL {warehouse.sql_name(table)}").collect()[0]
        assert detail["partitionColumns"] == []
        entity, date = table.key
        assert detail["properties"] == {"delta.dataSkippingStatsColumns": f"{date},{entity}"}


def test_a_path_that_spark_alone_takes_gets_the_same_layout(spark: SparkSession, tmp_path: Path) -> None:
    warehouse = DeltaBackend(spark, tmp_path / "ware house").make_warehouse()
    warehouse.create(TARGET)
    detail = warehouse.spark.sql(f"DESCRIBE DETAIL {warehouse.sql_name(TARGET)}").collect()[0]
    assert detail["partitionColumns"] == []
    assert detail["properties"]["delta.dataSkippingStatsColumns"] == "game_date,player_lookup"


def test_a_month_is_written_to_few_files_each_of_its_own_dates(backend: DeltaBackend) -> None:
    warehouse = backend.make_warehouse()
    warehouse.create(TARGET)
    assert merge(backend, month(), DAYS, inserts_only=True) == MergeCounts(inserted=84, updated=0)
    found = [json.loads(file["stats"]) for file in added_files(warehouse)]
    ranges = sorted((stats["minValues"]["game_date"], stats["maxValues"]["game_date"]) for stats in found)
    assert 1 < len(ranges) <= int(warehouse.spark.conf.get("spark.sql.shuffle.partitions") or 0)
    assert all(last < first for (_, last), (first, _) in pairwise(ranges))
    assert {name for stats in found for name in stats["minValues"]} == {"game_date", "player_lookup"}


def test_rows_of_a_file_stand_in_the_order_of_their_dates(backend: DeltaBackend) -> None:
    warehouse = backend.make_warehouse()
    warehouse.create(TARGET)
    merge(backend, month(), DAYS, inserts_only=True)
    for file in added_files(warehouse):
        rows = warehouse.spark.read.parquet(str(warehouse.folder(TARGET) / file["path"]))
        held = [tuple(row) for row in rows.select("game_date", "player_lookup").collect()]
        assert held == sorted(held)


def test_a_merge_touches_only_files_with_its_literal_dates(backend: DeltaBackend) -> None:
    warehouse = backend.make_warehouse()
    warehouse.create(TARGET)
    merge(backend, month(), DAYS, inserts_only=True)
    files = len(added_files(warehouse))
    first = [feature_row(player, DAYS[0], data_hash="second", created_at=LATER) for player in PLAYERS]
    assert merge(backend, first, DAYS[:1]) == MergeCounts(inserted=0, updated=3)
    assert metrics(warehouse)["numTargetFilesRemoved"] == 1 < files
    later = datetime.date(2021, 12, 1)
    assert merge(backend, [feature_row("anna", later)], [later]) == MergeCounts(inserted=1, updated=0)
    assert metrics(warehouse)["numTargetFilesRemoved"] == 0


def test_a_date_is_read_from_the_files_that_may_hold_it(backend: DeltaBackend) -> None:
    warehouse = backend.make_warehouse()
    warehouse.create(TARGET)
    merge(backend, month(), DAYS, inserts_only=True)
    held = warehouse.spark.read.format("delta").load(str(warehouse.folder(TARGET)))
    of_a_date = held.where(F.col("game_date") == F.lit(DAYS[0]))
    assert (of_a_date.count(), len(of_a_date.inputFiles())) == (3, 1)
    assert len(held.inputFiles()) > 1


@pytest.mark.parametrize("partitioned", [False, True], ids=["ours", "partitioned before"])
def test_both_layouts_are_merged_and_overwritten_alike(backend: DeltaBackend, partitioned: bool) -> None:
    warehouse = backend.make_warehouse()
    if partitioned:
        create_partitioned(warehouse)
    else:
        warehouse.create(TARGET)
    assert warehouse.checked_target(TARGET) == list(COLUMNS)
    assert merge(backend, month(), DAYS, inserts_only=True) == MergeCounts(inserted=84, updated=0)
    changed = [feature_row("anna", day, data_hash="second", created_at=LATER) for day in DAYS[:2]]
    assert merge(backend, [*changed, feature_row("dora", DAYS[1])], DAYS[:2]) == MergeCounts(inserted=1, updated=2)
    warehouse.drop_staging(TARGET, RUN)
    warehouse.stage(TARGET, COLUMNS, backend.frame(COLUMNS, [feature_row("emil", DAYS[0])]), RUN)
    warehouse.overwrite(TARGET, COLUMNS, DAYS[:1], RUN, 2)
    rows = backend.rows(TARGET)
    assert sorted(row["player_lookup"] for row in rows if row["game_date"] == DAYS[0]) == ["emil"]
    second = {row["player_lookup"]: row["data_hash"] for row in rows if row["game_date"] == DAYS[1]}
    assert second == {"anna": "second", "bert": "first", "carl": "first", "dora": "first"}
    assert len(rows) == 84 - 3 + 1 + 1
    folder = str(warehouse.folder(TARGET))
    assert bool(list(Path(folder).glob("game_date=*"))) is partitioned
