"""Stock bqemulator answers 500 when a table is created in a dataset that does not exist; BigQuery answers 404.

Seen: google-cloud-bigquery takes the 500 for an outage and tries again until its deadline, instead of raising NotFound;
a CREATE TABLE statement fails as a bad request.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb
from bqemulator.domain.errors import NotFoundError
from bqemulator.jobs import executor
from bqemulator.storage.engine import DuckDBEngine

from tests.bigquery_emulator.corrections.wrapping import around

CREATION = re.compile(r'CREATE TABLE "(?P<project>.+?)__(?P<dataset>[^"]+)"\.')


def apply() -> None:
    """Raise the emulator's own error for what is not found."""

    @around(DuckDBEngine, "execute")
    def execute(stock: Any, engine: DuckDBEngine, sql: str, parameters: list[Any] | None = None) -> Any:
        try:
            return stock(engine, sql, parameters)
        except duckdb.CatalogException as failure:
            created = CREATION.match(sql)
            if created and "Schema with name" in str(failure):
                name = f"{created['project']}:{created['dataset']}"
                raise NotFoundError(f"Not found: Dataset {name}") from failure
            raise

    @around(executor, "translate_runtime_error")
    def translate_runtime_error(stock: Any, error: Exception, **named: Any) -> Any:
        return error if isinstance(error, NotFoundError) else stock(error, **named)
