"""Whether stored rows have seen the day that they are keyed to: they agree with what was known before it, or after.

Compares three sets of rows and counts; when a count is a leak is decided by whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from transforms.as_of import later
from transforms.precomputed_lookup import PLAYER_SOURCES, TEAM_SOURCE

ROW = "(row)"
"""The name under which the existence of a row is compared: one of whom nothing was known before has no row."""
OUTCOMES = ("before_only", "including_only", "both", "neither")
_SLACK = 1e-9


class Sides(NamedTuple):
    """Three frames with one row a key: what is stored, and what was recomputed from before the date and with it."""

    stored: DataFrame
    before: DataFrame
    including: DataFrame


def agreement(sides: Sides, key: Sequence[str], tolerances: Mapping[str, float]) -> DataFrame:
    """With which of two recomputations the stored values agree, date by date.

    Input: `sides`, the last column of their `key` a date; `tolerances` has the compared columns, each with the largest
    difference that still is agreement.
    Output: one row a date of `stored`: `game_date`, `rows`, and for each compared column, and for `ROW`, an array of
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


def used_rows(phase4: Mapping[str, DataFrame], stored: DataFrame) -> dict[str, DataFrame]:
    """Of recomputed phase 4 tables the rows of which the stored feature rows say that they used one.

    Input: `phase4` by table name, one row a key; `stored`, rows of the feature store.
    """
    kept = {}
    for source, (table, date) in {**PLAYER_SOURCES, TEAM_SOURCE[0]: TEAM_SOURCE[1:]}.items():
        used = stored.where(F.col(f"source_{source}_rows_found") > 0)
        entity = "team_abbr" if source == TEAM_SOURCE[0] else "player_lookup"
        asked = "opponent_team_abbr" if source == TEAM_SOURCE[0] else "player_lookup"
        keys = used.select(F.col(asked).alias(entity), F.col("game_date").alias(date)).distinct()
        kept[table] = phase4[table].join(keys, on=[entity, date], how="left_semi")
    return kept


def a_day_later(
    sources: Mapping[str, DataFrame], calendar: DataFrame, days: int
) -> tuple[dict[str, DataFrame], DataFrame]:
    """Sources and calendar that ask as if it were so many days later, with the same rows of context and phase 4."""
    dates = {**dict((*PLAYER_SOURCES.values(), TEAM_SOURCE[1:])), "upcoming_player_game_context": "game_date"}
    moved = {name: later(rows, days, dates[name]) if name in dates else rows for name, rows in sources.items()}
    return moved, later(calendar, days, "game_date", "season_start")
