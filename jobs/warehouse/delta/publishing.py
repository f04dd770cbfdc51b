"""Rows that are all new to a table: their staged files become files of the table, by one commit.

Nothing of them is read or written again. It is done where it comes to the same as the MERGE: the table is made of
plain files and has the columns that are staged, and in the version that the commit follows none of its files may hold
one of the dates. Whatever stands against it, nothing is done, and the MERGE is made.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction
from pyspark.sql import types as T

from jobs.object_stores.folders import Folder, is_here
from jobs.schemas.tables import STAGED_ALONE, Table
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.damage import damaged_file
from jobs.warehouse.interface import NewRows

# Up to this version of the protocol a table has no checks and no columns of its own making.
_PLAIN_WRITER = 2


def takes_files(folder: Folder, table: Table, columns: T.StructType, dates: Collection[datetime.date]) -> bool:
    """Whether files with these columns, and rows of these dates, may become files of a table."""
    target = _opened(folder)
    return target is not None and _fits(target, columns) and not _may_hold(target, table, dates)


def publish(folder: Folder, staging: Folder, table: Table, new: NewRows, note: str) -> None:
    """Makes the staged files of these rows files of the table, if it can; whether it did, a commit with the note tells.

    It tells of the rows, too, as that of a MERGE does. One whose answer is an error may have landed all the same.
    """
    target, staged = _opened(folder), _opened(staging)
    if target is None or staged is None or damaged_file(staging) is not None:
        return
    rows = {file.path: file.rows for file in _files(staged, table) if file.may_hold(new.game_dates)}
    # As many as all rows of the dates: there is no other in these files.
    are_all = None not in rows.values() and sum(filter(None, rows.values())) == new.rows
    if not are_all or not _fits(target, delta_log.columns_in(staged)) or _may_hold(target, table, new.game_dates):
        return
    counts = {"numTargetRowsInserted": str(new.rows), "numTargetRowsUpdated": "0", "numTargetRowsDeleted": "0"}
    # Links that stay after an error are no rows: the log does not name them, and what a commit names must not go.
    with suppress(DeltaError, OSError):
        for path in rows:
            _link(Path(f"{staging}/{path}"), Path(f"{folder}/{path}"))
        target.create_write_transaction(
            [action for action in _actions(staging) if action.path in rows],
            "append",
            target.schema(),
            # Without a further try, in which delta-rs would put it behind a commit that nobody has looked at.
            commit_properties=CommitProperties({"userMetadata": note, **counts}, max_commit_retries=0),
        )


@dataclass(frozen=True)
class _File:
    """A data file by the log of its table; without statistics nothing is known but its path."""

    path: str
    rows: int | None
    first: datetime.date | None
    last: datetime.date | None

    def may_hold(self, dates: Collection[datetime.date]) -> bool:
        """Whether a row of one of these dates may be in it."""
        if self.rows == 0:
            return False
        return self.first is None or self.last is None or (self.first <= max(dates) and min(dates) <= self.last)


def _opened(folder: Folder) -> DeltaTable | None:
    """A table in a folder of this machine; None for any other, of which a file has no second name."""
    return delta_log.opened_table(folder) if is_here(folder) else None


def _files(table: DeltaTable, of: Table) -> list[_File]:
    least, most = f"min.{of.date_column}", f"max.{of.date_column}"
    found = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    return [_File(row["path"], row["num_records"], row.get(least), row.get(most)) for row in found]


def _may_hold(target: DeltaTable, table: Table, dates: Collection[datetime.date]) -> bool:
    return any(file.may_hold(dates) for file in _files(target, table))


def _fits(target: DeltaTable, columns: T.StructType) -> bool:
    """Whether a table is made of plain files, and these columns are among its own, in their types."""
    protocol, metadata, held = target.protocol(), target.metadata(), delta_log.columns_in(target)
    plain = protocol.min_reader_version == 1 and protocol.min_writer_version <= _PLAIN_WRITER
    bare = not metadata.partition_columns and all(field.metadata.keys() <= {"comment"} for field in held.fields)
    theirs = {name: type_ for name, type_ in _types(columns).items() if name not in STAGED_ALONE.values()}
    return plain and bare and theirs.items() <= _types(held).items()


def _types(columns: T.StructType) -> Mapping[str, str]:
    return {field.name: field.dataType.simpleString() for field in columns.fields}


def _actions(staging: Folder) -> Iterator[AddAction]:
    """The files of a staging table as the one commit that has made it names them."""
    for add in delta_log.actions(delta_log.commit_files(staging)[-1], "add"):
        yield AddAction(add["path"], add["size"], {}, add["modificationTime"], True, add["stats"])


def _link(file: Path, name: Path) -> None:
    """A second name for a data file, and for the checksums that Hadoop keeps beside it."""
    for of, to in ((file, name), (_checksums(file), _checksums(name))):
        # One that is there is of an earlier process of the run.
        with suppress(FileExistsError):
            os.link(of, to)


def _checksums(file: Path) -> Path:
    return file.with_name(f".{file.name}.crc")
