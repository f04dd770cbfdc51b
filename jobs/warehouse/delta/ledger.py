"""Rows of the ledger as Delta tables have them; a damaged file or row is one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.errors import ContractError
from jobs.object_stores.folders import Folder
from jobs.schemas.tables import FEATURE_RUNS, Table
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.damage import damaged_file, empty_commit
from jobs.warehouse.ledger_rows import fault

_STILL = "Jobs that only read (coverage, results, validate, compare) work without it"


def rows_of_ledger(table: Table, folder: Folder, place: str, run_id: str | None) -> list[dict[str, Any]] | None:
    """The rows of a ledger table, of one run or of all; None where only Spark can read it.

    ContractError, naming the file, when the log, a data file or a row is damaged.
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
    found = [{**dict.fromkeys(table.column_names), **row} for row in rows]
    if table.name == FEATURE_RUNS.name:
        for row in found:
            _check(row, folder, place)
    return found


def _check(row: Mapping[str, Any], folder: Folder, place: str) -> None:
    if (wrong := fault(row)) is None:
        return
    run_id = row.get("run_id")
    which = "run_id IS NULL" if run_id is None else f"run_id = '{run_id}'"
    raise ContractError(
        f"table {place}, a part of the ledger: a row of run {run_id} is damaged ({wrong}) in "
        f"{delta_log.file_with(folder, run_id)}; remove the rows of that run: DELETE FROM delta.`{folder}` WHERE "
        f"{which}. " + _STILL
    )
