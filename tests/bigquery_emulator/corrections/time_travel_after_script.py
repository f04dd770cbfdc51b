"""Stock bqemulator keeps the state of a table after each statement, but not after a script of several.

Seen: FOR SYSTEM_TIME AS OF a time after a multi-statement transaction reads what was there before it.
"""

from __future__ import annotations

from typing import Any

import sqlglot
from bqemulator.jobs import executor

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Keep the state of every table that the script changed, once, at its end."""

    @around(executor, "_capture_dml_snapshots")
    async def capture(stock: Any, project: str, sql: str, context: Any) -> None:
        try:
            statements = sqlglot.parse(sql, read="bigquery")
        except sqlglot.ParseError:
            return
        for statement in statements:
            if statement is not None:
                await stock(project, statement.sql(dialect="bigquery"), context)
