"""What is missing or damaged of a Delta table: its log's files and the data files that they name; without Spark."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from jobs.object_stores.folders import Folder, each, is_here, named, parquet_of, relative, storage_options
from jobs.warehouse.delta.log import can_open, commit_files, has_commit

_PART_FILE = re.compile(r"\.?part-\d{5}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}([-.][\w.-]*)?\.parquet(\.crc)?")


def damaged_file(folder: Folder) -> Folder | None:
    """The first file that is gone or damaged, of a table's log or its newest version; None where all are whole.

    For small tables, whose log is whole from its first commit on or begins with a checkpoint.
    """
    sizes: dict[str, int] = {}
    commits = commit_files(folder)[::-1]
    for earlier, commit in pairwise(commits):
        if int(commit.stem) != int(earlier.stem) + 1:
            return earlier.with_name(f"{int(earlier.stem) + 1:020}.json")
    for commit in commits:
        try:
            actions = [json.loads(line) for line in commit.read_text().splitlines() if line.strip()]
            for action in actions:
                if "add" in action:
                    sizes[action["add"]["path"]] = action["add"]["size"]
                elif "remove" in action:
                    sizes.pop(action["remove"]["path"], None)
            metrics = next((a["commitInfo"].get("operationMetrics") or {} for a in actions if "commitInfo" in a), {})
            added = sum("add" in action or "cdc" in action for action in actions)
            # A log that was cut off between two lines has fewer files than its commit says.
            if not actions or int(metrics.get("numFiles", added)) > added:
                return commit
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            return commit
    for name, size in sizes.items():
        if ":" in name or name.startswith("/"):
            continue  # A clone's files are another table's.
        file = folder / unquote(name)
        if not file.is_file() or file.stat().st_size != size:
            return file
        try:
            parquet_of(file).close()
        except (pa.ArrowException, OSError):
            return file
    return None


def empty_commit(folder: Folder) -> Folder | None:
    """A file of the log that is empty, as after a disk was full; None where none is."""
    return next((commit for commit in commit_files(folder) if not commit.stat().st_size), None)


def missing_file_of(folder: Folder, version: int) -> Folder | None:
    """A file of an earlier version that is gone, as after VACUUM; None where all are there or delta-rs cannot tell."""
    if not can_open(folder):
        return None
    try:
        table = DeltaTable(str(folder), storage_options=storage_options(folder))
        # At a store each look is a request: what the newest version reads is missed by more than a rollback.
        newest = set[str]() if is_here(folder) else set(table.file_uris())
        table.load_as_version(version)
        files = [named(folder, file) for file in table.file_uris() if file not in newest]
    except (DeltaError, ValueError):
        return None
    there = each(folder, lambda file: file.is_file(), files)
    return next((file for file, is_there in zip(files, there, strict=True) if not is_there), None)


def is_unfinished(folder: Folder) -> bool:
    """Whether a folder holds what a first write leaves that ended before its commit, and nothing else."""
    if not folder.is_dir() or not any(folder.iterdir()) or has_commit(folder):
        return False
    files = [relative(file, folder) for file in folder.rglob("*") if not file.is_dir()]
    return all(
        file.name.endswith((".tmp", ".crc")) if file.parts[0] == "_delta_log" else _PART_FILE.fullmatch(file.name)
        for file in files
    )
