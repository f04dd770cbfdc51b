"""What is missing or damaged of a Delta table: its log's files and the data files that they name; without Spark."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from jobs.warehouse.delta.log import can_open, commit_files

_PART_FILE = re.compile(r"\.?part-\d{5}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}([-.][\w.-]*)?\.parquet(\.crc)?")


def damaged_file(folder: Path) -> Path | None:
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
            pq.read_metadata(file)
        except (pa.ArrowException, OSError):
            return file
    return None


def empty_commit(folder: Path) -> Path | None:
    """A file of the log that is empty, as after a disk was full; None where none is."""
    return next((commit for commit in commit_files(folder) if not commit.stat().st_size), None)


def missing_file_of(folder: Path, version: int) -> Path | None:
    """A file of an earlier version that is gone, as after VACUUM; None where all are there or delta-rs cannot tell."""
    if not can_open(folder):
        return None
    try:
        files = DeltaTable(str(folder), version=version).file_uris()
    except (DeltaError, ValueError):
        return None
    return next((Path(file) for file in files if not Path(file).is_file()), None)


def is_unfinished(folder: Path) -> bool:
    """Whether a folder holds what a first write leaves that ended before its commit, and nothing else."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return False
    files = [file.relative_to(folder) for file in folder.rglob("*") if not file.is_dir()]
    return all(
        file.name.endswith((".tmp", ".crc")) if file.parts[0] == "_delta_log" else _PART_FILE.fullmatch(file.name)
        for file in files
    )
