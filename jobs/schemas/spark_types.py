"""The Spark types that stand for BigQuery's, in which the schemas are written."""

from __future__ import annotations

import re

from pyspark.sql import types as T

_SPARK_TYPES: dict[str, T.DataType] = {
    "STRING": T.StringType(),
    "INT64": T.LongType(),
    "FLOAT64": T.DoubleType(),
    "BOOL": T.BooleanType(),
    "DATE": T.DateType(),
    "TIMESTAMP": T.TimestampType(),
    "NUMERIC": T.DecimalType(38, 9),
}


def spark_type(bigquery_type: str) -> T.DataType:
    """The Spark type of a BigQuery type; ValueError for a type that no table here uses."""
    if bigquery_type in _SPARK_TYPES:
        return _SPARK_TYPES[bigquery_type]
    if decimal := re.fullmatch(r"NUMERIC\((\d+),(\d+)\)", bigquery_type):
        return T.DecimalType(int(decimal[1]), int(decimal[2]))
    if array := re.fullmatch(r"ARRAY<(\w+)>", bigquery_type):
        return T.ArrayType(spark_type(array[1]), containsNull=True)
    raise ValueError(f"no Spark type for BigQuery type {bigquery_type}")
