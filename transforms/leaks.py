"""Whether stored rows have seen the day that they are keyed to: they agree with what was known before it, or after.

Compares three sets of rows and counts; when a count is a leak is decided by whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from transforms.precomputed_lookup import PRECOMPUTED_SOURCES, TEAM_SOURCE

ROW = "(row)"
"""The name under which the existence of a row is compared: one of whom nothing was known before has no row."""
OUTCOMES = ("before_only", "including_only", "both", "neither")
_SLACK = 1e-9
_ENOUGH_VALUES = 20


class Sides(NamedTuple):
    """Three frames with one row per key: what is stored, and what was recomputed from before the date and with it."""

    stored: DataFrame
    before: DataFrame
    including: DataFrame


def agreement(sides: Sides, key: Sequence[str], tolerances: Mapping[str, float]) -> DataFrame:
    """With which of two recomputations the stored values agree, date by date.

    Input: `sides`, the last column of their `key` a date; `tolerances` has the compared columns, each with the largest
    difference that still is agreement.
    Output: one row per date of `stored`: `game_date`, `rows`, and for each compared column, and for `ROW`, an array of
    four counts of rows, in the order of `OUTCOMES`. Values are compared where both recomputations have the row.
    """
    names = list(tolerances)
    tagged = {
        side: rows.select(*key, F.struct(*names, F.lit(True).alias("there")).alias(side))
        for side, rows in sides._asdict().items()
    }
    joined: DataFrame = tagged["stored"]
    for side in ("before", "including"):
        joined = joined.join(tagged[side], on=list(key), how="left")
    there = {side: F.coalesce(f"{side}.there", F.lit(False)) for side in ("before", "including")}
    both_there = there["before"] & there["including"]
    outcomes = {ROW: _outcome(there["before"], there["including"])}
    for name, tolerance in tolerances.items():
        agrees = [_agrees(F.col(f"stored.{name}"), F.col(f"{side}.{name}"), tolerance) for side in there]
        outcomes[name] = F.when(both_there, _outcome(*agrees))
    judged = joined.select(
        F.col(key[-1]).alias("game_date"),
        *[outcome.alias(f"outcome_{i}") for i, outcome in enumerate(outcomes.values())],
    )
    return judged.groupBy("game_date").agg(
        F.count(F.lit(1)).alias("rows"),
        *[_counts(F.col(f"outcome_{i}")).alias(name) for i, name in enumerate(outcomes)],
    )


def _outcome(before: Column, including: Column) -> Column:
    """The place in `OUTCOMES`."""
    return F.when(before & including, F.lit(2)).when(before, F.lit(0)).when(including, F.lit(1)).otherwise(F.lit(3))


def _counts(outcome: Column) -> Column:
    return F.array(*[F.count(F.when(outcome == place, F.lit(1))) for place in range(len(OUTCOMES))])


def _agrees(stored: Column, computed: Column, tolerance: float) -> Column:
    if not tolerance:
        return stored.eqNullSafe(computed)
    near = F.abs(stored.cast("double") - computed.cast("double")) <= F.lit(tolerance + _SLACK)
    return F.coalesce(near, stored.isNull() & computed.isNull())


def tolerance_of(type_: T.DataType) -> float:
    """One unit of the last decimal of a computed column, half a tenth for a percentage; 0 for all that is no number.

    Whoever computed the stored values may have rounded in double.
    """
    if isinstance(type_, T.DecimalType):
        return float(10**-type_.scale)
    return 0.05 if isinstance(type_, T.DoubleType) else 0.0


def used_decimals(rows: DataFrame, names: Sequence[str]) -> DataFrame:
    """How many decimals the stored values of DECIMAL columns have at most: the scale at which they were stored.

    A table's type may be wider than that of the table that its rows came from. Output: one row: each of `names`, NULL
    with fewer than `_ENOUGH_VALUES` values, of which nothing follows.
    """
    scales = {
        field.name: field.dataType.scale for field in rows.schema.fields if isinstance(field.dataType, T.DecimalType)
    }
    return rows.agg(*[_decimals_of_all(name, scales[name]).alias(name) for name in names])


def _decimals_of_all(name: str, scale: int) -> Column:
    value, decimals = F.col(name), F.lit(scale)
    for fewer in reversed(range(scale)):
        decimals = F.when(F.round(value, fewer) == value, F.lit(fewer)).otherwise(decimals)
    return F.when(F.count(value) >= _ENOUGH_VALUES, F.max(F.when(value.isNotNull(), decimals)))


def rounded_to(rows: DataFrame, scales: Mapping[str, int]) -> DataFrame:
    """The rows with these DECIMAL columns rounded to so many decimals, half away from zero, as a load rounds them."""
    return rows.select(
        *[F.round(name, scales[name]).alias(name) if name in scales else F.col(name) for name in rows.columns]
    )


def used_rows(phase4: Mapping[str, DataFrame], stored: DataFrame) -> dict[str, DataFrame]:
    """Of recomputed pre-computed tables the rows of which the stored feature rows say that they used one.

    Input: `phase4` by table name, one row per key; `stored`, rows of the feature store.
    """
    kept = {}
    for source in PRECOMPUTED_SOURCES:
        used = stored.where(F.col(f"source_{source.name}_rows_found") > 0)
        entity = "team_abbr" if source is TEAM_SOURCE else "player_lookup"
        asked = "opponent_team_abbr" if source is TEAM_SOURCE else "player_lookup"
        keys = used.select(F.col(asked).alias(entity), F.col("game_date").alias(source.date_column)).distinct()
        kept[source.table_name] = phase4[source.table_name].join(keys, on=[entity, source.date_column], how="left_semi")
    return kept
