"""The files of a source table as one Parquet file of one schema: read through, checked, and ready for Delta.

Columns of the contract are as it asks, or the import stops; other columns are kept where Delta can hold them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.errors import ContractError, JobError
from jobs.object_stores.folders import relative
from jobs.schemas.precompute import UPSTREAM_SOURCES, UPSTREAM_TARGETS
from jobs.schemas.tables import Column, Table
from jobs.warehouse import contract
from jobs.warehouse.arrow_types import common_type, contract_type, described, is_delta_name, stored_type
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.csv_values import FORMS, WrongValueError, constant
from jobs.warehouse.import_csv import open_csv
from jobs.warehouse.import_files import SourceFile, SourceFiles
from jobs.warehouse.import_parquet import UnstorableError, open_parquet, stored


class OpenedFile(Protocol):
    """A file that can be read: its columns, and their values some rows at a time."""

    @property
    def columns(self) -> list[tuple[str, pa.DataType]]:
        """The names and types of its columns."""
        ...

    def batches(self) -> Iterator[list[pa.Array]]:
        """The columns in that order, some rows at a time."""
        ...


@dataclass(frozen=True)
class StagedTable:
    """A table's rows in a Parquet file; `notes` says which columns and files are not in it, and why."""

    table: Table
    path: Path
    rows: int
    notes: tuple[str, ...]


@dataclass
class _Columns:
    """What of a table's files is taken: the kept columns by name, and the others with the reason."""

    kept: dict[str, pa.DataType] = dataclasses.field(default_factory=dict)
    left_out: dict[str, str] = dataclasses.field(default_factory=dict)


def stage_files(files: SourceFiles, folder: Path, encoding: str) -> StagedTable:
    """Writes the rows of a table's files to one Parquet file in `folder`.

    ContractError for what is not of the contract: it names the file, and the line, column and value where there is one.
    JobError where the staged file cannot be written.
    """
    of_contract = known_columns(files.table)
    opened = [_opened(file, files, of_contract, encoding) for file in files.files]
    columns = _columns(files, opened, of_contract)
    target = folder / f"{files.table.dataset}.{files.table.name}.parquet"
    while True:
        try:
            rows = _write(files, opened, columns, target)
            break
        except UnstorableError as error:
            del columns.kept[error.name]
            columns.left_out[error.name] = error.reason
        except OSError as error:
            raise JobError(
                f"table {files.path}: its rows could not be staged in {folder} ({error}); no table was replaced; "
                "make room there, or name a folder with room by --warehouse-path"
            ) from error
    return StagedTable(files.table, target, rows, _notes(files, columns))


def known_columns(table: Table) -> dict[str, Column]:
    """All columns of a table that any job lists: those of its contract first, which must be there."""
    wider = [other for other in (*UPSTREAM_SOURCES, *UPSTREAM_TARGETS) if other.name == table.name]
    return {column.name: column for known in (*wider, table) for column in known.columns}


def _opened(
    file: SourceFile, files: SourceFiles, of_contract: dict[str, Column], encoding: str
) -> tuple[SourceFile, OpenedFile]:
    if files.form == "csv":
        return file, open_csv(file.path, encoding, of_contract, files.table.column_names)
    return file, open_parquet(file.path, str(files.path))


def _columns(
    files: SourceFiles, opened: Sequence[tuple[SourceFile, OpenedFile]], of_contract: dict[str, Column]
) -> _Columns:
    """The columns of all files together. ContractError, of all files at once, for one that breaks the contract."""
    columns, wrong = _Columns(), []
    types: dict[str, list[pa.DataType]] = {}
    for file, content in opened:
        named = _by_name(file, content, of_contract)
        place = str(files.path if files.form == "delta" else file.path)
        found = [FoundColumn(name, described(_or_contract(name, type_, of_contract))) for name, type_ in named]
        wrong += contract.problems(files.table, found, place)
        wrong += [
            f"table {place}: column {name} is there twice; leave one of them out"
            for name in files.table.column_names
            if [found_name for found_name, _ in named].count(name) > 1
        ]
        for name, type_ in named:
            types.setdefault(name, []).append(type_)
            if [found_name for found_name, _ in named].count(name) > 1:
                columns.left_out[name] = "is there twice in a file"
    if wrong:
        raise ContractError("\n".join(wrong))
    for name, found_types in types.items():
        if name not in columns.left_out:
            _choose(name, found_types, of_contract, columns)
    _leave_out_spellings(files.table, columns)
    return columns


def _leave_out_spellings(table: Table, columns: _Columns) -> None:
    """Of names that Delta takes for one, the contract's stays, else the first."""
    taken = {name.lower(): name for name in reversed([*table.column_names, *columns.kept])}
    for name in list(columns.kept):
        if (other := taken[name.lower()]) != name:
            columns.left_out[name] = f"differs from {other} by capitals only"
            del columns.kept[name]


def _choose(name: str, types: list[pa.DataType], of_contract: dict[str, Column], columns: _Columns) -> None:
    """Keeps a column in the type of all files together, or says why not."""
    stored_types = [stored_type(_or_contract(name, type_, of_contract)) for type_ in types]
    known = [type_ for type_ in stored_types if type_ is not None]
    common = common_type(known) if len(known) == len(stored_types) else None
    if not is_delta_name(name):
        columns.left_out[name] = "has a name that Delta does not take"
    elif common is None:
        in_words = " and ".join(dict.fromkeys(str(type_) for type_ in types))
        columns.left_out[name] = f"is {in_words}, which no column of a Delta table holds"
    elif pa.types.is_null(common):
        columns.left_out[name] = "has no type and no value"
    else:
        columns.kept[name] = common


def _or_contract(name: str, type_: pa.DataType, of_contract: dict[str, Column]) -> pa.DataType:
    """The type of a column that holds nothing but NULL is what its contract says."""
    if pa.types.is_null(type_) and name in of_contract:
        return contract_type(of_contract[name].type)
    return type_


def _by_name(file: SourceFile, content: OpenedFile, of_contract: dict[str, Column]) -> list[tuple[str, pa.DataType]]:
    """The columns of a file, and behind them those that only the names of its folders give."""
    there = {name for name, _ in content.columns}
    from_path = [
        (name, contract_type(of_contract[name].type) if name in of_contract else pa.string())
        for name, _ in file.by_path
        if name not in there
    ]
    return [*content.columns, *from_path]


def _write(files: SourceFiles, opened: Sequence[tuple[SourceFile, OpenedFile]], columns: _Columns, target: Path) -> int:
    """Writes the kept columns of all files; gives the rows. UnstorableError for a value of a column of no contract."""
    schema = pa.schema(list(columns.kept.items()))
    rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for file, content in opened:
            try:
                for batch in _batches(file, content, schema):
                    writer.write_batch(batch)
                    rows += batch.num_rows
            except UnstorableError as error:
                if error.name not in files.table.column_names:
                    raise
                place = files.path if files.form == "delta" else file.path
                raise ContractError(f"table {place}: column {error.name} {error.reason}; correct it") from None
    return rows


def _batches(file: SourceFile, content: OpenedFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    names = [name for name, _ in content.columns]
    for arrays in content.batches():
        by_name = dict(zip(names, arrays, strict=True))
        kept = [
            stored(field.name, by_name[field.name], field.type)
            if field.name in by_name
            else _from_path(file, field.name, field.type, len(arrays[0]))
            for field in schema
        ]
        yield pa.record_batch(kept, schema=schema)


def _from_path(file: SourceFile, name: str, type_: pa.DataType, rows: int) -> pa.Array:
    """The value that the file's folders give in each row; NULL where they give none."""
    text = dict(file.by_path).get(name)
    in_words = described(type_).split("(")[0]
    if text is None or in_words == "STRING":
        return pa.repeat(pa.scalar(text, pa.string()), rows).cast(type_)
    if in_words not in FORMS:
        raise UnstorableError(name, f"is {type_} in a file and a folder's name elsewhere")
    try:
        return constant(text, in_words, rows).cast(type_)
    except WrongValueError:
        raise ContractError(
            f"table {file.path}: column {name} has the value {text!r} by the folder's name, which is not "
            f"{in_words} ({FORMS[in_words]}); rename the folder"
        ) from None


def _notes(files: SourceFiles, columns: _Columns) -> tuple[str, ...]:
    notes = [f"column {name!r} is left out: it {reason}" for name, reason in columns.left_out.items()]
    if files.unread:
        names = ", ".join(str(relative(path, files.path)) for path in files.unread[:5])
        more = f" and {len(files.unread) - 5} more" if len(files.unread) > 5 else ""
        notes.append(f"not read: {names}{more}")
    return tuple(notes)
