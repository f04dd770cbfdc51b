"""Which files of a folder are a table, and what is said where that is not clear."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.errors import ConfigurationError, ContractError, JobError
from jobs.warehouse.import_files import find_files
from jobs.warehouse.import_folder import staging_folder
from tests.warehouse.source_files import header, line, place, rows_of, stage


def refusal(files: Path) -> str:
    with pytest.raises(ContractError) as refused:
        find_files(files)
    return str(refused.value)


def test_a_table_is_a_file_or_a_folder_of_them(tmp_path: Path) -> None:
    for ending, form in ((".parquet", "parquet"), (".csv", "csv"), (".csv.gz", "csv")):
        path = place(tmp_path / ending, ending)
        path.touch()
        (found,) = find_files(tmp_path / ending)
        assert (found.path, found.form) == (path, form)
    folder = place(tmp_path / "plain", "") / "2021"
    folder.mkdir(parents=True)
    (folder / "A.PARQUET").touch()
    (found,) = find_files(tmp_path / "plain")
    assert (found.form, [file.path.name for file in found.files]) == ("parquet", ["A.PARQUET"])


def test_a_table_in_two_forms_is_refused(tmp_path: Path) -> None:
    place(tmp_path, ".parquet").touch()
    place(tmp_path, ".csv").touch()
    assert "both team_offense_game_summary.parquet and team_offense_game_summary.csv are there" in refusal(tmp_path)


def test_files_of_two_forms_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = place(tmp_path, "")
    folder.mkdir()
    (folder / "a.parquet").touch()
    (folder / "b.csv").touch()
    assert "both .parquet and .csv files are in it" in refusal(tmp_path)


def test_a_folder_without_a_file_of_the_table(tmp_path: Path) -> None:
    place(tmp_path, ".csv").mkdir()
    (place(tmp_path, ".csv") / ".keep").touch()
    assert re.search(r"no \.csv file in this folder", refusal(tmp_path))


@pytest.mark.parametrize("where", ["file", "folder", "dataset"])
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, where: str) -> None:
    folder = place(tmp_path, ".parquet")
    if where == "dataset":
        folder.parent.rmdir()
        link = folder.parent
    elif where == "folder":
        link = folder
    else:
        folder.mkdir()
        link = folder / "2021.parquet"
    link.symlink_to(tmp_path / "gone")
    assert refusal(tmp_path) == (
        f"table {link}: this link leads to {tmp_path / 'gone'}, which does not exist; mend or remove it"
    )


def test_a_link_to_a_folder_is_read_and_one_to_its_own_folder_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    pq.write_table(rows_of(), elsewhere / "a.parquet")
    folder = place(tmp_path / "files", ".parquet")
    folder.mkdir()
    (folder / "2021").symlink_to(elsewhere)
    assert stage(tmp_path / "files", tmp_path / "staging").rows == 2
    (folder / "again").symlink_to(folder)
    assert "is a link to a folder that is read already" in refusal(tmp_path / "files")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    place(tmp_path, ".csv").mkdir()
    os.mkfifo(place(tmp_path, ".csv") / "a.csv")
    assert "a.csv is not a file that can be read to its end" in refusal(tmp_path)


def test_brackets_in_a_path_are_a_path(tmp_path: Path) -> None:
    for name, team in (("in[1]", "ATL"), ("in1", "BOS")):
        place(tmp_path / name, ".csv").write_text(header() + line(team_abbr=team))
    staged = stage(tmp_path / "in[1]", tmp_path / "staging")
    assert pq.read_table(staged.path)["team_abbr"].to_pylist() == ["ATL"]


def test_the_folder_of_one_table_is_not_a_folder_of_datasets(tmp_path: Path) -> None:
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(ConfigurationError, match="this is a Delta table; name the folder with the datasets"):
        find_files(tmp_path)


def test_staged_files_are_gone_afterwards_and_those_of_a_killed_import_too(tmp_path: Path) -> None:
    root = tmp_path / "warehouse"
    with staging_folder(root) as other:
        with staging_folder(root) as folder:
            assert (folder.parent, other.exists()) == (root, True)
        (root / ".import-killed").mkdir()
        (root / ".import-killed" / "lock").touch()
    with staging_folder(root) as folder:
        assert [path.name for path in root.iterdir()] == [folder.name]
    assert not root.exists()


def test_a_warehouse_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ConfigurationError, match=r"--warehouse-path .*file: it cannot be written"),
        staging_folder(tmp_path / "file"),
    ):
        pass


def test_a_disk_that_is_full_names_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(rows_of(), place(tmp_path / "files", ".parquet"))

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_batch", full)
    with pytest.raises(JobError, match=r"team_offense_game_summary\.parquet: its rows could not be staged .*No space"):
        stage(tmp_path / "files", tmp_path / "staging")
