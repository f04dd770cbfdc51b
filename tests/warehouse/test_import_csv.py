"""CSV files of a source table: what is read of each form, and the one error for what is not."""

from __future__ import annotations

import datetime
import gzip
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from jobs.demo_league import generate
from jobs.errors import ConfigurationError, ContractError
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import SOURCES
from jobs.warehouse.arrow_types import contract_type
from jobs.warehouse.import_csv import checked_encoding
from jobs.warehouse.import_files import find_files
from jobs.warehouse.import_staging import known_columns, stage_files
from tests.warehouse.source_files import HEADER, header, line, place, stage, staged_rows


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    return tmp_path / "staging"


def written(files: Path, text: str | bytes, ending: str = ".csv") -> Path:
    path = place(files, ending)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def in_folder(files: Path, **texts: str) -> Path:
    folder = place(files, ".csv")
    for name, text in texts.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f"{path.name}.csv").write_text(text)
    return folder


def refusal(files: Path, staging: Path, encoding: str = "utf-8") -> str:
    with pytest.raises(ContractError) as refused:
        stage(files, staging, encoding)
    return str(refused.value)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_any_line_end_and_a_byte_order_mark(files: Path, staging: Path, end: str, start: bytes) -> None:
    text = (header() + line() + "\n" + line(team_abbr="BOS")).replace("\n", end)
    written(files, start + text.encode())
    first, second = staged_rows(files, staging)
    assert (first["team_abbr"], first["pace"], first["win_flag"]) == ("ATL", Decimal("99.5"), True)
    assert first["processed_at"] == datetime.datetime(2021, 11, 7, 16, tzinfo=datetime.timezone.utc)
    assert (second["team_abbr"], second["created_at"]) == ("BOS", None)


def test_a_doubled_quote_and_a_line_break_in_quotes_are_part_of_the_value(files: Path, staging: Path) -> None:
    written(files, header("note") + line(note='"she said ""go"", twice"') + line(note='"first\nsecond"'))
    assert [row["note"] for row in staged_rows(files, staging)] == ['she said "go", twice', "first\nsecond"]


def test_an_empty_text_in_quotes_is_text_and_without_them_null(files: Path, staging: Path) -> None:
    written(files, header("note") + line(note='""') + line(note="") + line(note="", created_at='""'))
    rows = staged_rows(files, staging)
    assert [row["note"] for row in rows] == ["", None, None]
    assert [row["created_at"] for row in rows] == [None] * 3


def test_columns_are_read_by_name_in_each_file(files: Path, staging: Path) -> None:
    names = HEADER.split(",")
    turned = ",".join(reversed(names)) + "\n" + ",".join(reversed(line(team_abbr="BOS").strip().split(","))) + "\n"
    in_folder(files, a=header() + line(), b=turned)
    first, second = staged_rows(files, staging)
    assert {**second, "team_abbr": "ATL"} == first


def test_a_column_that_one_file_has_is_null_in_the_others(files: Path, staging: Path) -> None:
    in_folder(files, a=header() + line(), b=header("note") + line(note="x"))
    assert [row["note"] for row in staged_rows(files, staging)] == [None, "x"]


def test_subfolders_are_read(files: Path, staging: Path) -> None:
    in_folder(files, a=header() + line(), deeper__b=header() + line(team_abbr="BOS"))
    assert {row["team_abbr"] for row in staged_rows(files, staging)} == {"ATL", "BOS"}


def test_a_folder_named_key_and_value_gives_the_column_as_text(files: Path, staging: Path) -> None:
    without_year = HEADER.replace("season_year,", "") + "\n" + line().replace(",2021,", ",")
    folder = in_folder(files, **{"season_year=2021__arena=007__a": without_year})
    (row,) = staged_rows(files, staging)
    assert (row["season_year"], row["arena"]) == (2021, "007")
    (folder / "season_year=2021").rename(folder / "season_year=last")
    assert "column season_year has the value 'last' by the folder's name" in refusal(files, staging)


def test_only_csv_files_are_the_table_and_the_others_are_named(files: Path, staging: Path) -> None:
    folder = in_folder(files, a=header() + line())
    for name in ("a.csv.bak", "README.txt", "._a.csv", "_tmp.csv"):
        (folder / name).write_text(header() + line(team_abbr="BOS"))
    staged = stage(files, staging)
    assert staged.rows == 1
    assert staged.notes == ("not read: ._a.csv, README.txt, _tmp.csv, a.csv.bak",)


def test_a_compressed_file(files: Path, staging: Path) -> None:
    parts = [gzip.compress((header() + line()).encode()), gzip.compress(line(team_abbr="BOS").encode())]
    path = written(files, b"".join(parts), ".csv.gz")
    assert [row["team_abbr"] for row in staged_rows(files, staging)] == ["ATL", "BOS"]
    path.write_bytes(parts[0][:-12])
    assert f"table {path}: it cannot be read" in refusal(files, staging)


def test_a_named_encoding(files: Path, staging: Path) -> None:
    text = header("note") + line(note="José")
    for encoding in ("latin-1", "utf-16", "cp1252"):
        written(files, text.encode(encoding))
        assert staged_rows(files, staging, checked_encoding(encoding))[0]["note"] == "José"


def test_text_of_another_encoding_names_line_column_and_bytes(files: Path, staging: Path) -> None:
    path = written(files, (header() + line() + line(team_abbr="José")).encode("latin-1"))
    assert refusal(files, staging) == (
        f"table {path}, line 3: column team_abbr has the bytes b'Jos\\xe9', which is not utf-8; "
        "name the file's encoding with --encoding (latin-1, say)"
    )


def test_an_unknown_encoding() -> None:
    for name in ("klingon", "rot13", "base64"):
        with pytest.raises(ConfigurationError, match=f"--encoding {name}: unknown encoding"):
            checked_encoding(name)


def test_a_wrong_value_names_file_line_column_and_value(files: Path, staging: Path) -> None:
    notes = line(note='"one\ntwo"') + line(note="x") + line(note="x", season_year="2021/22")
    path = written(files, header("note") + notes)
    assert refusal(files, staging) == (
        f"table {path}, line 5: column season_year has the value '2021/22', which is not INT64 "
        "(a whole number); correct it"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (header() + line() + "BOS,2021-11-06,2021\n", r"line 3: 3 fields where the header has 8 .*column pace has no"),
        (header() + line(created_at="x,y"), "line 2: 9 fields where the header has 8 .*'y' has no column"),
        (header("note") + line(note='"he said \\"no\\""'), "line 2: a quote in a quoted field is not doubled"),
        (header("note") + line(note='"never closed') + line(note=""), "line 2: a quoted field is not closed"),
        (header("note") + line(note='"' + "x" * 1_100_000), r"line 2: a field has more than 1,048,576 characters"),
        (header() + line(team_abbr="A\0L"), "line 2: a NUL character"),
        (header().replace(",", ";") + line(), "line 1: .* seem to be separated by semicolons"),
        (header().replace(",", "\t") + line(), "line 1: .* seem to be separated by tabs"),
        (line() + line(), "line 1: 'ATL,2021-11-06.* names no column of the table"),
        (header("pace") + line(again="1"), "line 1: column pace is there twice"),
        (header().replace("pace", " Pace") + line(), "line 1: column ' Pace' is to be called pace"),
        (HEADER.replace(",pace", "") + "\n", r"column pace is missing \(expected NUMERIC\)"),
        (header() + line() + header(), "line 3: column game_date has the value 'game_date'"),
    ],
    ids=[
        "empty",
        "short_line",
        "long_line",
        "backslash_before_a_quote",
        "open_quote",
        "open_quote_in_a_long_file",
        "nul",
        "semicolons",
        "tabs",
        "no_header",
        "doubled_name",
        "other_spelling",
        "missing",
        "header_again",
    ],
)
def test_a_file_of_another_form_is_one_error(files: Path, staging: Path, text: str, message: str) -> None:
    written(files, text)
    refused = refusal(files, staging)
    assert len(refused.splitlines()) == 1
    assert str(place(files, ".csv")) in refused
    with pytest.raises(ContractError, match=message):
        stage(files, staging)


def test_the_file_of_a_folder_that_has_no_header_is_named(files: Path, staging: Path) -> None:
    folder = in_folder(files, part_a=header() + line(), part_b=line(team_abbr="BOS"))
    assert refusal(files, staging).startswith(f"table {folder / 'part_b.csv'}, line 1:")


def test_a_header_alone_is_a_table_without_rows(files: Path, staging: Path) -> None:
    for text in (HEADER, header()):
        written(files, text)
        assert staged_rows(files, staging) == []


def test_columns_of_the_pre_computed_tables_are_typed(files: Path, staging: Path) -> None:
    for table in UPSTREAM_TARGETS:
        folder = files / table.dataset
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{table.name}.csv").write_text(",".join(table.column_names) + "\n")
    staging.mkdir()
    for found in find_files(files):
        staged = pq.read_schema(stage_files(found, staging, "utf-8").path)
        (table,) = (table for table in UPSTREAM_TARGETS if table.name == found.table.name)
        assert {name: staged.field(name).type for name in table.column_names} == {
            column.name: contract_type(column.type) for column in table.columns
        }


def test_tables_from_csv_hold_what_the_same_tables_from_parquet_hold(tmp_path: Path) -> None:
    generate(tmp_path / "parquet", teams=4, players_per_team=10, until=datetime.date(2021, 11, 4))
    for file in (tmp_path / "parquet").rglob("*.parquet"):
        folder = tmp_path / "csv" / file.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        csv.write_csv(pq.read_table(file), folder / f"{file.stem}.csv")
    held = []
    for form in ("parquet", "csv"):
        staging = tmp_path / f"staged {form}"
        staging.mkdir()
        staged = [stage_files(found, staging, "utf-8") for found in find_files(tmp_path / form)]
        known = {of.table.name: list(known_columns(of.table)) for of in staged}
        rows = {of.table.name: pq.read_table(of.path).to_pylist() for of in staged}
        held.append({name: [[row.get(column) for column in known[name]] for row in rows[name]] for name in rows})
    from_parquet, from_csv = held
    assert sorted(from_csv) == sorted(table.name for table in SOURCES)
    for name, expected in from_parquet.items():
        assert from_csv[name] == expected, name


def test_many_rows_pass_through_in_blocks(files: Path, staging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.warehouse.import_csv._BLOCK_BYTES", 4096)
    many = "".join(line(team_abbr=f"T{number}", note='"a\nb"') for number in range(3000))
    path = written(files, header("note") + many)
    assert [row["team_abbr"] for row in staged_rows(files, staging)] == [f"T{number}" for number in range(3000)]
    path.write_text(header("note") + many + line(note="x", season_year="x"))
    assert "line 6002: column season_year has the value 'x'" in refusal(files, staging)
