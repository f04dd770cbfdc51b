"""Which rows are not written and why: unusable input in any mode, incomplete input in the daily mode.

Gives each row a reason and a detail; counting and recording them is the jobs' business.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.completeness import OWN_ISSUE, READY_PERCENTAGE

INVALID_INPUT = "invalid_input"
INCOMPLETE_OWN_DATA = "incomplete_own_data"
INCOMPLETE_UPSTREAM = "incomplete_upstream"
SKIP_COLUMNS = ("skip_reason", "skip_detail")


def skip_columns(*, daily: bool) -> dict[str, Column]:
    """`skip_reason` and `skip_detail` of a scored row; both NULL for a row to be written.

    A row without a game or with a feature that is not finite is never written; `daily` also skips rows whose own or
    pre-computed data is incomplete. Placeholders of the early season are exempt from all but the missing game.
    """
    placeholder, completeness = F.col("early_season_flag"), F.col("completeness_percentage")
    no_game = F.col("request.game_id").isNull()
    not_finite = ~placeholder & F.col("not_finite").isNotNull()
    rules = [
        (no_game, INVALID_INPUT, F.lit("game_id is NULL")),
        (
            not_finite,
            INVALID_INPUT,
            F.concat(F.lit("feature "), F.col("not_finite"), F.lit(" is not finite")),
        ),
    ]
    if daily:
        own = ~placeholder & (completeness < READY_PERCENTAGE)
        below = F.concat(
            F.lit("completeness_percentage "),
            completeness.cast("string"),
            F.lit(f" is below {READY_PERCENTAGE}"),
        )
        upstream = F.array_remove("data_quality_issues", OWN_ISSUE)
        not_ready = ~placeholder & (F.size(upstream) > 0)
        rules += [
            (own, INCOMPLETE_OWN_DATA, below),
            (not_ready, INCOMPLETE_UPSTREAM, F.array_join(upstream, ", ")),
        ]
    reason, detail = F.lit(None).cast("string"), F.lit(None).cast("string")
    for condition, name, text in reversed(rules):
        reason = F.when(condition, F.lit(name)).otherwise(reason)
        detail = F.when(condition, text).otherwise(detail)
    return {"skip_reason": reason, "skip_detail": detail}


def unkeyed_rows(context: DataFrame) -> DataFrame:
    """Context rows that cannot become a row of features because a key column is NULL.

    Input: context, any number of rows per key. Output: one row each: `game_date`, `player_lookup` (one of them NULL),
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
