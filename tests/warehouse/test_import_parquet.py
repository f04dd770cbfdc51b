"""Parquet files of a source table: columns of the contract as they stand, others where Delta can hold them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.errors import ContractError
from jobs.warehouse.arrow_types import TIMESTAMP
from tests.warehouse.source_files import INSTANT, place, rows_of, stage, staged_rows

UTC = datetime.timezone.utc
NUMBERS = pa.array([1, 2], pa.int64())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "files [2021-22] {a,b}"


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    return tmp_path / "staging"


def in_folder(files: Path, *tables: pa.Table) -> Path:
    folder = place(files, ".parquet")
    folder.mkdir()
    for number, table in enumerate(tables):
        pq.write_table(table, folder / f"part-{number}.parquet")
    return folder


def type_of(files: Path, staging: Path, column: str) -> pa.DataType:
    return pq.read_schema(stage(files, staging).path).field(column).type


@pytest.mark.parametrize(
    ("first", "second"), [("ns", "us"), ("us", "ns"), ("ms", "ns"), ("s", "us")], ids=lambda unit: str(unit)
)
def test_a_unit_of_time_that_differs_by_file_is_read_by_its_file(
    files: Path, staging: Path, first: str, second: str
) -> None:
    whole = datetime.datetime(2021, 11, 7, 16)
    in_folder(
        files,
        rows_of(processed_at=pa.array([whole] * 2, pa.timestamp(first))),
        rows_of(processed_at=pa.array([whole] * 2, pa.timestamp(second, tz="America/New_York"))),
    )
    assert {row["processed_at"] for row in staged_rows(files, staging)} == {whole.replace(tzinfo=UTC)}


def test_finer_times_are_cut_to_microseconds(files: Path, staging: Path) -> None:
    ticks = pa.array([1_636_300_800_123_456_999, -1], pa.timestamp("ns"))
    in_folder(files, rows_of(processed_at=ticks))
    times = [row["processed_at"] for row in staged_rows(files, staging)]
    assert times == [INSTANT.replace(tzinfo=UTC), datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)]


def test_a_column_of_nothing_but_null_is_null(files: Path, staging: Path) -> None:
    nothing = pa.nulls(2)
    in_folder(
        files, rows_of(created_at=nothing, pace=nothing, season_year=nothing, note=nothing), rows_of(note=NUMBERS)
    )
    rows = staged_rows(files, staging)
    assert [(row["created_at"], row["pace"], row["season_year"]) for row in rows[:2]] == [(None, None, None)] * 2
    assert [row["note"] for row in rows] == [None, None, 1, 2]
    assert type_of(files, staging, "created_at") == TIMESTAMP


def test_a_foreign_column_without_a_type_is_left_out(files: Path, staging: Path) -> None:
    in_folder(files, rows_of(note=pa.nulls(2)))
    assert stage(files, staging).notes == ("column 'note' is left out: it has no type and no value",)


@pytest.mark.parametrize("moment", [datetime.datetime(1, 1, 1), datetime.datetime(1500, 2, 28, 12)])
def test_old_times_are_read_as_they_stand(files: Path, staging: Path, moment: datetime.datetime) -> None:
    in_folder(files, rows_of(processed_at=pa.array([moment] * 2, pa.timestamp("us")), seen=pa.array([moment] * 2)))
    first = staged_rows(files, staging)[0]
    assert (first["processed_at"], first["seen"]) == (moment.replace(tzinfo=UTC),) * 2


@pytest.mark.parametrize("year", [1, 1582, 1899, 2021])
def test_times_in_the_old_form_of_96_bits(files: Path, staging: Path, year: int) -> None:
    moment = datetime.datetime(year, 1, 1, 6)
    times = pa.array([moment] * 2, pa.timestamp("us"))
    pq.write_table(rows_of(processed_at=times), place(files, ".parquet"), use_deprecated_int96_timestamps=True)
    physical = pq.ParquetFile(place(files, ".parquet")).schema
    assert {column.physical_type for column in physical if column.name == "processed_at"} == {"INT96"}
    assert staged_rows(files, staging)[0]["processed_at"] == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "values", "shown"),
    [
        ("game_date", pa.array([0, 2_932_897], pa.int32()).cast(pa.date32()), "10000-01-01"),
        ("processed_at", pa.array([0, 575_000_000_000], pa.timestamp("s")), "20191-01-09 14:13:20.000"),
        ("processed_at", pa.array([0, 575_000_000_000_000], pa.timestamp("ms", tz="UTC")), "20191-01-09 14:13:20.000"),
        ("processed_at", pa.array([0, -62_135_596_801], pa.timestamp("s")), "0000-12-31 23:59:59.000"),
    ],
)
def test_a_year_that_no_date_has_is_named(
    files: Path, staging: Path, column: str, values: pa.Array, shown: str
) -> None:
    in_folder(files, rows_of(**{column: values}))
    with pytest.raises(ContractError, match=f"column {column} has the value {shown}, a year before 1 or after 9999"):
        stage(files, staging)


def test_a_far_year_in_a_foreign_column_leaves_it_out(files: Path, staging: Path) -> None:
    in_folder(files, rows_of(note=NUMBERS, seen=pa.array([0, 575_000_000_000], pa.timestamp("s"))))
    staged = stage(files, staging)
    assert staged.rows == 2
    assert "column 'seen' is left out: it has the value 20191-01-09 14:13:20" in staged.notes[0]
    assert pq.read_table(staged.path)["note"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([datetime.time(6), None], pa.time64("us")),
        pa.array([datetime.timedelta(1), None], pa.duration("us")),
        pa.array([{"a b": 1}, None]),
        pa.array([[datetime.time(6)], None]),
        pa.array([Decimal(1), None], pa.decimal256(60, 2)),
    ],
    ids=["time", "duration", "struct", "list", "decimal"],
)
def test_a_foreign_column_that_delta_cannot_hold_is_left_out(files: Path, staging: Path, values: pa.Array) -> None:
    in_folder(files, rows_of(odd=values))
    staged = stage(files, staging)
    assert staged.rows == 2
    assert "column 'odd' is left out" in staged.notes[0]
    assert "odd" not in pq.read_schema(staged.path).names


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (pa.array([1, 2], pa.uint64()), pa.int64()),
        (pa.array(["x", None]).dictionary_encode(), pa.string()),
        (pa.array(["x", None], pa.large_string()), pa.string()),
        (pa.array([[1], None]), pa.list_(pa.int64())),
        (pa.array([{"a": 1}, None]), pa.struct([("a", pa.int64())])),
        (pa.array([b"x", None]), pa.binary()),
        (pa.array([1.5, None], pa.float32()), pa.float32()),
        (pa.array([INSTANT, None], pa.date64()), pa.date32()),
    ],
    ids=["unsigned", "dictionary", "large_string", "list", "struct", "binary", "float", "date64"],
)
def test_a_foreign_column_is_kept_where_delta_can(
    files: Path, staging: Path, values: pa.Array, kept: pa.DataType
) -> None:
    in_folder(files, rows_of(theirs=values))
    assert type_of(files, staging, "theirs").equals(kept)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (NUMBERS, pa.array([0.5, None]), [1.0, 2.0, 0.5, None]),
        (pa.array([1, 2], pa.int8()), pa.array([300, 301], pa.int32()), [1, 2, 300, 301]),
        (NUMBERS, pa.array(["x", "y"]), None),
        (pa.array([2**60 + 1, 2], pa.int64()), pa.array([0.5, None]), None),
    ],
    ids=["integers_and_floats", "widths", "texts_and_numbers", "integers_that_no_float_holds"],
)
def test_a_foreign_column_of_other_types_by_file(
    files: Path, staging: Path, first: pa.Array, second: pa.Array, found: list[Any] | None
) -> None:
    in_folder(files, rows_of(theirs=first), rows_of(theirs=second))
    rows = staged_rows(files, staging)
    assert len(rows) == 4
    assert [row.get("theirs") for row in rows] == (found or [None] * 4)
    assert ("theirs" in rows[0]) is (found is not None)


def test_names_that_delta_does_not_take_are_left_out(files: Path, staging: Path) -> None:
    in_folder(files, rows_of(**{"Unnamed: 0": NUMBERS, "": NUMBERS, "Pace": NUMBERS, "a.b": NUMBERS}))
    staged = stage(files, staging)
    assert [note.split("'")[1] for note in staged.notes] == ["Unnamed: 0", "", "Pace"]
    assert pq.read_table(staged.path)["a.b"].to_pylist() == [1, 2]


def test_a_doubled_name_is_an_error_in_the_contract_and_left_out_elsewhere(files: Path, staging: Path) -> None:
    folder = in_folder(files, rows_of().append_column("note", NUMBERS).append_column("note", NUMBERS))
    assert stage(files, staging).notes == ("column 'note' is left out: it is there twice in a file",)
    pq.write_table(rows_of().append_column("pace", rows_of()["pace"]), folder / "part-0.parquet")
    with pytest.raises(ContractError, match=r"part-0\.parquet: column pace is there twice; leave one of them out"):
        stage(files, staging)


def test_decimals_of_other_scales_by_file_are_kept_whole(files: Path, staging: Path) -> None:
    narrow = pa.array([Decimal("1.5"), None], pa.decimal128(5, 1))
    fine = pa.array([Decimal("0.123456"), None], pa.decimal128(10, 6))
    in_folder(files, rows_of(pace=narrow), rows_of(pace=fine))
    assert [row["pace"] for row in staged_rows(files, staging)] == [Decimal("1.5"), None, Decimal("0.123456"), None]


def test_each_wrong_file_is_named(files: Path, staging: Path) -> None:
    folder = in_folder(files, rows_of(), rows_of(pace=pa.array([1.5, None])), rows_of().drop_columns(["win_flag"]))
    with pytest.raises(ContractError) as refused:
        stage(files, staging)
    assert str(refused.value).splitlines() == [
        f"table {folder}/part-1.parquet: column pace is FLOAT64, expected NUMERIC; change its type in the table",
        f"table {folder}/part-2.parquet: column win_flag is missing (expected BOOL); add it to the table",
    ]


def test_a_number_that_does_not_fit_is_named(files: Path, staging: Path) -> None:
    in_folder(files, rows_of(season_year=pa.array([2021, 2**64 - 1], pa.uint64())))
    with pytest.raises(ContractError, match="column season_year has a value that is not int64"):
        stage(files, staging)


def test_a_damaged_file_is_named_with_its_table(files: Path, staging: Path) -> None:
    path = place(files, ".parquet")
    many = pa.concat_tables([rows_of(note=pa.array([str(number)] * 2)) for number in range(2000)])
    pq.write_table(many, path, compression="zstd", write_page_checksum=True)
    content = path.read_bytes()
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 0xFF
    for broken in (b"", b"PAR1", content[: len(content) // 2], bytes(damaged)):
        path.write_bytes(broken)
        with pytest.raises(ContractError, match="is not a Parquet file, or a damaged one") as refused:
            stage(files, staging)
        assert str(path) in str(refused.value)
        assert len(str(refused.value).splitlines()) == 1


def test_a_folder_named_key_and_value_gives_a_column(files: Path, staging: Path) -> None:
    folder = place(files, "") / "season_year=2020"
    folder.mkdir(parents=True)
    pq.write_table(rows_of().drop_columns(["season_year"]), folder / "a.parquet")
    assert [row["season_year"] for row in staged_rows(files, staging)] == [2020, 2020]
