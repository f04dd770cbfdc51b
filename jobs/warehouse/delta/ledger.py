"""Rows of the ledger as Delta tables have them; a damaged file is one sentence that says what to do."""

from __future__ import annotations

from typing import Any

from jobs.errors import ContractError
from jobs.object_stores.folders import Folder
from jobs.schemas.tables import Table
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.damage import damaged_file, empty_commit

_STILL = "Jobs that only read (coverage, results, validate, compare) work without it"


def rows_of_ledger(table: Table, folder: Folder, place: str, run_id: str | None) -> list[dict[str, Any]] | None:
    """The rows of a ledger table, of one run or of all; None where only Spark can read it.

    ContractError, naming the file, when the log or a data file is damaged.
    """
    try:
        rows = delta_log.rows_of(folder, run_id)
        # delta-rs takes an empty commit for one that did nothing.
        damaged = damaged_file(folder) if rows is None else empty_commit(folder)
    except delta_log.DamagedFileError as error:
        rows, damaged = None, error.file
    if damaged is not None:
        raise ContractError(
            f"table {place}, a part of the ledger: {damaged} is damaged or gone; restore it from a copy, or move "
            f"{folder} away, which begins a new ledger: earlier runs can then neither be resumed nor rolled back. "
            + _STILL
        )
    if rows is None:
        return None
    return [{**dict.fromkeys(table.column_names), **row} for row in rows]
