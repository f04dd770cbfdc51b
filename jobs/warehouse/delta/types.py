"""Types of Delta tables in the words of the contracts."""

from __future__ import annotations

from pyspark.sql import types as T


def found_type(type_: T.DataType) -> str:
    """A Spark type in BigQuery's words; a type without one as Spark calls it."""
    if isinstance(type_, T.DecimalType):
        return f"NUMERIC({type_.precision},{type_.scale})"
    if isinstance(type_, T.ArrayType):
        return f"ARRAY<{found_type(type_.elementType)}>"
    names: dict[type[T.DataType], str] = {
        T.StringType: "STRING",
        T.ByteType: "INT64",
        T.ShortType: "INT64",
        T.IntegerType: "INT64",
        T.LongType: "INT64",
        T.FloatType: "FLOAT64",
        T.DoubleType: "FLOAT64",
        T.BooleanType: "BOOL",
        T.DateType: "DATE",
        T.TimestampType: "TIMESTAMP",
    }
    return names.get(type(type_), type_.simpleString().upper())


def is_void(type_: T.DataType) -> bool:
    """Whether a type is void, or has a void type in it."""
    if isinstance(type_, T.StructType):
        return any(is_void(field.dataType) for field in type_.fields)
    if isinstance(type_, T.ArrayType):
        return is_void(type_.elementType)
    if isinstance(type_, T.MapType):
        return is_void(type_.keyType) or is_void(type_.valueType)
    return isinstance(type_, T.NullType)
