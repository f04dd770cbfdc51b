"""Exact means: sums that fit a whole number of billionths, and those that do not, are rounded alike."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from transforms.precomputed.exact import mean_of_decimals

TOTALS = [
    *("0", "355.5", "-355.5", "0.000000005", "-0.000000005", "12.345678901", "0.00005", "-0.00015", "1.00025"),
    *("999999999.999999999", "1000000000", "-1000000000.00005", "9999999999.999999999"),
    *("0.000000000000000001", "0.000049999999999999", "0.000149999999999999999", "7.000050000000000001"),
    *("0.049999999999999999", "-0.049999999999999999"),
]
COUNTS = [1, 2, 3, 7, 10]
TYPES = [T.DecimalType(16, 1), T.DecimalType(28, 9), T.DecimalType(28, 18)]


def rounded(total: Decimal, count: int, decimals: int) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return (total / count).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@pytest.mark.parametrize("decimals", [1, 4])
@pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.simpleString())
def test_a_mean_is_rounded_once(spark: SparkSession, type_: T.DecimalType, decimals: int) -> None:
    unit = Decimal(1).scaleb(-type_.scale)
    totals = sorted({Decimal(text).quantize(unit, ROUND_HALF_UP) for text in TOTALS})
    rows = [(total, count) for total in totals for count in COUNTS]
    frame = spark.createDataFrame(
        [*rows, (None, 3), (Decimal(1), 0)],
        T.StructType([T.StructField("total", type_), T.StructField("count", T.LongType())]),
    )
    means = frame.select("total", "count", mean_of_decimals(F.col("total"), F.col("count"), decimals).alias("mean"))
    found = {(row["total"], row["count"]): row["mean"] for row in means.collect()}
    assert found.pop((None, 3)) is None
    assert found.pop((Decimal(1), 0)) is None
    assert found == {(total, count): rounded(total, count, decimals) for total, count in rows}
