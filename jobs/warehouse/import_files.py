"""Files with source tables in a folder: which belong to which table, and which are left unread.

A table is `dataset/table.parquet`, `.csv` or `.csv.gz`, a folder of such files, or a Delta table. Opens none of them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal
from urllib.parse import unquote

from jobs.errors import ConfigurationError, ContractError
from jobs.object_stores.folders import Folder, is_here, may_read, present, relative
from jobs.schemas import tables as schemas
from jobs.schemas.tables import Table

Form = Literal["parquet", "csv", "delta"]
_ENDINGS: dict[str, Form] = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}
_NULL_IN_A_PATH = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class SourceFile:
    """One file; `by_path` has the columns that the names of its folders give (`season_year=2021`), as text."""

    path: Folder
    by_path: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class SourceFiles:
    """The files of one table; of a Delta table none, since its log names them. `unread` are other files beside them."""

    table: Table
    path: Folder
    form: Form
    files: tuple[SourceFile, ...]
    unread: tuple[Folder, ...] = ()

    @property
    def has_log(self) -> bool:
        """Whether a log says which files are the table."""
        return self.form == "delta"


def find_files(folder: Folder) -> list[SourceFiles]:
    """The files of the known tables in a folder.

    ConfigurationError for a folder that is a table itself; ContractError, of all tables at once, for a link that leads
    nowhere, a table that is there in two forms, and one without a file.
    """
    if (folder / "_delta_log").is_dir():
        raise ConfigurationError(f"--from {folder}: this is a Delta table; name the folder with the datasets above it")
    found, wrong = [], []
    for table in schemas.SOURCES:
        try:
            if (files := _files_of(table, folder)) is not None:
                found.append(files)
        except ContractError as error:
            wrong.append(str(error))
    if wrong:
        raise ContractError("\n".join(dict.fromkeys(wrong)))
    return found


def _files_of(table: Table, folder: Folder) -> SourceFiles | None:
    dataset = folder / table.dataset
    if _leads_nowhere(dataset):
        raise ContractError(_dangling(dataset))
    places = present(dataset, [f"{table.name}{ending}" for ending in ("", *_ENDINGS)])
    there = [place for place in places if not _is_empty_folder(place)]
    if len(there) > 1:
        names = " and ".join(place.name for place in there)
        raise ContractError(f"table {dataset / table.name}: both {names} are there; leave one of them")
    return _opened(table, there[0]) if there else None


def _is_empty_folder(place: Folder) -> bool:
    """Whether nothing was put into a folder of the table's plain name, which another tool may have made."""
    return not place.suffix and place.is_dir() and not any(place.iterdir())


def _opened(table: Table, place: Folder) -> SourceFiles:
    if place.is_dir():
        if (place / "_delta_log").is_dir():
            return SourceFiles(table, place, "delta", ())
        return _in_folder(table, place)
    _check_file(place, place)
    form = _form(place)
    if form is None:
        raise ContractError(f"table {place}: expected {place.name}.parquet or .csv, or a folder of files; rename it")
    return SourceFiles(table, place, form, (SourceFile(place),))


def _in_folder(table: Table, place: Folder) -> SourceFiles:
    read, unread = [], []
    for path in _walked(place):
        inside = relative(path, place)
        hidden = any(part.startswith((".", "_")) and "=" not in part for part in inside.parts)
        if hidden or _form(path) is None:
            unread.append(path)
            continue
        _check_file(path, place)
        read.append(SourceFile(path, _by_path(inside)))
    forms = {form for file in read if (form := _form(file.path)) is not None}
    if len(forms) > 1:
        raise ContractError(f"table {place}: both .parquet and .csv files are in it; leave those of one kind")
    if not forms:
        kind = place.suffix or ".parquet or .csv"
        raise ContractError(f"table {place}: no {kind} file in this folder; put the table's files there")
    return SourceFiles(table, place, forms.pop(), tuple(read), tuple(unread))


def _walked(place: Folder) -> list[Folder]:
    """All files below a folder, in order of their names; folders behind links too, each once."""
    if not is_here(place):
        return sorted(place.rglob("*"))
    files: list[Folder] = []
    seen = set()
    for parent, folders, names in os.walk(str(place), followlinks=True):
        if (real := os.path.realpath(parent)) in seen:
            raise ContractError(f"table {place}: {parent} is a link to a folder that is read already; remove it")
        seen.add(real)
        folders.sort()
        files += [Path(parent, name) for name in names]
    return sorted(files)


def _check_file(path: Folder, place: Folder) -> None:
    if _leads_nowhere(path):
        raise ContractError(_dangling(path))
    if not path.is_file():
        raise ContractError(f"table {place}: {path} is not a file that can be read to its end; remove it")
    if not may_read(path):
        raise ContractError(f"table {place}: {path} may not be read by this user; change its permissions")


def _leads_nowhere(path: Folder) -> bool:
    return path.is_symlink() and not path.exists()


def _dangling(path: Folder) -> str:
    return f"table {path}: this link leads to {Path(str(path)).readlink()}, which does not exist; mend or remove it"


def _form(path: Folder) -> Form | None:
    return next((form for ending, form in _ENDINGS.items() if path.name.lower().endswith(ending)), None)


def _by_path(below: PurePath) -> tuple[tuple[str, str | None], ...]:
    pairs = [part.split("=", 1) for part in below.parts[:-1] if "=" in part]
    return tuple((name, None if value == _NULL_IN_A_PATH else unquote(value)) for name, value in pairs)
