"""What a player had done this season before each requested date: sums over the season and its last games.

Exact numbers only; what the tables make of them is decided in the module of each.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, WindowSpec
from pyspark.sql import functions as F

from transforms.as_of import sum_since, timeline, totals_before_last, up_to_here
from transforms.player_history import PLAYER, SHOTS
from transforms.precomputed.exact import narrow

LAST_GAMES = (5, 10)
SEASON = (PLAYER, "season_year")
POINTS = ("points", "points_games")
LAST_TOTALS = (
    *((total, games) for total in POINTS for games in LAST_GAMES),
    *((total, 10) for total in ("points_squared", "minutes", "usage", "usage_games", "ts", "ts_games")),
    *((total, 10) for total in (*SHOTS, "assisted_makes", "makes")),
)
"""Which totals are summed over how many of the last games."""


def player_season(context: DataFrame, games: DataFrame, calendar: DataFrame) -> DataFrame:
    """Every requested row of context with sums over the player's games of this season, strictly before its date.

    Input: `context` and `games` (the player game log), any number of rows a (player_lookup, game_date); `calendar`, one
    row a requested game_date with its `season_year`. A game counts when its newest row has `minutes_played > 0`.
    Output: one row a (player_lookup, day): the struct `request` (the columns of context and calendar), `season_games`
    (0 without one), `season_points` and `season_points_games`, `TOTAL_N` for each of `LAST_TOTALS` (0 without one;
    minutes, usage and true shooting DECIMALs, the others whole; `X_games` counts the games with a value) and
    `newest_team` (struct; of the newest game of any season, NULL without one).
    """
    requests = context.join(F.broadcast(calendar), on="game_date", how="inner")
    played = (F.col("is_game") == 0) | (F.col("game.minutes_played") > 0)
    events = timeline(narrow(requests), narrow(games), PLAYER).where(played)
    is_game = F.col("is_game") == 1
    team = F.last(F.when(is_game, F.struct("game.team_abbr")), ignorenulls=True).over(up_to_here(PLAYER))
    # First what goes by the player alone: for that the rows are sorted already.
    with_totals = events.select("*", team.alias("newest_team")).select(
        PLAYER,
        "day",
        "is_game",
        "season_year",
        "request",
        F.struct(*_totals(up_to_here(*SEASON))).alias("totals"),
        "newest_team",
    )
    earlier = [totals_before_last(last, "totals_after_game", *SEASON).alias(f"totals_{last}") for last in LAST_GAMES]
    return (
        with_totals.select("*", F.when(is_game, F.col("totals")).alias("totals_after_game"))
        .select("*", *earlier)
        .where(F.col("is_game") == 0)
        .select(
            PLAYER,
            "day",
            "request",
            "newest_team",
            F.col("totals.games").alias("season_games"),
            F.coalesce("totals.points", F.lit(0)).alias("season_points"),
            F.col("totals.points_games").alias("season_points_games"),
            *[sum_since(total, f"totals_{last}").alias(f"{total}_{last}") for total, last in LAST_TOTALS],
        )
    )


def _totals(season: WindowSpec) -> list[Column]:
    points, usage, ts = F.col("game.points"), F.col("game.usage_rate"), F.col("game.ts_pct")
    shots_known = F.col("game").isNotNull()
    for shot in SHOTS:
        shots_known = shots_known & F.col(f"game.{shot}").isNotNull()
    summed = {
        "points": points,
        "points_squared": points * points,
        "minutes": F.col("game.minutes_played"),
        "usage": usage,
        "ts": ts,
        **{shot: F.when(shots_known, F.col(f"game.{shot}")) for shot in SHOTS},
        "assisted_makes": F.col("game.assisted_fg_makes"),
        "makes": F.col("game.fg_makes"),
    }
    counted = {"points_games": points, "usage_games": usage, "ts_games": ts}
    return [
        F.sum("is_game").over(season).alias("games"),
        *[F.sum(value).over(season).alias(name) for name, value in summed.items()],
        *[F.count(value).over(season).alias(name) for name, value in counted.items()],
    ]


def games_in_last(games: int) -> Column:
    """How many games the last `games` of the season really are."""
    return F.least(F.col("season_games"), F.lit(games))
