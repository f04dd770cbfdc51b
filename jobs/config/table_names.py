"""How tables are named in each warehouse, and that no two of ours are in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jobs.schemas.tables import TABLES

# A folder of its own for each dataset and table: nothing that leads out of the warehouse, is hidden, or wants quoting.
_FOLDER = r"[A-Za-z0-9][A-Za-z0-9_-]{0,199}"
PROJECT = r"[A-Za-z][A-Za-z0-9-]{0,62}"
_DATASET = r"\w{1,1024}"
_TABLE = r"[\w-]{1,1000}"
_PATTERNS = {
    "delta": re.compile(rf"{_FOLDER}\.{_FOLDER}", re.ASCII),
    "bigquery": re.compile(rf"(?:{PROJECT}\.)?{_DATASET}\.{_TABLE}", re.ASCII),
}
_EXPECTED = {
    "delta": "dataset.table, each of letters, digits, _ and -",
    "bigquery": "dataset.table or project.dataset.table, of letters, digits and _ (- in projects and tables too)",
}


def is_table_name(warehouse: str, name: str) -> bool:
    """Whether a text can name a table of this warehouse."""
    return _PATTERNS[warehouse].fullmatch(name) is not None


def expected_name(warehouse: str) -> str:
    """In words, what names a table of this warehouse."""
    return _EXPECTED[warehouse]


def shared_places(tables: Mapping[str, str], project: str | None = None) -> list[str]:
    """A line for each place that is given to two of our tables; `project` is that of names without one.

    Upper and lower case are one: they are on some file systems.
    """
    owners: dict[str, list[str]] = {}
    for table in TABLES:
        place = tables.get(table.name, f"{table.dataset}.{table.name}")
        whole = f"{project}.{place}" if project and place.count(".") == 1 else place
        owners.setdefault(whole.casefold(), []).append(table.name)
    return [
        f"tables: {' and '.join(names)} are both in {place}; give each table a place of its own"
        for place, names in owners.items()
        if len(names) > 1
    ]
