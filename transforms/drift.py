"""Drift of the features: where the values of each come from in each month, and how they are distributed.

Describes what is stored; judges nothing but a jump of the share of defaults.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from transforms.catalogue import SOURCE_KINDS
from transforms.distributions import feature_values

LARGEST_JUMP = 0.20
SHARES = tuple(f"share_{kind}" for kind in SOURCE_KINDS)
_EXACT_DECIMALS = 9


def feature_drift(rows: DataFrame) -> DataFrame:
    """Every feature by calendar month, placeholders left out.

    Input: rows of the store, with `game_date`, `early_season_flag`, `features` and, where the store has it,
    `feature_sources`. Output: one row per (month, feature), the month as YYYY-MM: `number` (finite values), their
    `mean`, `standard_deviation` (of a sample: NULL for a single value), `lowest`, `highest`; the share of values of
    each source, from 0 to 1 (NULL where no row says its sources); `share_default_before`, that of the newest earlier
    month that has one; `jumps`, whether the share of defaults is more than `LARGEST_JUMP` above it.
    """
    shares = [
        F.try_divide(F.count(F.when(F.col("source") == kind, F.lit(1))), F.count("source")).alias(share)
        for kind, share in zip(SOURCE_KINDS, SHARES, strict=True)
    ]
    by_month = (
        feature_values(rows)
        .groupBy("month", "feature")
        .agg(
            F.count("value").alias("number"),
            F.avg("value").alias("mean"),
            F.stddev_samp("value").alias("standard_deviation"),
            F.min("value").alias("lowest"),
            F.max("value").alias("highest"),
            *shares,
        )
    )
    return _with_jumps(by_month)


def _with_jumps(by_month: DataFrame) -> DataFrame:
    earlier = Window.partitionBy("feature").orderBy("month").rowsBetween(Window.unboundedPreceding, -1)
    before = F.last("share_default", ignorenulls=True).over(earlier)
    with_before = by_month.select("*", before.alias("share_default_before"))
    # 0.9 - 0.7 is a little more than 0.2 in doubles.
    rise = F.round(F.col("share_default") - F.col("share_default_before"), _EXACT_DECIMALS)
    return with_before.select("*", F.coalesce(rise > LARGEST_JUMP, F.lit(False)).alias("jumps"))
