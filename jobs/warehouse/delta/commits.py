"""The commits of a Delta table, one by one: their notes, and when they were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jobs.object_stores.folders import Folder, in_order, is_here
from jobs.warehouse.delta.log import actions, commit_files

_CLOCKS_DIFFER = 24 * 3600 * 1000


def table_id(folder: Folder) -> str:
    """The id that a table got by its first commit, and no other table has. FileNotFoundError where there is none."""
    return str(actions(commit_files(folder)[-1], "metaData")[0]["id"])


@dataclass(frozen=True)
class Commit:
    """One commit of a table: its `userMetadata`, and whether it added or removed rows."""

    note: str | None
    changes_rows: bool


def commits(folder: Folder) -> Iterator[Commit]:
    """What the log still has of a table's commits, newest first."""
    for commit in in_order((folder / "_delta_log").glob("[0-9]*.json"), reverse=True):
        changes = [*actions(commit, "add"), *actions(commit, "remove")]
        notes = [found.get("userMetadata") for found in actions(commit, "commitInfo")]
        yield Commit(next(iter(notes), None), any(change.get("dataChange", True) for change in changes))


def commit_with(folder: Folder, note: str, begun: int) -> dict[str, Any] | None:
    """What a table's log says of the commit with this `userMetadata`, the newest of them; None without one.

    It was made after `begun`, a time as logs have it. At a store each look is a request: what was committed long before
    that, by whatever clock, is not looked at.
    """
    for commit in commit_files(folder):
        for found in actions(commit, "commitInfo"):
            if found.get("userMetadata") == note:
                return found
            if not is_here(folder) and int(found.get("timestamp") or begun) < begun - _CLOCKS_DIFFER:
                return None
    return None


def created_at(folder: Folder) -> int:
    """When a table was made, in milliseconds, by the clock of who made it; 0 where its log does not tell."""
    return next((int(found.get("timestamp") or 0) for found in actions(commit_files(folder)[-1], "commitInfo")), 0)
