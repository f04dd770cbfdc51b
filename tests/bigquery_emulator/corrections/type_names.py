"""Stock bqemulator answers with the type names that a table was created with; BigQuery answers with the legacy ones.

Seen: a column created as INT64 or FLOAT64 is INT64 or FLOAT64 in `Table.schema`, and INTEGER or FLOAT in BigQuery; the
connector reads no table with an array of FLOAT64 ("Unexpected type: FLOAT64").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bqemulator.api.routes import tables

from tests.bigquery_emulator.corrections.wrapping import around

LEGACY_NAMES = {
    "INT64": "INTEGER",
    "FLOAT64": "FLOAT",
    "BOOL": "BOOLEAN",
    "STRUCT": "RECORD",
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}


def legacy_name(type_name: str) -> str:
    """BigQuery's REST name of a type."""
    return LEGACY_NAMES.get(type_name.upper(), type_name.upper())


def apply() -> None:
    """Keep and answer legacy names."""

    @around(tables, "_parse_schema_fields")
    def parse_schema_fields(stock: Any, fields: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
        return tuple(field.model_copy(update={"type": legacy_name(field.type)}) for field in stock(fields))

    @around(tables, "_field_to_rest")
    def field_to_rest(stock: Any, field: Any) -> dict[str, Any]:
        answer = stock(field)
        return {**answer, "type": legacy_name(answer["type"])}
