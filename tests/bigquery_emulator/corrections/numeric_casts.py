"""Stock bqemulator hands NUMERIC on to DuckDB as a bare DECIMAL, which keeps three decimals; BigQuery's keeps nine.

Seen: `CAST(x AS NUMERIC)` and, in some statements, `NUMERIC '1.123456789'` are 1.123, without an error.
"""

from __future__ import annotations

import re
from typing import Any

from bqemulator.storage.engine import DuckDBEngine

from tests.bigquery_emulator.corrections.wrapping import around

BARE_DECIMAL = re.compile(r"\bAS DECIMAL(?!\s*\()\b")


def apply() -> None:
    """Say the precision and scale that BigQuery's NUMERIC has."""

    @around(DuckDBEngine, "execute")
    def execute(stock: Any, engine: DuckDBEngine, sql: str, parameters: list[Any] | None = None) -> Any:
        return stock(engine, BARE_DECIMAL.sub("AS DECIMAL(38, 9)", sql), parameters)
