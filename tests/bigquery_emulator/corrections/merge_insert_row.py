"""Stock bqemulator passes `INSERT ROW` on to DuckDB, which does not know it.

Seen by the connector: a write in mode "overwrite" of a table that exists ends in a MERGE with `INSERT ROW`, and fails.
"""

from __future__ import annotations

import re
from typing import Any

from bqemulator.storage.engine import DuckDBEngine

from tests.bigquery_emulator.corrections.merge_duplicates import MERGE
from tests.bigquery_emulator.corrections.wrapping import around

INSERT_ROW = re.compile(r"\bTHEN\s+INSERT\s+ROW\b", re.IGNORECASE)


def apply() -> None:
    """Say it in DuckDB's words."""

    @around(DuckDBEngine, "execute")
    def execute(stock: Any, engine: DuckDBEngine, sql: str, parameters: list[Any] | None = None) -> Any:
        return stock(engine, INSERT_ROW.sub("THEN INSERT", sql) if MERGE.match(sql) else sql, parameters)
