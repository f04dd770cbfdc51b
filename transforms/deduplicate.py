"""De-duplication: of several rows with one key, the newest, the same one on any partitioning.

One rule for every source; the tables' columns are given by the frame, not known here.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

NEWEST_FIRST = ("processed_at", "created_at")


def newest_first(columns: Sequence[str], key: Sequence[str]) -> list[Column]:
    """The sort order that puts the winner of a key first.

    `processed_at`, then `created_at`, then every other of `columns` in the given order, each descending with NULLs
    last, so that ties are broken by value and never by partitioning.
    """
    ties = [name for name in columns if name not in (*key, *NEWEST_FIRST)]
    return [F.col(name).desc_nulls_last() for name in (*NEWEST_FIRST, *ties)]


def newest_rows(rows: DataFrame, key: Sequence[str]) -> DataFrame:
    """The newest row of each key, and how many rows its key had.

    Input: any number of rows per key, with `processed_at` and `created_at`; rows with a NULL in a key column are
    dropped. Output: one row per key, the same columns and `rows_found` (rows of that key in the input, >= 1).
    """
    same_key = Window.partitionBy(*key).orderBy(*newest_first(rows.columns, key))
    rows_so_far = same_key.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    # In the same order, though a count needs none: one sort and one pass serve both.
    whole_key = same_key.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    has_key = F.lit(True)
    for column in key:
        has_key = has_key & F.col(column).isNotNull()
    return (
        rows.where(has_key)
        .select(
            "*",
            F.row_number().over(rows_so_far).alias("_newest"),
            F.count(F.lit(1)).over(whole_key).alias("rows_found"),
        )
        .where(F.col("_newest") == 1)
        .drop("_newest")
    )
