"""Rows of the ledger that lack what they must have, damaged or written by hand: passed over, and told."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from typing import Any

from jobs.errors import ContractError
from jobs.schemas.tables import FEATURE_RUN_DATES, FEATURE_RUNS, Table
from jobs.warehouse.interface import Warehouse

Row = Mapping[str, Any]
_NEEDED: dict[str, dict[str, type]] = {
    FEATURE_RUNS.name: {
        "run_id": str,
        "status": str,
        "started_at": datetime.datetime,
        "heartbeat_at": datetime.datetime,
    },
    FEATURE_RUN_DATES.name: {
        "run_id": str,
        "game_date": datetime.date,
        "status": str,
        "recorded_at": datetime.datetime,
    },
}


def whole(rows: Iterable[Row], table: Table = FEATURE_RUNS) -> list[Row]:
    """The rows that have what they must have."""
    return [row for row in rows if _fault(row, table) is None]


def damage(warehouse: Warehouse, rows: Iterable[Row], table: Table = FEATURE_RUNS) -> list[str]:
    """A sentence for each run that has damaged rows; what to do where these are all that it has."""
    rows = list(rows)
    known = {row["run_id"] for row in whole(rows, table)}
    faults = {row.get("run_id"): fault for row in rows if (fault := _fault(row, table)) is not None}
    return [_told(warehouse, table, run_id, fault, known=run_id in known) for run_id, fault in faults.items()]


def check_known(warehouse: Warehouse, rows: Iterable[Row]) -> None:
    """ContractError for a run that has damaged rows alone: nobody knows which dates it holds."""
    rows = list(rows)
    known = {row["run_id"] for row in whole(rows)}
    if told := damage(warehouse, [row for row in rows if row.get("run_id") not in known]):
        raise ContractError("\n".join(told))


def _told(warehouse: Warehouse, table: Table, run_id: Any, fault: str, *, known: bool) -> str:
    told = f"table {warehouse.display_name(table)}, a part of the ledger: a row of run {run_id} is damaged ({fault})"
    if known:
        return f"{told}; it is passed over, the other rows of the run count"
    which = "run_id IS NULL" if run_id is None else f"run_id = '{run_id}'"
    return f"{told}; remove the rows of that run: DELETE FROM {warehouse.sql_name(table)} WHERE {which}"


def _fault(row: Row, table: Table) -> str | None:
    for name, type_ in _NEEDED[table.name].items():
        if not isinstance(row.get(name), type_):
            return f"{name} is {row.get(name)!r}"
    try:
        parameters = json.loads(row.get("parameters") or "{}")
    except ValueError:
        return "parameters is not JSON"
    return None if isinstance(parameters, dict) else "parameters is not a JSON object"
