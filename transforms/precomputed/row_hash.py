"""The hash of a pre-computed row: over all its columns in order, by the same rules as that of a feature row.

The form of each column follows from its type.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from transforms.hashing import HASH_LENGTH, escape_controls, is_escaped, number_text, quoted


def row_hash(rows: DataFrame, names: Sequence[str]) -> Column:
    """First 16 hex characters of the SHA-256 of a JSON array of these columns."""
    types = {field.name: field.dataType for field in rows.schema.fields}
    escaped = is_escaped([F.col(name) for name in names if isinstance(types[name], T.StringType)])
    texts = [F.coalesce(_text(F.col(name), types[name], escaped), F.lit("null")) for name in names]
    json = F.concat(F.lit("["), F.concat_ws(",", *texts), F.lit("]"))
    return F.substring(F.sha2(escape_controls(json, escaped), 256), 1, HASH_LENGTH)


def _text(value: Column, type_: T.DataType, escaped: Column) -> Column:
    if isinstance(type_, T.StringType):
        return quoted(value, escaped)
    if isinstance(type_, T.DateType):
        return F.concat(F.lit('"'), value.cast("string"), F.lit('"'))
    if isinstance(type_, T.DecimalType | T.DoubleType):
        return number_text(value)
    return value.cast("string")
