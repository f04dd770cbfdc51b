"""Two feature tables against each other by key: rows that one lacks, values that differ beyond a tolerance.

Which tables they are, and what a difference means, is the jobs' business.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from transforms.catalogue import FEATURE_NAMES
from transforms.findings import of_all_dates, of_each_date
from transforms.validation import is_placeholder

COMPARED_COLUMNS = ("player_lookup", "game_date", "features", "early_season_flag", "data_hash", "created_at")
TOTALS = ("left_rows", "right_rows", "common_rows")
DUPLICATES = ("left_duplicates", "right_duplicates")
ROW_DIFFERENCES = ("only_left", "only_right", "placeholder", "data_hash")
_KEY = ("player_lookup", "game_date")
_FINDINGS = "array<struct<kind: string, rows: bigint, left: double, right: double, difference: double>>"


def compared(left: DataFrame, right: DataFrame, *, tolerance: float, most: int) -> DataFrame:
    """What is in which of two feature tables, and what differs.

    Input: both with `COMPARED_COLUMNS`, any number of rows per (player_lookup, game_date); of several the newest by
    `created_at`, `data_hash` is compared. Output: one row per kind of finding that there is: `rows`,
    `largest_difference`, `examples`, at most `most`: an array of `game_date`, `player_lookup`, `left`, `right`.
    Kinds: `TOTALS` (rows of each table, keys that are in both); `DUPLICATES` (keys that a table holds more than
    once); `ROW_DIFFERENCES` (keys in one table only; a placeholder in one and none in the other; `data_hash`
    differs); and the name of each feature of which values differ by more than `tolerance`. Two NaN are equal, and
    so are two NULLs; either against anything else differs, by a NULL. Features of a placeholder against none are not
    compared.
    """
    both = _newest(left, "left").join(_newest(right, "right"), on=list(_KEY), how="full_outer")
    findings = F.concat(_row_findings(), _feature_findings(tolerance))
    found = both.select(*_KEY, F.explode(findings).alias("finding"))
    example = F.struct("game_date", "player_lookup", "finding.left", "finding.right")
    is_total = F.col("finding.kind").isin(*TOTALS)
    dated = found.select(
        "finding.kind",
        "game_date",
        "finding.rows",
        F.col("finding.difference").alias("largest_difference"),
        F.when(~is_total, example).alias("example"),
    )
    largest = ["largest_difference"]
    return of_all_dates(of_each_date(dated, most, largest=largest), most, largest=largest)


def _newest(rows: DataFrame, side: str) -> DataFrame:
    """One row per key: the struct `side` of its newest row, with `rows`, how many the key has."""
    newest_first = [F.col("created_at").desc_nulls_last(), F.col("data_hash").asc_nulls_last(), F.col("features")]
    same_key = Window.partitionBy(*_KEY).orderBy(*newest_first)
    rows_so_far = same_key.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    whole_key = same_key.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    ranked = rows.select(
        *_KEY,
        F.struct(
            F.count(F.lit(1)).over(whole_key).alias("rows"),
            is_placeholder().alias("placeholder"),
            "features",
            "data_hash",
        ).alias(side),
        F.row_number().over(rows_so_far).alias("_newest"),
    )
    return ranked.where(F.col("_newest") == 1).drop("_newest")


def _row_findings() -> Column:
    rows = {side: F.coalesce(F.col(f"{side}.rows"), F.lit(0)) for side in ("left", "right")}
    in_both = (rows["left"] > 0) & (rows["right"] > 0)
    counts = {
        "left_rows": rows["left"],
        "right_rows": rows["right"],
        "common_rows": in_both.cast("bigint"),
        "left_duplicates": (rows["left"] > 1).cast("bigint"),
        "right_duplicates": (rows["right"] > 1).cast("bigint"),
        "only_left": (rows["right"] == 0).cast("bigint"),
        "only_right": (rows["left"] == 0).cast("bigint"),
        "placeholder": (in_both & _differs("placeholder")).cast("bigint"),
        "data_hash": (in_both & _differs("data_hash")).cast("bigint"),
    }
    nothing = [F.lit(None).cast("double")] * 3
    return _counted(F.array(*[_finding(F.lit(kind), count, *nothing) for kind, count in counts.items()]))


def _differs(name: str) -> Column:
    return ~F.col(f"left.{name}").eqNullSafe(F.col(f"right.{name}"))


def _feature_findings(tolerance: float) -> Column:
    in_both = F.col("left.rows").isNotNull() & F.col("right.rows").isNotNull()
    # Nearly all rows hold the same array: one comparison instead of 25.
    to_look_at = in_both & ~_differs("placeholder") & _differs("features")
    places = F.sequence(F.lit(0), F.lit(len(FEATURE_NAMES) - 1))
    findings = F.transform(places, lambda place: _feature_finding(place, tolerance))
    return F.when(to_look_at, _counted(findings)).otherwise(F.array().cast(_FINDINGS))


def _feature_finding(place: Column, tolerance: float) -> Column:
    left, right = (F.get(f"{side}.features", place) for side in ("left", "right"))
    difference = F.abs(left - right)
    # NaN equals NaN and is above every number; a NULL makes the difference NULL.
    is_same = left.eqNullSafe(right) | F.coalesce(difference <= F.lit(tolerance), F.lit(False))
    is_finite = difference * F.lit(0.0) == 0.0
    name = F.get(F.array(*map(F.lit, FEATURE_NAMES)), place)
    return _finding(name, (~is_same).cast("bigint"), left, right, F.when(is_finite, difference))


def _finding(kind: Column, rows: Column, left: Column, right: Column, difference: Column) -> Column:
    return F.struct(
        kind.alias("kind"),
        rows.cast("bigint").alias("rows"),
        left.alias("left"),
        right.alias("right"),
        difference.alias("difference"),
    )


def _counted(findings: Column) -> Column:
    return F.filter(findings, lambda finding: finding["rows"] > 0).cast(_FINDINGS)
