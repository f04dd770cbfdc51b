"""Staged files that become files of the target: what comes of it is what the MERGE would have made, or it is made."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from pyspark.sql import SparkSession

from jobs.backfill.writer import with_constants
from jobs.schemas.tables import FOR_WARNINGS, ML_FEATURE_STORE, Column
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta import publishing, slices
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.interface import MergeCounts, NewRows
from tests.warehouse.backends import DeltaBackend, Row
from tests.warehouse.feature_rows import LATER, NOVEMBER_18, NOVEMBER_19, feature_row, placeholder_row
from transforms import feature_row as feature_row_of_the_engine

RUN = "20211121T083000Z-abcdef"
TARGET = ML_FEATURE_STORE
NOTED = FOR_WARNINGS[1]
CONSTANTS = {name: value for name, (value, _) in feature_row_of_the_engine.CONSTANTS.items()}
ROWS = [
    feature_row("anna"),
    feature_row("bert", feature_generation_time_ms=5),
    placeholder_row("carl", game_date=NOVEMBER_19),
]
NOVEMBER_20 = datetime.date(2021, 11, 20)
BOTH = (NOVEMBER_18, NOVEMBER_19)


@pytest.fixture
def backend(spark: SparkSession, tmp_path: Path) -> DeltaBackend:
    made = DeltaBackend(spark, tmp_path / "warehouse")
    made.make_warehouse().create(TARGET)
    return made


class Write:
    """The staged rows of a run that are all new, laid out for the target."""

    def __init__(
        self,
        backend: DeltaBackend,
        rows: Sequence[Row] = ROWS,
        constants: Mapping[str, Any] = MappingProxyType({}),
        slices: Sequence[Mapping[datetime.date, int]] = ({NOVEMBER_18: 2, NOVEMBER_19: 1},),
    ) -> None:
        self.warehouse: DeltaWarehouse = backend.make_warehouse()
        self.columns: list[Column] = [*with_constants(TARGET.columns, constants)]
        frame = backend.frame([*TARGET.columns, NOTED], rows)
        self.warehouse.stage(TARGET, [*self.columns, NOTED], frame, RUN, slices)

    def takes_files(self, *dates: datetime.date) -> bool:
        return self.warehouse.takes_files(TARGET, [*self.columns, NOTED], dates or BOTH)

    def merged(self, rows: int = 3, dates: Sequence[datetime.date] = BOTH, number: int = 1) -> MergeCounts:
        statement = self.warehouse.merge_statement(TARGET, TARGET.columns, RUN, dates, inserts_only=True)
        return self.warehouse.merge(TARGET, statement, RUN, number, NewRows(dates, rows))

    @property
    def commits(self) -> list[str]:
        """What each commit of the target did, the oldest first, but for its creation."""
        found = delta_log.commit_files(self.warehouse.folder(TARGET))[::-1]
        return [delta_log.actions(commit, "commitInfo")[0]["operation"] for commit in found[1:]]


def held(backend: DeltaBackend) -> dict[Any, Row]:
    rows = backend.rows(TARGET)
    by_key = {(row["player_lookup"], row["game_date"]): row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


def test_published_rows_are_those_that_a_merge_inserts(
    backend: DeltaBackend, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Write(backend)
    assert write.takes_files()
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert write.commits == ["WRITE"]
    other = DeltaBackend(spark, tmp_path / "other")
    other.make_warehouse().create(TARGET)
    monkeypatch.setattr(slices, "publish", lambda *_: None)
    by_merge = Write(other)
    assert by_merge.merged() == MergeCounts(inserted=3, updated=0)
    assert by_merge.commits == ["MERGE"]
    assert held(backend) == held(other)
    assert list(backend.rows(TARGET)[0]) == TARGET.column_names


def test_constants_are_in_the_files(backend: DeltaBackend) -> None:
    write = Write(backend, constants=CONSTANTS)
    assert set(write.warehouse.staged_columns(TARGET, RUN)) == {*TARGET.column_names, NOTED.name}
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    for row in held(backend).values():
        assert {name: row[name] for name in CONSTANTS} == {
            **CONSTANTS,
            "feature_names": list(CONSTANTS["feature_names"]),
        }


def test_published_rows_stay_when_the_staging_table_goes_and_every_engine_reads_them(backend: DeltaBackend) -> None:
    write = Write(backend)
    write.merged()
    write.warehouse.drop_staging(TARGET, RUN)
    name = write.warehouse.sql_name(TARGET)
    assert write.warehouse.ask(lambda _: f"SELECT COUNT(features) AS number FROM {name}") == [{"number": 3}]
    assert write.warehouse.query(f"SELECT COUNT(features) AS number FROM {name}") == [{"number": 3}]
    table = DeltaTable(str(write.warehouse.folder(TARGET))).to_pyarrow_table()
    assert table.num_rows == 3
    assert NOTED.name not in table.column_names
    again = Write(backend, [feature_row("anna", data_hash="second", created_at=LATER)])
    statement = again.warehouse.merge_statement(TARGET, TARGET.columns, RUN, [NOVEMBER_18])
    assert again.warehouse.merge(TARGET, statement, RUN, 1) == MergeCounts(inserted=0, updated=1)
    assert held(backend)["anna", NOVEMBER_18]["data_hash"] == "second"


def test_each_slice_publishes_its_own_files(backend: DeltaBackend) -> None:
    write = Write(backend, slices=[{NOVEMBER_18: 2}, {NOVEMBER_19: 1}])
    assert write.merged(2, [NOVEMBER_18]) == MergeCounts(inserted=2, updated=0)
    assert {date for _, date in held(backend)} == {NOVEMBER_18}
    assert write.merged(1, [NOVEMBER_19], 2) == MergeCounts(inserted=1, updated=0)
    assert len(held(backend)) == 3
    assert write.commits == ["WRITE", "WRITE"]


def test_a_file_with_dates_of_two_slices_is_not_published(backend: DeltaBackend) -> None:
    write = Write(backend, slices=[{NOVEMBER_19: 3}])
    assert write.merged(2, [NOVEMBER_18]) == MergeCounts(inserted=2, updated=0)
    assert {date for _, date in held(backend)} == {NOVEMBER_18}
    assert write.commits == ["MERGE"]


def test_what_was_published_is_not_published_again(backend: DeltaBackend) -> None:
    write = Write(backend)
    assert write.merged() == write.merged() == MergeCounts(inserted=3, updated=0)
    assert write.commits == ["WRITE"]


def test_names_that_a_killed_process_has_left_are_taken(backend: DeltaBackend) -> None:
    write = Write(backend)
    staging = write.warehouse.folder(TARGET).with_name(f"{TARGET.name}_staging_{RUN}")
    for file in Path(str(staging)).glob("*.parquet"):
        os.link(file, f"{write.warehouse.folder(TARGET)}/{file.name}")
    assert backend.rows(TARGET) == []
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert (len(held(backend)), write.commits) == (3, ["WRITE"])


@pytest.mark.parametrize("error", [OSError("connection reset"), CommitFailedError("try again")])
def test_a_commit_that_landed_and_is_answered_by_an_error_counts(
    backend: DeltaBackend, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    commit = DeltaTable.create_write_transaction

    def lossy(*arguments: Any, **named: Any) -> None:
        commit(*arguments, **named)
        raise error

    monkeypatch.setattr(DeltaTable, "create_write_transaction", lossy)
    write = Write(backend)
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert (len(held(backend)), write.commits) == (3, ["WRITE"])


def stranger(folder: Path, player: str, date: datetime.date) -> None:
    """Somebody else's row, by a commit of their own."""
    row = {column.name: None for column in TARGET.columns} | feature_row(player, date)
    table = DeltaTable(str(folder))
    schema = pa.schema(table.schema().to_arrow())
    write_deltalake(table, pa.Table.from_pylist([row], schema=schema), mode="append")


@pytest.mark.parametrize(("player", "date", "inserted"), [("anna", NOVEMBER_18, 2), ("dora", NOVEMBER_20, 3)])
def test_a_commit_in_between_leaves_it_to_the_merge(
    backend: DeltaBackend, monkeypatch: pytest.MonkeyPatch, player: str, date: datetime.date, inserted: int
) -> None:
    write = Write(backend)
    link, left = publishing._link, [1]

    def linked(*arguments: Any) -> None:
        if left.pop() if left else 0:
            stranger(Path(str(write.warehouse.folder(TARGET))), player, date)
        link(*arguments)

    monkeypatch.setattr(publishing, "_link", linked)
    assert write.merged() == MergeCounts(inserted=inserted, updated=0)
    assert (len(held(backend)), write.commits) == (inserted + 1, ["WRITE", "MERGE"])


def test_a_target_whose_files_may_hold_one_of_the_dates_is_merged(backend: DeltaBackend) -> None:
    folder = Path(str(backend.make_warehouse().folder(TARGET)))
    stranger(folder, "dora", NOVEMBER_19)
    write = Write(backend)
    assert not write.takes_files()
    assert not write.takes_files(NOVEMBER_18, NOVEMBER_20)
    assert write.takes_files(NOVEMBER_20)
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert write.commits == ["WRITE", "MERGE"]


def test_a_target_without_statistics_is_merged(backend: DeltaBackend) -> None:
    name = backend.make_warehouse().sql_name(TARGET)
    backend.spark.sql(f"ALTER TABLE {name} UNSET TBLPROPERTIES ('delta.dataSkippingStatsColumns')")
    backend.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '0')")
    folder = str(backend.make_warehouse().folder(TARGET))
    backend.frame(TARGET.columns, [feature_row("dora")]).write.format("delta").mode("append").save(folder)
    write = Write(backend)
    assert not write.takes_files(NOVEMBER_20)
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert write.commits[-1] == "MERGE"


ALTERED = {
    "a check": "ALTER TABLE {table} ADD CONSTRAINT good CHECK (feature_count >= 0)",
    "a feed of changes": "ALTER TABLE {table} SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')",
    "mapped columns": (
        "ALTER TABLE {table} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', "
        "'delta.minWriterVersion' = '5')"
    ),
    "deletion vectors": "ALTER TABLE {table} SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
}


@pytest.mark.parametrize("statement", ALTERED.values(), ids=ALTERED)
def test_a_target_that_is_more_than_plain_files_is_merged(backend: DeltaBackend, statement: str) -> None:
    backend.spark.sql(statement.format(table=backend.make_warehouse().sql_name(TARGET)))
    write = Write(backend)
    assert not write.takes_files()
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert (write.commits[-1], len(held(backend))) == ("MERGE", 3)


def test_a_target_with_another_column_has_null_there(backend: DeltaBackend) -> None:
    backend.add_column(TARGET, "loaded_by", "STRING")
    name = backend.make_warehouse().sql_name(TARGET)
    backend.spark.sql(f"ALTER TABLE {name} ALTER COLUMN loaded_by COMMENT 'who has written it'")
    write = Write(backend)
    assert write.takes_files()
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert write.commits[-1] == "WRITE"
    assert {row["loaded_by"] for row in held(backend).values()} == {None}


@pytest.mark.parametrize("change", ["wider", "lacking"])
def test_a_target_with_other_columns_than_are_staged_is_merged(backend: DeltaBackend, change: str) -> None:
    if change == "lacking":
        backend.drop_column(TARGET, "feature_sources")
    else:
        columns = [Column(c.name, "NUMERIC" if c.type == "NUMERIC(5,2)" else c.type, c.mode) for c in TARGET.columns]
        backend.load(TARGET, [], columns)
    warehouse = backend.make_warehouse()
    columns = warehouse.checked_target(TARGET) or []
    assert not warehouse.takes_files(TARGET, [*columns, *FOR_WARNINGS], BOTH)
    write = Write(backend)
    statement = warehouse.merge_statement(TARGET, columns, RUN, BOTH, inserts_only=True)
    assert warehouse.merge(TARGET, statement, RUN, 1, NewRows(BOTH, 3)) == MergeCounts(inserted=3, updated=0)
    assert write.commits[-1] == "MERGE"


def test_a_staged_file_that_was_cut_off_is_not_published(backend: DeltaBackend) -> None:
    write = Write(backend)
    staging = Path(str(write.warehouse.folder(TARGET))).with_name(f"{TARGET.name}_staging_{RUN}")
    for file in staging.glob("*.parquet"):
        with file.open("r+b") as opened:
            opened.truncate(file.stat().st_size // 2)
    with pytest.raises(Exception, match="staging"):
        write.merged()
    assert write.commits == []


def test_a_folder_that_lets_no_file_have_two_names_is_merged(
    backend: DeltaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise OSError("Operation not supported")

    monkeypatch.setattr(os, "link", refused)
    write = Write(backend)
    assert write.merged() == MergeCounts(inserted=3, updated=0)
    assert (len(held(backend)), write.commits) == (3, ["MERGE"])
