"""Imports into a warehouse that holds tables: what is replaced, what is refused, and what a killed import leaves."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.demo import check_tables
from jobs.errors import ConfigurationError, ContractError, SparkError
from jobs.import_tables import import_tables
from jobs.schemas.tables import PLAYER_GAME_SUMMARY
from jobs.warehouse.delta import provenance
from tests.end_to_end.store import Store, silent
from tests.warehouse.source_files import OFFENSE, header, line, place, rows_of


@pytest.fixture
def store(spark: SparkSession, tmp_path: Path) -> Store:
    return Store(spark, tmp_path / "warehouse [1]")


def one_row(folder: Path, team: str) -> Path:
    place(folder, ".csv").write_text(header() + line(team_abbr=team))
    return folder


def teams(store: Store) -> list[str]:
    return sorted(row["team_abbr"] for row in store.rows(OFFENSE))


def imported(store: Store, folder: Path, **options: Any) -> list[str]:
    import_tables(store.warehouse, folder, silent(), **options)
    return teams(store)


def test_rows_of_another_source_are_replaced_only_when_asked(store: Store, tmp_path: Path) -> None:
    first, second = one_row(tmp_path / "in1", "ATL"), one_row(tmp_path / "in[1]", "BOS")
    assert imported(store, first) == ["ATL"]
    with pytest.raises(ConfigurationError) as refused:
        imported(store, second)
    assert str(refused.value) == (
        f"table nba_analytics.team_offense_game_summary in {store.root} holds 1 rows imported from {first}; "
        f"--replace replaces them by those of {second}, no row of it is kept"
    )
    assert teams(store) == ["ATL"]
    assert imported(store, second, replace=True) == ["BOS"]


def test_the_same_source_is_imported_again_as_it_is_now(store: Store, tmp_path: Path) -> None:
    folder = one_row(tmp_path / "in", "ATL")
    imported(store, folder)
    one_row(folder, "BOS")
    (tmp_path / "link").symlink_to(folder)
    assert imported(store, tmp_path / "link") == ["BOS"]


def test_rows_that_somebody_changed_since_are_replaced_only_when_asked(store: Store, tmp_path: Path) -> None:
    folder = one_row(tmp_path / "in", "ATL")
    imported(store, folder)
    store.sql("UPDATE {table} SET team_abbr = 'CHI'", OFFENSE)
    with pytest.raises(ConfigurationError, match="holds 1 rows that import_tables did not write; --replace"):
        imported(store, folder)
    assert imported(store, folder, replace=True) == ["ATL"]


def test_a_table_without_rows_is_replaced(store: Store, tmp_path: Path) -> None:
    store.warehouse.create(OFFENSE)
    assert imported(store, one_row(tmp_path / "in", "ATL")) == ["ATL"]


def test_an_import_that_was_killed_before_its_first_commit_is_repeated(store: Store, tmp_path: Path) -> None:
    folder = one_row(tmp_path / "in", "ATL")
    left = store.folder(OFFENSE)
    (left / "_delta_log").mkdir(parents=True)
    name = "part-00000-0a1b2c3d-0000-4000-8000-0123456789ab-c000.snappy.parquet"
    (left / name).write_bytes(b"PAR1")
    (left / f".{name}.crc").write_bytes(b"crc")
    with pytest.raises(ContractError, match="repeat the import of it that did not end"):
        store.warehouse.actual_columns(OFFENSE)
    assert imported(store, folder) == ["ATL"]
    assert imported(store, folder) == ["ATL"]


def test_a_write_that_fails_names_its_table_and_the_same_command_works_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = one_row(tmp_path / "in", "ATL")
    with monkeypatch.context() as failing:

        def full(*_: Any) -> int:
            raise OSError("No space left on device")

        failing.setattr("jobs.warehouse.delta.warehouse.DeltaWarehouse.replace", full)
        with pytest.raises(SparkError, match=r"team_offense_game_summary in .* could not be replaced: .*No space left"):
            imported(store, folder)
    assert [path.name for path in store.root.glob("*")] == []
    assert imported(store, folder) == ["ATL"]


def test_all_tables_are_checked_before_the_first_is_replaced(store: Store, tmp_path: Path) -> None:
    folder = one_row(tmp_path / "in", "ATL")
    imported(store, folder)
    before = store.files(OFFENSE)
    (folder / PLAYER_GAME_SUMMARY.dataset / f"{PLAYER_GAME_SUMMARY.name}.parquet").write_bytes(b"PAR1")
    with pytest.raises(ContractError, match=r"player_game_summary\.parquet is not a Parquet file"):
        imported(store, one_row(folder, "BOS"))
    assert store.files(OFFENSE) == before
    assert not list(store.root.glob(".*"))


def test_a_warehouse_is_read_by_its_log(store: Store, spark: SparkSession, tmp_path: Path) -> None:
    imported(store, one_row(tmp_path / "in1", "ATL"))
    imported(store, one_row(tmp_path / "in2", "BOS"), replace=True)
    store.sql("UPDATE {table} SET team_abbr = 'CHI'", OFFENSE)
    assert imported(Store(spark, tmp_path / "other"), store.root) == ["CHI"]


def test_a_column_without_a_type_in_a_delta_source_is_left_out(
    store: Store, spark: SparkSession, tmp_path: Path
) -> None:
    imported(store, one_row(tmp_path / "in", "ATL"))
    rows = spark.read.format("delta").load(str(store.folder(OFFENSE))).selectExpr("*", "NULL AS injury_note")
    store.warehouse.replace(OFFENSE, rows)
    assert imported(Store(spark, tmp_path / "other"), store.root) == ["ATL"]


def test_a_delta_source_whose_file_is_gone_is_named(store: Store, spark: SparkSession, tmp_path: Path) -> None:
    imported(store, one_row(tmp_path / "in", "ATL"))
    for file in store.folder(OFFENSE).glob("*.parquet"):
        file.unlink()
    other = Store(spark, tmp_path / "other")
    with pytest.raises(ContractError, match="its Delta log or a file that it names cannot be read"):
        imported(other, store.root)
    assert not other.root.exists()


def test_a_warehouse_is_not_imported_into_itself(store: Store, tmp_path: Path) -> None:
    imported(store, one_row(tmp_path / "in", "ATL"))
    with pytest.raises(ConfigurationError, match="this is the warehouse itself"):
        imported(store, store.root)


def test_old_times_and_odd_columns_arrive_in_the_table(store: Store, tmp_path: Path) -> None:
    old = pa.array([datetime.datetime(1, 1, 1), datetime.datetime(1899, 12, 31, 23)], pa.timestamp("us"))
    odd = {"a.b": pa.array([1, 2]), "a`b": pa.array([[1], None]), "seen": old, "day": old.cast(pa.date32())}
    pq.write_table(rows_of(processed_at=old, **odd), place(tmp_path / "in", ".parquet"))
    assert store.import_from(tmp_path / "in") == {OFFENSE.name: 2}
    columns = "CAST(processed_at AS STRING) AS time, CAST(seen AS STRING) AS seen, day, `a.b`, `a``b`"
    first, second = store.sql(f"SELECT {columns} FROM {{table}} ORDER BY team_abbr", OFFENSE)
    assert (first["time"], first["seen"], first["day"]) == (*["0001-01-01 00:00:00"] * 2, datetime.date(1, 1, 1))
    assert (second["time"], second["seen"]) == ("1899-12-31 23:00:00",) * 2
    assert (first["a.b"], first["a`b"]) == (1, [1])
    listed = store.warehouse.read(OFFENSE).selectExpr("CAST(MIN(processed_at) AS STRING) AS first").first()
    assert listed is not None
    assert listed["first"] == "0001-01-01 00:00:00"


def test_a_demo_takes_no_warehouse_with_tables_of_others(store: Store, tmp_path: Path) -> None:
    check_tables(store.warehouse)
    folder = one_row(tmp_path / "in", "ATL")
    imported(store, folder, source="the demo's league")
    check_tables(store.warehouse)
    assert provenance.writer(store.folder(OFFENSE)) == "the demo's league"
    imported(store, folder, replace=True)
    with pytest.raises(ConfigurationError, match=rf"team_offense_game_summary in it was imported from {folder}"):
        check_tables(store.warehouse)
