"""The types of source files, in Arrow's terms: what a type becomes in a Delta table, and what BigQuery calls it.

Knows types only; the values are converted by whoever reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
NUMERIC = pa.decimal128(38, 9)
# What neither Parquet's nor Delta's writer takes in a column's name.
_NAME_THAT_DELTA_REFUSES = re.compile(r"[ ,;{}()\n\t=]")

_OF_CONTRACT: dict[str, pa.DataType] = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": TIMESTAMP,
    "NUMERIC": NUMERIC,
}
_WIDENED = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.int64(),
    pa.float16(): pa.float32(),
    pa.date64(): pa.date32(),
}


def contract_type(type_: str) -> pa.DataType:
    """The Arrow type of a column of a source's contract; KeyError for a type that no source has."""
    return _OF_CONTRACT[type_]


def is_delta_name(name: str) -> bool:
    """Whether Delta takes a column of this name."""
    return bool(name) and not _NAME_THAT_DELTA_REFUSES.search(name)


def stored_type(type_: pa.DataType) -> pa.DataType | None:
    """The type that a file's column has in a Delta table; None when Delta has none for it.

    Times without a zone are taken as UTC. A column of nothing but NULLs stays of Arrow's null type.
    """
    if isinstance(type_, pa.BaseExtensionType):
        return stored_type(type_.storage_type)
    if pa.types.is_dictionary(type_):
        return stored_type(type_.value_type)
    if pa.types.is_timestamp(type_):
        return TIMESTAMP
    if pa.types.is_decimal(type_):
        fits = type_.precision <= 38 and 0 <= type_.scale <= type_.precision
        return pa.decimal128(type_.precision, type_.scale) if fits else None
    if pa.types.is_nested(type_):
        return _stored_nested(type_)
    return _stored_plain(type_)


def _stored_plain(type_: pa.DataType) -> pa.DataType | None:
    if type_ in _WIDENED:
        return _WIDENED[type_]
    if pa.types.is_large_string(type_) or str(type_) == "string_view":
        return pa.string()
    if pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_) or str(type_) == "binary_view":
        return pa.binary()
    as_it_is = (
        pa.types.is_null(type_)
        or pa.types.is_boolean(type_)
        or pa.types.is_signed_integer(type_)
        or pa.types.is_float32(type_)
        or pa.types.is_float64(type_)
        or pa.types.is_string(type_)
        or pa.types.is_binary(type_)
        or pa.types.is_date32(type_)
    )
    return type_ if as_it_is else None


def _stored_nested(type_: pa.DataType) -> pa.DataType | None:
    if pa.types.is_map(type_):
        key, item = _stored_part(type_.key_type), _stored_part(type_.item_type)
        return None if key is None or item is None else pa.map_(key, item)
    if pa.types.is_struct(type_):
        parts = [(field.name, _stored_part(field.type)) for field in type_]
        sound = all(is_delta_name(name) and part is not None for name, part in parts)
        return pa.struct(parts) if parts and sound and not _doubled(name for name, _ in parts) else None
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        part = _stored_part(type_.value_type)
        return None if part is None else pa.list_(part)
    return None


def _stored_part(type_: pa.DataType) -> pa.DataType | None:
    stored = stored_type(type_)
    return None if stored is None or pa.types.is_null(stored) else stored


def _doubled(names: Iterable[str]) -> bool:
    lowered = [name.lower() for name in names]
    return len(set(lowered)) < len(lowered)


def common_type(types: Iterable[pa.DataType]) -> pa.DataType | None:
    """The type that holds the values of all these `stored_type`s; None when there is none."""
    distinct = [pa.schema([("column", type_)]) for type_ in dict.fromkeys(types)]
    try:
        unified = pa.unify_schemas(distinct, promote_options="permissive").field("column").type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    return stored_type(unified)


def described(type_: pa.DataType) -> str:
    """An Arrow type in BigQuery's words; one without a counterpart as Arrow calls it."""
    stored = stored_type(type_)
    if stored is None or pa.types.is_null(stored):
        return str(type_)
    if pa.types.is_decimal(stored):
        return f"NUMERIC({stored.precision},{stored.scale})"
    if pa.types.is_list(stored):
        return f"ARRAY<{described(stored.value_type)}>"
    if pa.types.is_integer(stored):
        return "INT64"
    if pa.types.is_floating(stored):
        return "FLOAT64"
    if pa.types.is_binary(stored):
        return "BYTES"
    return next((name for name, known in _OF_CONTRACT.items() if known == stored), str(type_))
