"""Stock bqemulator stores NULL in a REQUIRED column.

Seen: an INSERT, a MERGE or the connector's write of a NULL that BigQuery refuses goes through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bqemulator.api.routes import tables
from bqemulator.grpc_api import write_servicer

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Store REQUIRED as NOT NULL, and refuse an AppendRows request with a NULL in such a column."""

    @around(tables, "bq_schema_to_duckdb_columns")
    def storage_columns(stock: Any, fields: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
        return [
            (name, f"{storage_type} NOT NULL" if field.get("mode") == "REQUIRED" else storage_type)
            for (name, storage_type), field in zip(stock(fields), fields, strict=True)
        ]

    @around(write_servicer, "_rows_for_request")
    def rows_for_request(stock: Any, request: Any, decoder: Any, arrow_schema: Any, target: Any) -> Any:
        decoded = stock(request, decoder, arrow_schema, target)
        for field in target:
            if not field.nullable and decoded[0].column(field.name).null_count:
                raise ValueError(
                    f"Errors found while processing rows. Field {field.name} is REQUIRED but received a null value"
                )
        return decoded
