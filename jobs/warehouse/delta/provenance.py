"""Where a table's rows are from, by the notes of the commits that import_tables makes.

A note is the commit's `userMetadata`; a table whose log has lost those commits is nobody's.
"""

from __future__ import annotations

from jobs.object_stores.folders import Folder
from jobs.warehouse.delta.commits import commits

_IMPORT = "import_tables from "


def note(source: str) -> str:
    """The note of a commit that makes a table hold the rows of a source and no others."""
    return f"{_IMPORT}{source}"


def writer(folder: Folder) -> str | None:
    """The source that all rows of a table are from; None when somebody else changed rows since, or wrote them."""
    last = next((commit.note for commit in commits(folder) if commit.changes_rows), None)
    return _source(last)


def last_import(folder: Folder) -> str | None:
    """The source that a table was last imported from, whatever has been changed in it since; None without one."""
    sources = (_source(commit.note) for commit in commits(folder))
    return next((source for source in sources if source is not None), None)


def _source(commit_note: str | None) -> str | None:
    if commit_note is None or not commit_note.startswith(_IMPORT):
        return None
    return commit_note.removeprefix(_IMPORT)
