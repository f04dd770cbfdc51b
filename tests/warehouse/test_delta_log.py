"""A Delta table read by its files alone: only where these are the table, and then as Spark would read it."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import ConfigurationError, ContractError
from jobs.schemas.tables import FEATURE_RUN_DATES, ML_FEATURE_STORE
from jobs.schemas.tables import TEAM_OFFENSE_GAME_SUMMARY as OFFENSE
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.endurance.unreadable import unreadable
from tests.warehouse.backends import DeltaBackend
from tests.warehouse.feature_rows import NOVEMBER_18, NOVEMBER_19

OF_A_RUN = T.StructType([T.StructField("run_id", T.StringType())])
ROWS = [{"team_abbr": team, "game_date": NOVEMBER_18} for team in ("ATL", "BOS")]


@pytest.fixture
def warehouse(spark: SparkSession, tmp_path: Path) -> DeltaWarehouse:
    """With two rows in one table."""
    backend = DeltaBackend(spark, tmp_path / "warehouse")
    backend.load(OFFENSE, ROWS)
    return backend.make_warehouse()


def teams(warehouse: DeltaWarehouse) -> list[str]:
    return sorted(row["team_abbr"] for row in warehouse.read(OFFENSE).collect())


def alter(warehouse: DeltaWarehouse, statement: str) -> None:
    warehouse.spark.sql(statement.format(table=warehouse.sql_name(OFFENSE)))


def test_the_files_of_the_newest_version_are_read(warehouse: DeltaWarehouse) -> None:
    folder = warehouse.folder(OFFENSE)
    plain = delta_log.plain_table(folder)
    assert plain is not None
    columns, files = plain
    assert columns == warehouse.spark.read.format("delta").load(str(folder)).schema
    assert [Path(file).parent for file in files] == [folder] * len(files)
    alter(warehouse, "DELETE FROM {table} WHERE team_abbr = 'BOS'")
    assert teams(warehouse) == ["ATL"]


def test_a_column_that_was_added_later_is_null_in_older_files(warehouse: DeltaWarehouse) -> None:
    alter(warehouse, "ALTER TABLE {table} ADD COLUMN possessions BIGINT")
    alter(warehouse, f"INSERT INTO {{table}} (team_abbr, game_date) VALUES ('CHI', DATE '{NOVEMBER_19}')")
    plain = delta_log.plain_table(warehouse.folder(OFFENSE))
    assert plain is not None
    assert "possessions" in plain[0].names
    assert teams(warehouse) == ["ATL", "BOS", "CHI"]


@pytest.mark.parametrize(
    "properties",
    [
        {"delta.enableDeletionVectors": "true"},
        {"delta.columnMapping.mode": "name", "delta.minReaderVersion": "2", "delta.minWriterVersion": "5"},
    ],
    ids=["deletion vectors", "mapped columns"],
)
def test_a_table_that_is_more_than_its_files_is_left_to_spark(
    warehouse: DeltaWarehouse, properties: dict[str, str]
) -> None:
    listed = ", ".join(f"'{name}' = '{value}'" for name, value in properties.items())
    alter(warehouse, f"ALTER TABLE {{table}} SET TBLPROPERTIES ({listed})")
    alter(warehouse, "DELETE FROM {table} WHERE team_abbr = 'BOS'")
    assert delta_log.plain_table(warehouse.folder(OFFENSE)) is None
    assert teams(warehouse) == ["ATL"]


@pytest.mark.parametrize("partitions", [["game_date"], ["team_abbr", "game_date"]], ids=len)
def test_a_partitioned_table_is_left_to_spark(warehouse: DeltaWarehouse, partitions: Sequence[str]) -> None:
    rows = warehouse.read(OFFENSE).localCheckpoint()
    writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer.partitionBy(*partitions).save(str(warehouse.folder(OFFENSE)))
    assert delta_log.plain_table(warehouse.folder(OFFENSE)) is None
    assert teams(warehouse) == ["ATL", "BOS"]


def test_a_column_without_a_type_is_not_read(warehouse: DeltaWarehouse) -> None:
    folder = warehouse.folder(OFFENSE)
    rows = warehouse.spark.read.format("delta").load(str(folder)).localCheckpoint().withColumn("note", F.lit(None))
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(str(folder))
    assert '"type":"void"' in delta_log.metadata(folder)["schemaString"]
    assert teams(warehouse) == ["ATL", "BOS"]
    assert warehouse.ask(lambda _: f"SELECT COUNT(*) AS held FROM {warehouse.sql_name(OFFENSE)}") == [{"held": 2}]
    assert "note" not in [column.name for column in warehouse.checked_columns(OFFENSE)]


def test_a_table_without_one_of_its_files_is_left_to_spark(warehouse: DeltaWarehouse) -> None:
    folder = warehouse.folder(OFFENSE)
    for file in folder.glob("*.parquet"):
        Path(str(file)).unlink()
    assert delta_log.plain_table(folder) is None


def test_a_table_without_rows_has_its_columns(warehouse: DeltaWarehouse) -> None:
    folder = warehouse.folder(OFFENSE)
    columns = warehouse.spark.read.format("delta").load(str(folder)).schema
    alter(warehouse, "DELETE FROM {table}")
    assert delta_log.plain_table(folder) == (columns, [])
    assert teams(warehouse) == []
    assert warehouse.query(f"SELECT COUNT(*) AS held FROM {warehouse.sql_name(OFFENSE)}") == [{"held": 0}]


def test_a_statement_reads_the_newest_version_by_its_files(warehouse: DeltaWarehouse) -> None:
    statement = f"SELECT COUNT(*) AS held FROM {warehouse.sql_name(OFFENSE)}"
    assert warehouse.query(statement) == [{"held": 2}]
    alter(warehouse, "DELETE FROM {table} WHERE team_abbr = 'BOS'")
    assert warehouse.query(statement) == [{"held": 1}]


def test_a_path_that_not_all_readers_take_as_it_is_is_left_to_spark(spark: SparkSession, tmp_path: Path) -> None:
    backend = DeltaBackend(spark, tmp_path / "ware house [%20]")
    backend.load(OFFENSE, ROWS)
    warehouse = backend.make_warehouse()
    assert delta_log.plain_table(warehouse.folder(OFFENSE)) is None
    assert teams(warehouse) == ["ATL", "BOS"]
    warehouse.create(ML_FEATURE_STORE)
    assert warehouse.checked_target(ML_FEATURE_STORE) == list(ML_FEATURE_STORE.columns)
    times = {"recorded_at": datetime.datetime(2021, 11, 19, 6, 30, tzinfo=datetime.timezone.utc)}
    warehouse.append(FEATURE_RUN_DATES, [{"run_id": "first", "game_date": NOVEMBER_18, **times}])
    (row,) = backend.rows(FEATURE_RUN_DATES)
    assert (row["run_id"], row["recorded_at"]) == ("first", datetime.datetime(2021, 11, 19, 6, 30))
    assert [folder.name for folder in tmp_path.iterdir()] == ["ware house [%20]"]


def test_rows_are_those_that_spark_reads(warehouse: DeltaWarehouse) -> None:
    alter(warehouse, "ALTER TABLE {table} ADD COLUMN run_id STRING")
    alter(warehouse, f"INSERT INTO {{table}} (team_abbr, game_date, run_id) VALUES ('CHI', DATE '{NOVEMBER_19}', 'a')")
    folder = warehouse.folder(OFFENSE)
    rows = delta_log.rows_of(folder, None)
    assert rows is not None
    spark_rows = [row.asDict() for row in warehouse.spark.read.format("delta").load(str(folder)).collect()]
    assert sorted(rows, key=str) == sorted(spark_rows, key=str)
    assert [row["team_abbr"] for row in delta_log.rows_of(folder, "a") or []] == ["CHI"]


def test_a_process_that_has_read_rows_keeps_its_exit_code(tmp_path: Path) -> None:
    delta_log.append(tmp_path / "log", OF_A_RUN, [{"run_id": "a"}, {"run_id": "b"}])
    code = (
        "import os, sys; from pathlib import Path; "
        # Where processes can be put on one core, as in a small container, the fault was in every third.
        "hasattr(os, 'sched_setaffinity') and os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
        "from jobs.warehouse.delta import log; sys.exit(len(log.rows_of(Path(sys.argv[1]), None)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "log")]
    started = [subprocess.Popen(command) for _ in range(10)]
    assert [process.wait(60) for process in started] == [2] * 10


def test_a_commit_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    delta_log.create(tmp_path / "table", OF_A_RUN)
    (commit,) = map(Path, map(str, delta_log.commit_files(tmp_path / "table")))
    with unreadable(commit), pytest.raises(ContractError, match=rf"file {commit} cannot be read .*Input/output error"):
        delta_log.actions(commit, "metaData")
    staged = tmp_path / "table_staging_20211121T083000Z-abcdef"
    delta_log.create(staged, OF_A_RUN)
    (of_staging,) = map(Path, map(str, delta_log.commit_files(staged)))
    with unreadable(of_staging), pytest.raises(ContractError, match="--resume computes its rows again"):
        delta_log.actions(of_staging, "metaData")
    commit.write_text(commit.read_text()[: commit.read_text().index('"metaData"') + 20])
    with pytest.raises(ContractError, match=f"file {commit} cannot be read"):
        delta_log.actions(commit, "metaData")


def test_a_commit_that_is_cut_off_is_named_by_who_writes(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    for run_id in ("a", "b"):
        delta_log.append(folder, OF_A_RUN, [{"run_id": run_id}])
    commit = Path(str(delta_log.commit_files(folder)[0]))
    commit.write_text(commit.read_text()[: commit.stat().st_size // 2])
    told = rf"table .*table: file {commit} cannot be read .*; restore it from a copy"
    with pytest.raises(ContractError, match=told):
        delta_log.create(folder, OF_A_RUN)
    with pytest.raises(ContractError, match=told):
        delta_log.append(folder, OF_A_RUN, [{"run_id": "c"}])


def test_a_full_disk_is_named_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    delta_log.append(tmp_path / "log", OF_A_RUN, [{"run_id": "a"}])
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(ConfigurationError, match=r"the disk of .*/log is full; make room"):
        delta_log.append(tmp_path / "log", OF_A_RUN, [{"run_id": "b"}])
    assert delta_log.version_of(tmp_path / "log") == 0


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(ConfigurationError, match=r"cannot be written to; ask its owner, or name another folder"):
        delta_log.create(tmp_path / "log", OF_A_RUN)
