"""player_daily_cache: a player's means over his last games and the season, his team's pace, and his load.

Columns over one row of `player_season` with the team's results; means and shares with 4 decimals, NULLs skipped.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.precomputed.exact import mean_of_decimals, mean_of_whole
from transforms.precomputed.player_season import games_in_last
from transforms.precomputed.shot_zone import rate
from transforms.precomputed.skipped import Skipped

NEEDED_GAMES = 5
TOO_FEW_GAMES = "too_few_season_games"
_DECIMALS = 4
FROM_CONTEXT = ("games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days", "back_to_backs_last_14_days")


def daily_cache_columns() -> dict[str, Column]:
    """The columns of the table that are its own."""
    return {
        "points_avg_last_5": mean_of_whole(F.col("points_5"), games_in_last(5), _DECIMALS),
        "points_avg_last_10": mean_of_whole(F.col("points_10"), games_in_last(10), _DECIMALS),
        "points_avg_season": mean_of_whole(F.col("season_points"), F.col("season_games"), _DECIMALS),
        "points_std_last_10": _points_std(),
        "minutes_avg_last_10": mean_of_decimals(F.col("minutes_10"), F.col("minutes_games_10"), _DECIMALS),
        "usage_rate_last_10": mean_of_decimals(F.col("usage_10"), F.col("usage_games_10"), _DECIMALS),
        "ts_pct_last_10": mean_of_decimals(F.col("ts_10"), F.col("ts_games_10"), _DECIMALS),
        "games_played_season": F.col("season_games"),
        "team_pace_last_10": F.col("team_pace_last_10"),
        "team_off_rating_last_10": F.col("team_off_rating_last_10"),
        **{name: F.col(f"request.{name}") for name in FROM_CONTEXT},
        "primary_scoring_zone": F.col("primary_scoring_zone"),
        "paint_rate_last_10": rate("paint"),
        "three_pt_rate_last_10": rate("three_pt"),
        "assisted_rate_last_10": mean_of_whole(F.col("assisted_makes_10"), F.col("makes_10"), _DECIMALS),
        "player_age": F.col("request.player_age"),
    }


def _points_std() -> Column:
    """The sample standard deviation: whole numbers up to the root, and a root is never a tie."""
    games, total = games_in_last(10), F.col("points_10")
    spread = (games * F.col("points_squared_10") - total * total).cast("double")
    variance = F.when(games >= 2, spread / (games * (games - F.lit(1))).cast("double"))
    return F.round(F.sqrt(variance).cast("decimal(28,14)"), _DECIMALS).cast("decimal(18,4)")


def skipped() -> Skipped:
    """A player with too few games this season has no row."""
    games = F.col("season_games")
    detail = F.concat(games.cast("string"), F.lit(f" games of this season before the date, {NEEDED_GAMES} are needed"))
    return Skipped(games < NEEDED_GAMES, F.lit(TOO_FEW_GAMES), detail)
