"""Stock bqemulator counts the rows that a DML statement changed, and does not say how many it inserted or updated.

Seen: `QueryJob.dml_stats` is None; a MERGE has one number for its inserted, updated and deleted rows together.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from bqemulator.jobs import executor
from bqemulator.storage.engine import DuckDBEngine

from tests.bigquery_emulator.corrections.merge_duplicates import MERGE
from tests.bigquery_emulator.corrections.wrapping import around

ACTIONS = {"INSERT": "insertedRowCount", "UPDATE": "updatedRowCount", "DELETE": "deletedRowCount"}
"""A statement, or a MERGE's action, and its number in `dmlStats`."""

MERGED: ContextVar[dict[str, int]] = ContextVar("merged")
"""Rows by action of the MERGE that ran last for this request."""


def apply() -> None:
    """Let a MERGE return its actions, count them, and answer with the counts."""

    @around(DuckDBEngine, "fetch_arrow")
    def fetch_arrow(stock: Any, engine: DuckDBEngine, sql: str, parameters: list[Any] | None = None) -> pa.Table:
        if not MERGE.match(sql):
            return stock(engine, sql, parameters)
        actions = stock(engine, f"{sql.rstrip().rstrip(';')} RETURNING merge_action", parameters)["merge_action"]
        MERGED.set({action: pc.sum(pc.equal(actions, action)).as_py() or 0 for action in ACTIONS})
        return pa.table({"Count": [len(actions)]})

    @around(executor, "_build_query_statistics")
    def statistics(stock: Any, *, statement_type: str, num_dml_affected_rows: int | None, **named: Any) -> Any:
        answer = stock(statement_type=statement_type, num_dml_affected_rows=num_dml_affected_rows, **named)
        if num_dml_affected_rows is not None:
            changed = MERGED.get({}) if statement_type == "MERGE" else {statement_type: num_dml_affected_rows}
            answer["query"]["dmlStats"] = {name: str(changed.get(action, 0)) for action, name in ACTIONS.items()}
        return answer
