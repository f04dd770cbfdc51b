"""The game day family: rest, injury, place and phase of the game, from the row of context itself.

Columns over one row with the struct `request`; what the context does not say is NULL or 0 as each function says.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

REST_MOST = 2
INJURY_RISK = {"available": 0, "probable": 1, "questionable": 2, "doubtful": 3, "out": 3}


def rest_advantage() -> Column:
    """Days of rest minus the opponent's, clamped to 2 either way; NULL when either is missing."""
    rest, opponent = F.col("request.days_rest"), F.col("request.opponent_days_rest")
    clamped = F.greatest(F.least(rest - opponent, F.lit(REST_MOST)), F.lit(-REST_MOST))
    return F.when(rest.isNotNull() & opponent.isNotNull(), clamped)


def injury_risk() -> Column:
    """Risk by player_status in any case: 0 available or unknown, 1 probable, 2 questionable, 3 doubtful or out."""
    pairs = [F.lit(part) for pair in INJURY_RISK.items() for part in pair]
    return F.coalesce(F.element_at(F.create_map(*pairs), F.lower("request.player_status")), F.lit(0))


def flag(column: str) -> Column:
    """1 where a BOOL of context is true, else 0 (also for NULL)."""
    return F.when(F.col(f"request.{column}"), F.lit(1)).otherwise(F.lit(0))


def playoff_game() -> Column:
    """1 in the playoffs (season_phase in any case), else 0."""
    return F.when(F.lower("request.season_phase") == "playoffs", F.lit(1)).otherwise(F.lit(0))


def games_in_last_7_days() -> Column:
    """Games in the 7 days before, 0 included; NULL for a player who never played before."""
    return F.when(F.col("games") >= 1, F.coalesce("games_in_last_7_days", F.lit(0)))
