"""Stock bqemulator lets a MERGE update a target row twice; BigQuery refuses one that joins two source rows.

Seen: a MERGE whose source was not de-duplicated succeeds, with either row.
"""

from __future__ import annotations

import re
from typing import Any

import sqlglot
from bqemulator.domain.errors import InvalidQueryError
from bqemulator.storage.engine import DuckDBEngine
from sqlglot import exp

from tests.bigquery_emulator.corrections.wrapping import around

MERGE = re.compile(r"\s*MERGE\b", re.IGNORECASE)


def apply() -> None:
    """Look for such a target row before the MERGE, and refuse as BigQuery does."""

    @around(DuckDBEngine, "execute")
    def execute(stock: Any, engine: DuckDBEngine, sql: str, parameters: list[Any] | None = None) -> Any:
        if MERGE.match(sql):
            search = _search_for_target_rows_joined_twice(sql)
            if search and stock(engine, search, parameters).fetchone():
                raise InvalidQueryError("UPDATE/MERGE must match at most one source row for each target row")
        return stock(engine, sql, parameters)


def _search_for_target_rows_joined_twice(merge_sql: str) -> str | None:
    """A query that has a row when the MERGE is refused; None when no clause changes a target row that is matched."""
    merge = sqlglot.parse_one(merge_sql, read="duckdb")
    conditions = [
        clause.args["condition"].copy() if clause.args.get("condition") else exp.true()
        for clause in merge.args["whens"].expressions
        if clause.args.get("matched")
    ]
    if not conditions:
        return None
    target_row = exp.column("rowid", table=merge.this.alias_or_name)
    return (
        exp.select("1")
        .from_(merge.this.copy())
        .join(merge.args["using"].copy(), on=merge.args["on"].copy())
        .where(exp.or_(*conditions))
        .group_by(target_row)
        .having("COUNT(*) > 1")
        .limit(1)
        .sql("duckdb")
    )
