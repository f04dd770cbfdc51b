"""A Delta table's log, read and appended to without Spark, by delta-rs.

Spark runs several queries to learn which files a table has, and more to commit one row: seconds, for small tables.
"""

from __future__ import annotations

import json
import random
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from pyspark.sql import types as T

from jobs.errors import ContractError
from jobs.object_stores.folders import (
    Folder,
    check_room,
    each,
    in_order,
    is_here,
    named,
    parquet_of,
    reached,
    storage_options,
)
from jobs.spark.errors import told_of_file

# Readers of this protocol version need to know nothing but Parquet: no deletion vectors, no mapped columns.
_PLAIN_READER = 1
_MOST_TRIES = 10
_NEWEST = 20
_NOTE = "userMetadata"
# delta-rs takes a path for a URL: it decodes, encodes or refuses other characters.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


class DamagedFileError(Exception):
    """A data file that cannot be read."""

    def __init__(self, file: Folder, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file


def can_open(folder: Folder) -> bool:
    """Whether the path of a folder is one that delta-rs and Spark both take as it is; all URIs are."""
    return not is_here(folder) or _PLAIN_PATH.fullmatch(str(folder)) is not None


def columns_of(folder: Folder) -> T.StructType | None:
    """The columns of a table; None where delta-rs cannot open it, which Spark then may or may not."""
    table = opened_table(folder)
    return None if table is None else columns_in(table)


def plain_table(folder: Folder) -> tuple[T.StructType, list[str]] | None:
    """The columns and data files of a table's newest version, when these alone are the table; otherwise None.

    They are not with deletion vectors or mapped columns, in a partitioned table that has files (the partition's value
    stands in the log), and where a file is absent: there Spark's own reader is to be asked.
    """
    table = opened_table(folder)
    files = None if table is None else _plain_files(table)
    return None if table is None or files is None else (columns_in(table), files)


def layout(statistics: Sequence[str]) -> dict[str, str]:
    """The properties of a table that has the least and greatest value of these columns in its log, file by file."""
    if not statistics:
        return {"delta.dataSkippingNumIndexedCols": "0"}
    return {"delta.dataSkippingStatsColumns": ",".join(statistics)}


def create(folder: Folder, columns: T.StructType, statistics: Sequence[str] = ()) -> None:
    """Creates a table without rows, if there is none, in a folder that `can_open` allows; `statistics` as `layout`."""
    check_room(folder)
    with reached(folder, "write"):
        _committed(
            folder,
            lambda: DeltaTable.create(
                str(folder),
                _delta_schema(columns),
                mode="ignore",
                configuration=layout(statistics),
                storage_options=storage_options(folder),
            ),
        )


def append(folder: Folder, columns: T.StructType, rows: Sequence[Mapping[str, Any]]) -> None:
    """Appends rows in one commit, which creates a table that does not exist, in a folder that `can_open` allows.

    Columns that a row lacks are NULL; those that the table lacks are added to it. ConfigurationError where the folder
    cannot be written to.
    """
    content, note = _content(columns, rows), uuid.uuid4().hex
    check_room(folder, content.nbytes)
    options = storage_options(folder)
    with reached(folder, "write"):
        _committed(
            folder,
            lambda: write_deltalake(
                str(folder),
                content,
                mode="append",
                schema_mode="merge",
                commit_properties=CommitProperties(custom_metadata={_NOTE: note}),
                storage_options=options,
            ),
            lambda: _landed(folder, note),
        )


def append_if_newest(folder: Folder, version: int, columns: T.StructType, row: Mapping[str, Any]) -> bool:
    """Appends a row by the commit that follows this version; False, and nothing appended, where another one does.

    Exclusive on every store: a commit is a file that is created only where there is none of its name.
    """
    table = DeltaTable(str(folder), version=version, storage_options=storage_options(folder))
    try:
        with reached(folder, "write"):
            write_deltalake(
                table,
                _content(columns, [row]),
                mode="append",
                schema_mode="merge",
                # Without a further try, in which delta-rs would append it behind what others have appended.
                commit_properties=CommitProperties(max_commit_retries=0),
            )
    except CommitFailedError:
        return False
    return True


def _content(columns: T.StructType, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = pa.schema(_delta_schema(columns).to_arrow())
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def _committed(folder: Folder, write: Callable[[], Any], landed: Callable[[], bool] = lambda: False) -> None:
    """Writes, again where somebody else created or altered the table at that moment: then nothing was written.

    What has `landed` is written, whatever the answer to it was. ContractError names a damaged file of the log.
    """
    for tries_left in reversed(range(_MOST_TRIES)):
        try:
            write()
            return
        except (DeltaError, OSError) as error:
            if landed():
                return
            if not tries_left or not isinstance(error, CommitFailedError):
                _check_commits(folder)
                raise
            time.sleep(random.uniform(0.05, 0.5))


def _check_commits(folder: Folder) -> None:
    """ContractError for the commit that cannot be read: delta-rs does not say which file it was."""
    if is_here(folder) and has_commit(folder):
        for commit in commit_files(folder):
            _lines(commit)


def _landed(folder: Folder, note: str) -> bool:
    """Whether the commit with this note is one of the newest."""
    newest = commit_files(folder)[:_NEWEST] if has_commit(folder) else []
    return any(found.get(_NOTE) == note for commit in newest for found in actions(commit, "commitInfo"))


def rows_of(folder: Folder, run_id: str | None) -> list[dict[str, Any]] | None:
    """The rows of a table, of one run or of all; None where its files alone are not the table, as Spark may know.

    Times are in UTC.
    """
    table = opened_table(folder)
    files = None if table is None else _plain_files(table)
    if table is None or files is None:
        return None
    schema = pa.schema(table.schema().to_arrow())

    def read(file: Folder) -> list[dict[str, Any]]:
        try:
            return list(_read_here(file, schema).to_pylist())
        except (pa.ArrowException, OSError) as error:
            raise DamagedFileError(file, str(error)) from error

    rows = [row for of_file in each(folder, read, [named(folder, file) for file in files]) for row in of_file]
    return rows if run_id is None else [row for row in rows if row["run_id"] == run_id]


def _read_here(file: Folder, schema: pa.Schema) -> pa.Table:
    """A data file with the columns of its table; those that were added to the table later are NULL."""
    with parquet_of(file) as opened:
        found = opened.read(use_threads=False)
    columns = [
        found[field.name].cast(field.type) if field.name in found.column_names else pa.nulls(len(found), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def metadata(folder: Folder) -> dict[str, Any]:
    """The newest metadata of a table: `schemaString`, `configuration`. FileNotFoundError where there is none."""
    for commit in commit_files(folder):
        if found := actions(commit, "metaData"):
            return found[-1]
    for checkpoint in in_order((folder / "_delta_log").glob("[0-9]*.checkpoint*.parquet"), reverse=True):
        with parquet_of(checkpoint) as opened:
            rows = opened.read(columns=["metaData"], use_threads=False).to_pylist()
        for row in rows:
            if row["metaData"]:
                return {**row["metaData"], "configuration": dict(row["metaData"]["configuration"] or [])}
    raise FileNotFoundError(f"{folder} has no metadata in its log")


def generated_columns(folder: Folder) -> set[str]:
    """The columns whose values are the table's own: identities, and those computed from others."""
    fields = json.loads(metadata(folder)["schemaString"])["fields"]
    own = ("delta.generationExpression", "delta.identity.start")
    return {field["name"] for field in fields if any(name in field["metadata"] for name in own)}


def has_commit(folder: Folder) -> bool:
    """Whether there is a log with a commit or a checkpoint, whatever stands in it."""
    return any((folder / "_delta_log").glob("[0-9]*.*"))


def version_of(folder: Folder) -> int:
    """The newest version of a table. FileNotFoundError where there is none."""
    return int(commit_files(folder)[0].stem)


def commit_files(folder: Folder) -> list[Folder]:
    """The files of the log, one a commit, newest first."""
    commits = in_order((folder / "_delta_log").glob("[0-9]*.json"), reverse=True)
    if not commits:
        raise FileNotFoundError(f"{folder} has no Delta log")
    return commits


def actions(commit: Folder, name: str) -> list[dict[str, Any]]:
    """What a commit's file has under this name. ContractError when it cannot be read."""
    return [line[name] for line in _lines(commit, f'"{name}"') if name in line]


def _lines(commit: Folder, text: str = "") -> list[dict[str, Any]]:
    """The lines of a commit's file that have this text. ContractError when one of them cannot be read."""
    try:
        return [json.loads(line) for line in commit.read_text().splitlines() if text in line]
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        what = f"cannot be read ({error})"
        raise ContractError(told_of_file(str(commit), what) or f"{commit} {what}") from error


def opened_table(folder: Folder) -> DeltaTable | None:
    """The newest version of a table; None where delta-rs cannot open it."""
    if not can_open(folder):
        return None
    try:
        with reached(folder, "read"):
            return DeltaTable(str(folder), storage_options=storage_options(folder))
    except DeltaError:
        return None


def _plain_files(table: DeltaTable) -> list[str] | None:
    if table.protocol().min_reader_version != _PLAIN_READER:
        return None
    files: list[str] = table.file_uris()
    if files and table.metadata().partition_columns:
        return None
    # At a store each look would be a request; there Spark finds out, and says so, when it reads.
    absent = any("://" not in file and not Path(file).is_file() for file in files)
    return None if absent else files


def columns_in(table: DeltaTable) -> T.StructType:
    """The columns of an opened table."""
    return T.StructType.fromJson(json.loads(table.schema().to_json()))


def size_of(folder: Folder) -> int:
    """The bytes of a table's data files, by its log; 0 where delta-rs cannot open it."""
    table = opened_table(folder)
    return 0 if table is None else sum(pa.table(table.get_add_actions())["size_bytes"].to_pylist())


def _delta_schema(columns: T.StructType) -> Schema:
    return Schema.from_json(columns.json())
