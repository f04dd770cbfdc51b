"""Exact arithmetic: quotients of whole numbers and of DECIMALs, rounded once, half away from zero.

Nothing here is ever a double, so that no sum depends on an order and no tie on a representation.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from transforms.as_of import narrow_decimal

# Of `narrow_decimal` a value has 9 digits before the point and 18 after it; a sum of hundreds of them three more.
_SUM = "decimal(30,18)"
# Twice such a sum, in billionths, is still a BIGINT.
_SHORT_SUM, _SHORT_DECIMALS, _SHORT_MOST = "decimal(28,9)", 9, 10**9


def narrow(rows: DataFrame) -> DataFrame:
    """The same rows with every DECIMAL as one that can be summed, multiplied and divided without losing a digit."""
    decimals = {field.name for field in rows.schema.fields if isinstance(field.dataType, T.DecimalType)}
    return rows.select(*[narrow_decimal(rows, name) if name in decimals else F.col(name) for name in rows.columns])


def nearest(dividend: Column, divisor: Column) -> Column:
    """The whole number nearest to a quotient of whole numbers, half away from zero; NULL when the divisor is 0."""
    size = _nearest_size(F.abs(dividend), F.abs(divisor))
    return F.when((dividend < 0) != (divisor < 0), -size).otherwise(size)


def _nearest_size(dividend: Column, divisor: Column) -> Column:
    two = F.lit(2)
    return F.call_function("div", two * dividend + divisor, F.when(divisor != 0, two * divisor))


def with_decimals(units: Column, decimals: int) -> Column:
    """A whole number of units of the last decimal as the DECIMAL that it means."""
    unit = F.expr(f"CAST('1E-{decimals}' AS decimal(9,{decimals}))")
    return (units.cast("decimal(18,0)") * unit).cast(f"decimal(18,{decimals})")


def mean_of_decimals(total: Column, count: Column, decimals: int) -> Column:
    """The mean of a sum of narrow DECIMALs with so many decimals (9 at most); NULL when there is nothing to sum.

    A sum that fits is divided as a whole number of billionths: Java's arithmetic without a bound is ten times slower.
    """
    short = total.cast(_SHORT_SUM)
    billionths = (short * F.lit(10**_SHORT_DECIMALS).cast("decimal(10,0)")).cast("bigint")
    quotient = nearest(billionths, count.cast("bigint") * F.lit(10 ** (_SHORT_DECIMALS - decimals)))
    fits = (short == total) & (F.abs(short) < _SHORT_MOST)
    return with_decimals(F.when(fits, quotient).otherwise(_unbounded_mean(total, count, decimals)), decimals)


def _unbounded_mean(total: Column, count: Column, decimals: int) -> Column:
    shifted = F.abs(total).cast(_SUM) * F.lit(2 * 10**decimals).cast("decimal(6,0)")
    number = count.cast("decimal(10,0)")
    twice = F.when(number != 0, number * F.lit(2).cast("decimal(1,0)"))
    size = F.call_function("div", shifted + number, twice)
    return F.when(total < 0, -size).otherwise(size)


def mean_of_whole(total: Column, count: Column, decimals: int) -> Column:
    """The mean of a sum of whole numbers with so many decimals; NULL when there is nothing to sum."""
    return with_decimals(nearest(total * F.lit(10**decimals), count), decimals)
