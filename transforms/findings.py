"""Findings about rows, summed up: how many there are of each kind, and the first examples of it.

In two steps, so that what is kept in memory for examples is bounded by the rows of one date.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def of_each_date(findings: DataFrame, most: int, *, largest: Sequence[str] = ()) -> DataFrame:
    """Findings summed up by date.

    Input: one row per finding: `kind`, `game_date`, `rows` (how many rows it stands for), `example` (a struct; NULL
    when it is not worth one) and the `largest` columns. Output: one row per (kind, game_date): `rows`, `examples` (at
    most `most`, the smallest first), the largest of each `largest` column.
    """
    examples = _first(F.collect_list("example"), most)
    return findings.groupBy("kind", "game_date").agg(
        F.sum("rows").alias("rows"), examples.alias("examples"), *[F.max(name).alias(name) for name in largest]
    )


def of_all_dates(of_dates: DataFrame, most: int, *, largest: Sequence[str] = ()) -> DataFrame:
    """The rows of `of_each_date` summed up: one row per kind, with `dates`, how many dates have findings of it."""
    examples = _first(F.flatten(F.collect_list("examples")), most)
    return of_dates.groupBy("kind").agg(
        F.sum("rows").alias("rows"),
        F.count(F.lit(1)).alias("dates"),
        examples.alias("examples"),
        *[F.max(name).alias(name) for name in largest],
    )


def _first(examples: Column, most: int) -> Column:
    return F.slice(F.array_sort(examples), 1, most)
