"""Which rows are not written and why: unusable input in any mode, incomplete input in the daily mode.

Gives a reason and a detail a row; counting and recording them is the jobs' business.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.completeness import READY_PERCENTAGE, upstream_issues

INVALID_INPUT = "invalid_input"
INCOMPLETE_OWN_DATA = "incomplete_own_data"
INCOMPLETE_UPSTREAM = "incomplete_upstream"


def skip_columns(completeness: Column, is_placeholder: Column, *, daily: bool) -> tuple[Column, Column]:
    """`skip_reason` and `skip_detail` of a row of `assemble`; both NULL for a row to be written."""
    no_game = F.col("request.game_id").isNull()
    not_finite = ~is_placeholder & F.col("not_finite").isNotNull()
    invalid = no_game | not_finite
    invalid_detail = F.when(no_game, F.lit("game_id is NULL")).otherwise(
        F.concat(F.lit("feature "), F.col("not_finite"), F.lit(" is not finite"))
    )
    reason = F.when(invalid, F.lit(INVALID_INPUT))
    detail = F.when(invalid, invalid_detail)
    if not daily:
        return reason, detail
    own = ~is_placeholder & (completeness < READY_PERCENTAGE)
    own_detail = F.concat(
        F.lit("completeness_percentage "), completeness.cast("string"), F.lit(f" is below {READY_PERCENTAGE}")
    )
    missing = F.concat_ws(", ", *upstream_issues())
    upstream = ~is_placeholder & (missing != "")
    return (
        reason.when(own, F.lit(INCOMPLETE_OWN_DATA)).when(upstream, F.lit(INCOMPLETE_UPSTREAM)),
        detail.when(own, own_detail).when(upstream, missing),
    )


def unkeyed_rows(context: DataFrame) -> DataFrame:
    """Context rows that cannot become a row of features because a key column is NULL.

    Input: context, any number of rows a key. Output: one row each: `game_date`, `player_lookup` (one of them NULL),
    `skip_reason`, `skip_detail`.
    """
    no_player, no_date = F.col("player_lookup").isNull(), F.col("game_date").isNull()
    detail = (
        F.when(no_player & no_date, F.lit("player_lookup and game_date are NULL"))
        .when(no_player, F.lit("player_lookup is NULL"))
        .otherwise(F.lit("game_date is NULL"))
    )
    return context.where(no_player | no_date).select(
        "game_date", "player_lookup", F.lit(INVALID_INPUT).alias("skip_reason"), detail.alias("skip_detail")
    )
