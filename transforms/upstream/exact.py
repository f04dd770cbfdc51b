"""Exact arithmetic in whole numbers: decimals as billionths, quotients rounded once, half away from zero.

Nothing here is ever a double, so that no sum depends on an order and no tie on a representation.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

BILLION = 10**9
_WIDEST = "decimal(15,9)"


def billionths(name: str) -> Column:
    """A NUMERIC as a whole number of billionths; NULL for NULL, and for a value of a million or more.

    Nine decimals are all that NUMERIC has; further ones are rounded.
    """
    return (F.expr(f"try_cast({name} AS {_WIDEST})") * F.lit(BILLION)).cast("bigint")


def nearest(dividend: Column, divisor: Column) -> Column:
    """The whole number nearest to a quotient of whole numbers, half away from zero; NULL when the divisor is 0."""
    twice = F.lit(2) * F.abs(dividend) + divisor
    size = F.call_function("div", twice, F.when(divisor != 0, F.lit(2) * divisor))
    return F.when(dividend < 0, -size).otherwise(size)


def with_decimals(units: Column, decimals: int) -> Column:
    """A whole number of units of the last decimal as the DECIMAL that it means."""
    unit = F.lit(1).cast("decimal(1,0)") if decimals == 0 else F.expr(f"CAST('1E-{decimals}' AS decimal(9,{decimals}))")
    return (units.cast("decimal(18,0)") * unit).cast(f"decimal(18,{decimals})")


def mean_of_billionths(total: Column, count: Column, decimals: int) -> Column:
    """The mean of a sum in billionths with so many decimals; NULL when there is nothing to sum."""
    return with_decimals(nearest(total, count * F.lit(BILLION // 10**decimals)), decimals)


def mean_of_whole(total: Column, count: Column, decimals: int) -> Column:
    """The mean of a sum of whole numbers with so many decimals; NULL when there is nothing to sum."""
    return with_decimals(nearest(total * F.lit(10**decimals), count), decimals)
