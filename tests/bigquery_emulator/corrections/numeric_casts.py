"""Stock bqemulator takes NUMERIC in SQL for DuckDB's bare DECIMAL, which keeps three decimals; BigQuery's keeps nine.

Seen: `CAST(x AS NUMERIC)`, some literals, and the NUMERIC columns of a CREATE TABLE statement lose digits, silently.
"""

from __future__ import annotations

import re
from typing import Any

from bqemulator.storage.engine import DuckDBEngine

from tests.bigquery_emulator.corrections.wrapping import around

BARE_DECIMAL = re.compile(r"\bDECIMAL\(18, 3\)|(?<=AS )DECIMAL\b(?!\s*\()")


def apply() -> None:
    """Say the precision and scale that BigQuery's NUMERIC has."""

    @around(DuckDBEngine, "execute")
    def execute(stock: Any, engine: DuckDBEngine, sql: str, parameters: list[Any] | None = None) -> Any:
        return stock(engine, BARE_DECIMAL.sub("DECIMAL(38, 9)", sql), parameters)
