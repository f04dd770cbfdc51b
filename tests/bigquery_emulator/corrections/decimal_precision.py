"""Stock bqemulator forgets precision and scale: NUMERIC(5,2) becomes NUMERIC, in the schema and in storage.

Seen: the connector reads such a column as decimal(38,9) where BigQuery gives decimal(5,2), and a value with more digits
is stored as it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bqemulator.api.routes import tables

from tests.bigquery_emulator.corrections.wrapping import around

PROPERTIES = {"precision": "precision", "scale": "scale", "max_length": "maxLength"}
"""Attribute of the emulator's field, and its name in REST."""


def apply() -> None:
    """Keep precision, scale and maximum length; store as DECIMAL(precision, scale)."""

    @around(tables, "_parse_schema_fields")
    def parse_schema_fields(stock: Any, fields: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
        return tuple(
            parsed.model_copy(update={name: int(raw[key]) for name, key in PROPERTIES.items() if raw.get(key)})
            for parsed, raw in zip(stock(fields), fields, strict=True)
        )

    @around(tables, "_field_to_rest")
    def field_to_rest(stock: Any, field: Any) -> dict[str, Any]:
        kept = {key: getattr(field, name) for name, key in PROPERTIES.items()}
        return {**stock(field), **{key: str(value) for key, value in kept.items() if value is not None}}

    @around(tables, "bq_schema_to_duckdb_columns")
    def storage_columns(stock: Any, fields: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
        return [
            (name, storage_type.replace("DECIMAL(38, 9)", f"DECIMAL({field['precision']},{field.get('scale', 0)})"))
            if field.get("precision")
            else (name, storage_type)
            for (name, storage_type), field in zip(stock(fields), fields, strict=True)
        ]
