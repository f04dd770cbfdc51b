"""Importing upstream files: the forms that are taken, and what is said of a file that cannot be."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.errors import ConfigurationError, ContractError
from jobs.schemas.tables import NBAC_SCHEDULE, TEAM_OFFENSE_GAME_SUMMARY, Table
from tests.end_to_end.store import Row, Store

OFFENSE, SCHEDULE = TEAM_OFFENSE_GAME_SUMMARY, NBAC_SCHEDULE
# A third of a microsecond before the next: nanoseconds that doubles cannot hold.
NANOSECONDS = 1_636_300_800_123_456_999
INSTANT = datetime.datetime(2021, 11, 7, 16, 0, 0, 123456)


def offense_file(time: pa.DataType, processed_at: list[Any]) -> pa.Table:
    return pa.table(
        {
            "team_abbr": pa.array(["ATL", "BOS"]),
            "game_date": pa.array([datetime.date(2021, 11, 6)] * 2),
            "season_year": pa.array([2021, None], pa.int32()),
            "pace": pa.array([Decimal("99.5"), None], pa.decimal128(5, 1)),
            "offensive_rating": pa.array([Decimal("110.25"), Decimal("98.00")], pa.decimal128(6, 2)),
            "win_flag": pa.array([True, None]),
            "processed_at": pa.array(processed_at, time),
            "created_at": pa.array([None, None], time),
            "a_column_of_theirs": pa.array(["x", "y"]),
        }
    )


PLAIN = offense_file(pa.timestamp("us", tz="UTC"), [INSTANT, None])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / OFFENSE.dataset).mkdir(parents=True)
    (folder / SCHEDULE.dataset).mkdir()
    return folder


@pytest.fixture
def store(spark: SparkSession, tmp_path: Path) -> Store:
    return Store(spark, tmp_path / "warehouse")


def path_of(files: Path, table: Table, ending: str) -> Path:
    return files / table.dataset / f"{table.name}{ending}"


def imported_rows(store: Store, files: Path) -> list[Row]:
    assert store.import_from(files) == {OFFENSE.name: 2}
    return sorted(store.rows(OFFENSE), key=lambda row: row["team_abbr"])


def test_a_parquet_file_keeps_its_columns_and_types(store: Store, files: Path) -> None:
    pq.write_table(PLAIN, path_of(files, OFFENSE, ".parquet"))
    first, second = imported_rows(store, files)
    assert first["pace"] == Decimal("99.5")
    assert (first["season_year"], first["win_flag"], first["a_column_of_theirs"]) == (2021, True, "x")
    assert (second["season_year"], second["pace"], second["win_flag"], second["processed_at"]) == (None,) * 4
    found = {column.name: column.type for column in store.warehouse.actual_columns(OFFENSE) or []}
    assert (found["offensive_rating"], found["season_year"]) == ("NUMERIC(6,2)", "INT64")


@pytest.mark.parametrize(
    ("time", "values"),
    [
        (pa.timestamp("us", tz="UTC"), [INSTANT, None]),
        (pa.timestamp("us"), [INSTANT, None]),
        (pa.timestamp("ns"), [NANOSECONDS, None]),
        (pa.timestamp("ns", tz="UTC"), [NANOSECONDS, None]),
    ],
    ids=["zone", "no_zone", "nanoseconds", "nanoseconds_and_zone"],
)
def test_times_of_any_kind_are_the_same_instant(
    store: Store, files: Path, time: pa.DataType, values: list[Any]
) -> None:
    pq.write_table(offense_file(time, values), path_of(files, OFFENSE, ".parquet"))
    store.import_from(files)
    found = store.sql("SELECT UNIX_MICROS(processed_at) AS micros FROM {table} ORDER BY team_abbr", OFFENSE)
    assert [row["micros"] for row in found] == [NANOSECONDS // 1000, None]


def test_a_folder_of_parquet_files(store: Store, files: Path) -> None:
    folder = path_of(files, OFFENSE, ".parquet")
    folder.mkdir()
    pq.write_table(PLAIN.slice(0, 1), folder / "part-0.parquet")
    pq.write_table(PLAIN.slice(1), folder / "part-1.parquet")
    assert len(imported_rows(store, files)) == 2


def test_csv_files_have_the_types_of_the_contract(store: Store, files: Path) -> None:
    text = PLAIN.set_column(6, "processed_at", pc.strftime(PLAIN["processed_at"], "%Y-%m-%d %H:%M:%S"))
    pa.csv.write_csv(text, path_of(files, OFFENSE, ".csv"))
    first, second = imported_rows(store, files)
    assert first["offensive_rating"] == Decimal("110.25")
    assert (first["season_year"], first["win_flag"], first["game_date"]) == (2021, True, datetime.date(2021, 11, 6))
    assert (second["season_year"], second["pace"], second["win_flag"], second["processed_at"]) == (None,) * 4


def test_importing_again_replaces_the_table(store: Store, files: Path) -> None:
    pq.write_table(PLAIN, path_of(files, OFFENSE, ".parquet"))
    store.import_from(files)
    assert len(imported_rows(store, files)) == 2


def write_csv(files: Path, **changed: str) -> None:
    row = {
        "team_abbr": "ATL",
        "game_date": "2021-11-06",
        "season_year": "2021",
        "pace": "99.5",
        "offensive_rating": "110.25",
        "win_flag": "true",
        "processed_at": "2021-11-07 16:00:00",
        "created_at": "",
        **changed,
    }
    path_of(files, OFFENSE, ".csv").write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")


@pytest.mark.parametrize(
    ("column", "value", "type_"),
    [
        ("season_year", "2021/22", "INT64"),
        ("season_year", "2021.5", "INT64"),
        ("pace", "fast", "NUMERIC"),
        ("win_flag", "won", "BOOL"),
        ("game_date", "06.11.2021", "DATE"),
        ("processed_at", "yesterday evening", "TIMESTAMP"),
    ],
)
def test_a_wrong_value_in_a_csv_is_named(store: Store, files: Path, column: str, value: str, type_: str) -> None:
    write_csv(files, **{column: value})
    message = f"team_offense_game_summary.csv, line 2: column {column} has the value '{value}', which is not {type_}"
    with pytest.raises(ContractError, match=message):
        store.import_from(files)


def test_a_csv_without_a_column(store: Store, files: Path) -> None:
    path_of(files, OFFENSE, ".csv").write_text("team_abbr,game_date\nATL,2021-11-06\n")
    with pytest.raises(ContractError, match=r"column season_year is missing \(expected INT64\)"):
        store.import_from(files)


def test_a_file_that_is_not_parquet(store: Store, files: Path) -> None:
    path_of(files, OFFENSE, ".parquet").write_text("team_abbr,game_date\n")
    with pytest.raises(ContractError, match=r"team_offense_game_summary\.parquet is not a Parquet file"):
        store.import_from(files)


def test_one_file_of_a_folder_that_is_not_parquet(store: Store, files: Path) -> None:
    folder = path_of(files, OFFENSE, ".parquet")
    folder.mkdir()
    pq.write_table(PLAIN, folder / "part-0.parquet")
    (folder / "part-1.parquet").write_text("no Parquet")
    with pytest.raises(ContractError, match=r"part-1\.parquet is not a Parquet file"):
        store.import_from(files)


def test_files_of_a_folder_with_different_types(store: Store, files: Path) -> None:
    folder = path_of(files, OFFENSE, ".parquet")
    folder.mkdir()
    pq.write_table(PLAIN, folder / "part-0.parquet")
    other = PLAIN.set_column(2, "season_year", pa.array(["2021", "2021"]))
    pq.write_table(other, folder / "part-1.parquet")
    with pytest.raises(ContractError, match=r"part-1\.parquet: column season_year is STRING, expected INT64"):
        store.import_from(files)


def test_an_empty_folder_of_a_table(store: Store, files: Path) -> None:
    path_of(files, OFFENSE, ".parquet").mkdir()
    with pytest.raises(ContractError, match=r"no \.parquet file in this folder"):
        store.import_from(files)


def test_no_table_at_all(store: Store, files: Path) -> None:
    for folder in (files, files / "not_there"):
        with pytest.raises(ConfigurationError, match="no table found; expected files or folders like"):
            store.import_from(folder)


def test_one_wrong_file_leaves_all_tables_as_they_were(store: Store, files: Path) -> None:
    pq.write_table(PLAIN, path_of(files, OFFENSE, ".parquet"))
    store.import_from(files)
    before = store.files(OFFENSE)
    path_of(files, SCHEDULE, ".csv").write_text("game_id,game_date\n20211106_ATL_BOS,2021-11-06\n")
    with pytest.raises(ContractError, match="column home_team_tricode is missing"):
        store.import_from(files)
    assert store.files(OFFENSE) == before
    assert not store.folder(SCHEDULE).exists()


def test_a_folder_in_the_place_of_a_table_is_not_overwritten(store: Store, files: Path) -> None:
    pq.write_table(PLAIN, path_of(files, OFFENSE, ".parquet"))
    place = store.folder(OFFENSE)
    place.mkdir(parents=True)
    (place / "precious.txt").write_text("mine")
    with pytest.raises(ContractError, match="is not a Delta table"):
        store.import_from(files)
    assert (place / "precious.txt").read_text() == "mine"
