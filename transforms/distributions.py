"""How the features are distributed: by week for the eye, in fixed bins for the distance between two ranges of dates.

The bins come from the catalogue's ranges, so that histograms of two runs can be added or compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.catalogue import FEATURE_NAMES, FEATURES, SOURCE_KINDS, Feature
from transforms.validation import is_placeholder

BINS = 20
WEEK_ROWS = tuple(f"rows_{kind}" for kind in SOURCE_KINDS)
_LEAST_SHARE = 1e-4
_PLAYOFF_GAME = FEATURE_NAMES.index("playoff_game")
_QUANTILES = {"low": 0.05, "median": 0.5, "high": 0.95}
_ACCURACY = 1000


def feature_values(rows: DataFrame) -> DataFrame:
    """The features of rows of the store, one row per value; placeholders left out.

    Input: rows with `game_date`, `early_season_flag`, `features` and, where the store has it, `feature_sources`.
    Output: `game_date`, `month` (YYYY-MM), `is_playoff`, `feature` (the catalogue's name), `value` (NULL where it is
    not finite), `bin` (0 to `BINS` - 1, NULL without a value), `source` (NULL where no row says it).
    """
    listed = [part for feature in FEATURES for part in _parts(feature, rows)]
    values = rows.where(~is_placeholder()).select(
        "game_date",
        F.date_format("game_date", "yyyy-MM").alias("month"),
        F.coalesce(F.get("features", F.lit(_PLAYOFF_GAME)) == 1.0, F.lit(False)).alias("is_playoff"),
        F.stack(F.lit(len(FEATURES)), *listed).alias("feature", "stored", "source", "bin"),
    )
    is_finite = F.col("stored") * F.lit(0.0) == 0.0
    return values.select(
        "game_date",
        "month",
        "is_playoff",
        "feature",
        F.when(is_finite, F.col("stored")).alias("value"),
        F.when(is_finite, F.col("bin")).alias("bin"),
        "source",
    )


def weekly_distributions(values: DataFrame) -> DataFrame:
    """Each feature by week, of `feature_values`.

    Output: one row per (week, feature), the week by its Monday: `number` of values, `low`, `median`, `high` (the 5th,
    50th and 95th percentile, approximate; NULL without values), and how many values each source gave: `rows_phase4`,
    `rows_phase3`, `rows_calculated`, `rows_default`.
    """
    week = F.date_trunc("week", "game_date").cast("date").alias("week")
    by_source = [
        F.count(F.when(F.col("source") == kind, F.lit(1))).alias(name)
        for kind, name in zip(SOURCE_KINDS, WEEK_ROWS, strict=True)
    ]
    grouped = values.groupBy(week, "feature").agg(
        F.count("value").alias("number"),
        F.percentile_approx("value", list(_QUANTILES.values()), _ACCURACY).alias("quantiles"),
        *by_source,
    )
    quantiles = [F.get("quantiles", F.lit(place)).alias(name) for place, name in enumerate(_QUANTILES)]
    return grouped.select("week", "feature", "number", *quantiles, *WEEK_ROWS)


def histograms(values: DataFrame) -> DataFrame:
    """Each feature in its fixed bins by month, of `feature_values`.

    Output: one row per (month, is_playoff, feature, bin) that has values: `number` of them, the `lowest` and the
    `highest`.
    """
    return (
        values.where(F.col("bin").isNotNull())
        .groupBy("month", "is_playoff", "feature", "bin")
        .agg(F.count("value").alias("number"), F.min("value").alias("lowest"), F.max("value").alias("highest"))
    )


def population_stability_index(baseline: Mapping[int, int], current: Mapping[int, int]) -> float | None:
    """The distance between two histograms over the same bins; 0 when their shares are equal, None when one is empty.

    The sum over the bins of (current share - baseline share) * ln(current share / baseline share). An empty bin counts
    as a share of 1e-4, so that the index stays finite.
    """
    before, now = sum(baseline.values()), sum(current.values())
    if not before or not now:
        return None
    index = 0.0
    for number in sorted(baseline.keys() | current.keys()):
        expected = max(baseline.get(number, 0) / before, _LEAST_SHARE)
        actual = max(current.get(number, 0) / now, _LEAST_SHARE)
        index += (actual - expected) * math.log(actual / expected)
    return index


def _parts(feature: Feature, rows: DataFrame) -> list[Column]:
    place = F.lit(feature.index)
    value = F.get("features", place)
    source = F.get("feature_sources", place) if "feature_sources" in rows.columns else F.lit(None)
    return [F.lit(feature.name), value, source.cast("string"), _bin(feature, value)]


def _bin(feature: Feature, value: Column) -> Column:
    """The number of the bin; what is beyond the range is in the bin at its end. A NaN is of none."""
    lowest, highest = float(feature.lowest or 0.0), float(1.0 if feature.highest is None else feature.highest)
    width = (highest - lowest) / BINS
    # Compared before it is cast: a cast of an infinity fails under ANSI rules.
    within = F.least(F.greatest((value - F.lit(lowest)) / F.lit(width), F.lit(0.0)), F.lit(BINS - 1.0))
    return F.when(~F.isnan(value), F.floor(within).cast("int"))
