"""A Delta table's log, read and appended to without Spark, by delta-rs.

Spark runs several queries to learn which files a table has, and more to commit one row: seconds, for small tables.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from pyspark.sql import types as T

from jobs.errors import ConfigurationError

# Readers of this protocol version need to know nothing but Parquet: no deletion vectors, no mapped columns.
_PLAIN_READER = 1
_MOST_TRIES = 10
_ROOM_FOR_A_COMMIT = 1 << 20
# delta-rs takes a path for a URL: it decodes, encodes or refuses other characters.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


class DamagedFileError(Exception):
    """A data file that cannot be read."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file


def can_open(folder: Path) -> bool:
    """Whether the path of a folder is one that delta-rs and Spark both take as it is."""
    return _PLAIN_PATH.fullmatch(str(folder)) is not None


def columns_of(folder: Path) -> T.StructType | None:
    """The columns of a table; None where delta-rs cannot open it, which Spark then may or may not."""
    table = _opened(folder)
    return None if table is None else _columns(table)


def plain_table(folder: Path) -> tuple[T.StructType, list[str]] | None:
    """The columns and data files of a table's newest version, when these alone are the table; otherwise None.

    They are not with deletion vectors or mapped columns, in a partitioned table that has files (the partition's value
    stands in the log), and where a file is absent: there Spark's own reader is to be asked.
    """
    table = _opened(folder)
    files = None if table is None else _plain_files(table)
    return None if table is None or files is None else (_columns(table), files)


def layout(statistics: Sequence[str]) -> dict[str, str]:
    """The properties of a table that has the least and greatest value of these columns in its log, file by file."""
    if not statistics:
        return {"delta.dataSkippingNumIndexedCols": "0"}
    return {"delta.dataSkippingStatsColumns": ",".join(statistics)}


def create(folder: Path, columns: T.StructType, statistics: Sequence[str] = ()) -> None:
    """Creates a table without rows, if there is none, in a folder that `can_open` allows; `statistics` as `layout`."""
    _check_room(folder)
    _committed(
        lambda: DeltaTable.create(
            str(folder),
            _delta_schema(columns),
            mode="ignore",
            configuration=layout(statistics),
        )
    )


def append(folder: Path, columns: T.StructType, rows: Sequence[Mapping[str, Any]]) -> None:
    """Appends rows in one commit, which creates a table that does not exist, in a folder that `can_open` allows.

    Columns that a row lacks are NULL; those that the table lacks are added to it. ConfigurationError where the folder
    cannot be written to.
    """
    schema = pa.schema(_delta_schema(columns).to_arrow())
    content = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    _check_room(folder, content.nbytes)
    _committed(lambda: write_deltalake(str(folder), content, mode="append", schema_mode="merge"))


def _check_room(folder: Path, size: int = 0) -> None:
    """Before delta-rs finds out: on a full disk it prints a panic beside its error."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"{existing} cannot be written to; ask its owner, or name another folder by --warehouse-path"
        )
    if shutil.disk_usage(existing).free < size + _ROOM_FOR_A_COMMIT:
        raise ConfigurationError(f"the disk of {existing} is full; make room, then give the command again")


def _committed(write: Callable[[], Any]) -> None:
    """Writes, again where somebody else created or altered the table at that moment: then nothing was written."""
    for tries_left in reversed(range(_MOST_TRIES)):
        try:
            write()
            return
        except CommitFailedError:
            if not tries_left:
                raise
            time.sleep(random.uniform(0.05, 0.5))


def rows_of(folder: Path, run_id: str | None) -> list[dict[str, Any]] | None:
    """The rows of a table, of one run or of all; None where its files alone are not the table, as Spark may know.

    Times are in UTC. Read in this thread alone: pyarrow's own threads, as delta-rs starts them, abort a process that
    ends soon afterwards, with exit code 134.
    """
    table = _opened(folder)
    files = None if table is None else _plain_files(table)
    if table is None or files is None:
        return None
    schema = pa.schema(table.schema().to_arrow())
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            rows += _read_here(file, schema).to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise DamagedFileError(Path(file), str(error)) from error
    return rows if run_id is None else [row for row in rows if row["run_id"] == run_id]


def file_with(folder: Path, run_id: str | None) -> str:
    """The data file that holds a row of a run, where it is found; else the folder."""
    table = _opened(folder)
    for file in [] if table is None else table.file_uris():
        with suppress(pa.ArrowException, OSError), pq.ParquetFile(file, pre_buffer=False) as opened:
            if run_id in opened.read(columns=["run_id"], use_threads=False)["run_id"].to_pylist():
                return str(file)
    return str(folder)


def _read_here(file: str, schema: pa.Schema) -> pa.Table:
    """A data file with the columns of its table; those that were added to the table later are NULL."""
    with pq.ParquetFile(file, pre_buffer=False) as opened:
        found = opened.read(use_threads=False)
    columns = [
        found[field.name].cast(field.type) if field.name in found.column_names else pa.nulls(len(found), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def metadata(folder: Path) -> dict[str, Any]:
    """The newest metadata of a table: `schemaString`, `configuration`. FileNotFoundError where there is none."""
    for commit in commit_files(folder):
        if found := _actions(commit, "metaData"):
            return found[-1]
    for checkpoint in sorted((folder / "_delta_log").glob("[0-9]*.checkpoint*.parquet"), reverse=True):
        with pq.ParquetFile(checkpoint, pre_buffer=False) as opened:
            rows = opened.read(columns=["metaData"], use_threads=False).to_pylist()
        for row in rows:
            if row["metaData"]:
                return {**row["metaData"], "configuration": dict(row["metaData"]["configuration"] or [])}
    raise FileNotFoundError(f"{folder} has no metadata in its log")


def generated_columns(folder: Path) -> set[str]:
    """The columns whose values are the table's own: identities, and those computed from others."""
    fields = json.loads(metadata(folder)["schemaString"])["fields"]
    own = ("delta.generationExpression", "delta.identity.start")
    return {field["name"] for field in fields if any(name in field["metadata"] for name in own)}


def has_commit(folder: Path) -> bool:
    """Whether there is a log with a commit or a checkpoint, whatever stands in it."""
    return any((folder / "_delta_log").glob("[0-9]*.*"))


def version_of(folder: Path) -> int:
    """The newest version of a table. FileNotFoundError where there is none."""
    return int(commit_files(folder)[0].stem)


def table_id(folder: Path) -> str:
    """The id that a table got by its first commit, and no other table has. FileNotFoundError where there is none."""
    return str(_actions(commit_files(folder)[-1], "metaData")[0]["id"])


@dataclass(frozen=True)
class Commit:
    """One commit of a table: its `userMetadata`, and whether it added or removed rows."""

    note: str | None
    changes_rows: bool


def commits(folder: Path) -> Iterator[Commit]:
    """What the log still has of a table's commits, newest first."""
    for commit in sorted((folder / "_delta_log").glob("[0-9]*.json"), reverse=True):
        changes = [*_actions(commit, "add"), *_actions(commit, "remove")]
        notes = [found.get("userMetadata") for found in _actions(commit, "commitInfo")]
        yield Commit(next(iter(notes), None), any(change.get("dataChange", True) for change in changes))


def commit_with(folder: Path, note: str) -> dict[str, Any] | None:
    """What a table's log says of the commit with this `userMetadata`, the newest of them; None without one."""
    for commit in commit_files(folder):
        for found in _actions(commit, "commitInfo"):
            if found.get("userMetadata") == note:
                return found
    return None


def commit_files(folder: Path) -> list[Path]:
    """The files of the log, one a commit, newest first."""
    commits = sorted((folder / "_delta_log").glob("[0-9]*.json"), reverse=True)
    if not commits:
        raise FileNotFoundError(f"{folder} has no Delta log")
    return commits


def _actions(commit: Path, name: str) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in commit.read_text().splitlines() if f'"{name}"' in line)
    return [line[name] for line in lines if name in line]


def _opened(folder: Path) -> DeltaTable | None:
    if not can_open(folder):
        return None
    try:
        return DeltaTable(str(folder))
    except DeltaError:
        return None


def _plain_files(table: DeltaTable) -> list[str] | None:
    if table.protocol().min_reader_version != _PLAIN_READER:
        return None
    files: list[str] = table.file_uris()
    if files and (table.metadata().partition_columns or not all(Path(file).is_file() for file in files)):
        return None
    return files


def _columns(table: DeltaTable) -> T.StructType:
    return T.StructType.fromJson(json.loads(table.schema().to_json()))


def _delta_schema(columns: T.StructType) -> Schema:
    return Schema.from_json(columns.json())
