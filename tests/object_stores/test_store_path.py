"""A folder of a store in the manner of `pathlib`: the same questions have the same answers as on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.object_stores.folders import Folder, named, present, relative, remove
from jobs.object_stores.store_path import StorePath
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import new_folder, put

FILES = {"a/_delta_log/0.json": b"{}", "a/part.parquet": b"1234", "b.csv": b""}


@pytest.fixture(params=["here", "gcs"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    if request.param == "here":
        for name, content in FILES.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        return tmp_path
    gcs = request.getfixturevalue("gcs")
    root = new_folder(gcs)
    for name, content in FILES.items():
        put(gcs, root / name, content)
    return root


def below(folder: Folder, found: Any) -> list[str]:
    return sorted(str(relative(file, folder)) for file in found)


def test_what_a_folder_holds(folder: Folder) -> None:
    assert below(folder, folder.iterdir()) == ["a", "b.csv"]
    assert below(folder, (folder / "a").iterdir()) == ["a/_delta_log", "a/part.parquet"]
    assert below(folder, (file for file in folder.rglob("*") if file.is_file())) == sorted(FILES)
    assert below(folder, folder.rglob("*.parquet")) == ["a/part.parquet"]
    assert below(folder, (folder / "a" / "_delta_log").glob("[0-9]*.json")) == ["a/_delta_log/0.json"]
    assert below(folder, (folder / "none").glob("*")) == []
    assert below(folder, present(folder, ["b.csv", "c.csv", "a"])) == ["a", "b.csv"]


def test_what_a_path_is(folder: Folder) -> None:
    paths = [folder / name for name in ("a", "a/part.parquet", "b.csv", "none")]
    assert [path.exists() for path in paths] == [True, True, True, False]
    assert [path.is_dir() for path in paths] == [True, False, False, False]
    assert [path.is_file() for path in paths] == [False, True, True, False]
    assert (folder / "a/part.parquet").stat().st_size == 4
    with pytest.raises(FileNotFoundError):
        (folder / "none").stat()


def test_names_and_contents(folder: Folder) -> None:
    file = folder / "a" / "part.parquet"
    assert (file.name, file.stem, file.suffix, file.parent.name) == ("part.parquet", "part", ".parquet", "a")
    assert str(file.with_name("other")) == f"{folder}/a/other"
    assert file == named(folder, str(file))
    assert (file.read_text(), (folder / "a/_delta_log/0.json").read_text()) == ("1234", "{}")
    with file.open("rb") as opened:
        opened.seek(2)
        assert opened.read() == b"34"


def test_a_folder_is_removed_with_all_that_is_in_it_and_nothing_else(folder: Folder) -> None:
    remove(folder / "a")
    remove(folder / "none")
    assert below(folder, folder.rglob("*")) == ["b.csv"]


def test_an_empty_object_in_the_place_of_a_folder_is_not_shown(gcs: FakeGcs) -> None:
    root = new_folder(gcs)
    for name in ("table/_delta_log/", "table/"):
        put(gcs, StorePath(root.bucket, f"{root.key}/{name}"), b"")
    put(gcs, root / "table/part.parquet", b"1")
    assert below(root, root.rglob("*")) == ["table/part.parquet"]
