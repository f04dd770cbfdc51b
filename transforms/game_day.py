"""The game day family: rest, injury, place and phase of the game, from context, the schedule and the player's log.

Columns over one row of `assemble.attach_teams`; what nobody says is NULL or 0 as each function says.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.schedule import is_playoffs

OWN_TEAM, OPPONENT = "own_team", "opponent_team"
"""The structs of `schedule.final_games` of the player's team and of its opponent."""
REST_MOST = 2
INJURY_RISK = {"available": 0, "probable": 1, "questionable": 2, "doubtful": 3, "out": 3}


def rest_advantage() -> Column:
    """Days of rest minus the opponent's, clamped to 2 either way; NULL when either is missing.

    Since the player's newest game of this season, without one since his team's; since the opponent's last final game.
    """
    own = F.col("day") - F.coalesce("season_newest_day", f"{OWN_TEAM}.last_day")
    opponent = F.col("day") - F.col(f"{OPPONENT}.last_day")
    clamped = F.greatest(F.least(own - opponent, F.lit(REST_MOST)), F.lit(-REST_MOST))
    return F.when(own.isNotNull() & opponent.isNotNull(), clamped)


def injury_risk() -> Column:
    """Risk by player_status in any case: 0 available or unknown, 1 probable, 2 questionable, 3 doubtful or out."""
    pairs = [F.lit(part) for pair in INJURY_RISK.items() for part in pair]
    return F.coalesce(F.element_at(F.create_map(*pairs), F.lower("request.player_status")), F.lit(0))


def home_away() -> Column:
    """1 at home, else 0 (also for NULL)."""
    return F.when(F.col("request.home_game"), F.lit(1)).otherwise(F.lit(0))


def is_back_to_back() -> Column:
    """Whether the player's newest game was on the day before, or context says so; never NULL."""
    played_yesterday = F.col("day") - F.col("newest_day") == 1
    return F.coalesce(played_yesterday, F.lit(False)) | F.coalesce("request.back_to_back", F.lit(False))


def back_to_back() -> Column:
    """1 on the second of two days, else 0."""
    return F.when(is_back_to_back(), F.lit(1)).otherwise(F.lit(0))


def playoff_game() -> Column:
    """1 in the playoffs, else 0: by the schedule's game of the team, where it has none by the phase of context."""
    by_context = is_playoffs(F.col("request.season_phase"))
    of_game = F.col("playoffs_by_game")[F.col("request.game_id")]
    return F.when(F.coalesce(of_game, F.col("playoffs_of_first"), by_context), F.lit(1)).otherwise(F.lit(0))


def games_in_last_7_days() -> Column:
    """Games in the 7 days before, 0 included; NULL for a player who never played before."""
    return F.when(F.col("games") >= 1, F.coalesce("games_in_last_7_days", F.lit(0)))
