"""What a player had done this season before each requested date: sums over the season and its last games.

Exact numbers only; what the tables make of them is decided in the module of each.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, WindowSpec
from pyspark.sql import functions as F

from transforms.as_of import held_whole, sum_since, timeline, totals_before_last, up_to_here
from transforms.player_history import PLAYER, SHOTS, newest_day, played_events
from transforms.precomputed.exact import narrow

LAST_GAMES = (5, 10)
SEASON = (PLAYER, "season_year")
_SUMMED_WHOLE = ("points", *SHOTS, "assisted_fg_makes", "fg_makes")
LAST_TOTALS = (
    *(("points", games) for games in LAST_GAMES),
    *(
        (total, 10)
        for total in ("points_squared", "minutes", "minutes_games", "usage", "usage_games", "ts", "ts_games")
    ),
    *((total, 10) for total in (*SHOTS, "shot_games", "assisted_makes", "makes")),
)
"""Which totals are summed over how many of the last games."""


def player_season(context: DataFrame, games: DataFrame, calendar: DataFrame) -> DataFrame:
    """Every requested row of context with sums over the player's games of this season, strictly before its date.

    Input: `context` and `games` (the player game log), any number of rows per (player_lookup, game_date); `calendar`,
    one row per requested game_date with its `season_year`.
    Output: one row per (player_lookup, day): the struct `request` (the columns of context and calendar), `season_rows`
    (rows of the log, played or not), `season_games` (those that he played), `season_points`, `season_newest_day` (of
    the last one played), `TOTAL_N` for each of `LAST_TOTALS` (0 without a game; minutes, usage and true shooting
    DECIMALs, the others whole; `X_games` counts the games with a value); of any season `newest_day` (of the last game
    played) and `newest_team` (struct; of the newest row, played or not; NULL without one).
    """
    requests = context.join(F.broadcast(calendar), on="game_date", how="inner")
    career, season = up_to_here(PLAYER), up_to_here(*SEASON)
    # First what goes by the player alone: for that the rows are sorted already.
    with_totals = (
        played_events(timeline(narrow(requests), _summable(games), PLAYER))
        .select(
            "*",
            F.last("team", ignorenulls=True).over(career).alias("newest_team"),
            newest_day().over(career).alias("newest_day"),
        )
        .select(
            PLAYER,
            "day",
            "is_game",
            "is_played",
            "season_year",
            "request",
            F.sum("is_game").over(season).alias("season_rows"),
            F.struct(*_totals(season)).alias("totals"),
            newest_day().over(season).alias("season_newest_day"),
            "newest_team",
            "newest_day",
        )
    )
    earlier = [totals_before_last(last, "totals_after_game", *SEASON).alias(f"totals_{last}") for last in LAST_GAMES]
    return (
        with_totals.select("*", F.when(F.col("is_played") == 1, F.col("totals")).alias("totals_after_game"))
        .select("*", *earlier)
        .where(F.col("is_game") == 0)
        .select(
            PLAYER,
            "day",
            "request",
            "newest_team",
            "newest_day",
            "season_newest_day",
            "season_rows",
            F.col("totals.games").alias("season_games"),
            F.coalesce("totals.points", F.lit(0)).alias("season_points"),
            *[sum_since(total, f"totals_{last}").alias(f"{total}_{last}") for total, last in LAST_TOTALS],
        )
    )


def _summable(games: DataFrame) -> DataFrame:
    """The game log with numbers that can be summed without losing a digit or running over."""
    narrowed = narrow(games)
    return narrowed.select(
        *[held_whole(games, name) if name in _SUMMED_WHOLE else F.col(name) for name in narrowed.columns]
    )


def _totals(season: WindowSpec) -> list[Column]:
    """Running totals over the games that were played."""
    points, minutes, usage, ts = (
        F.col(f"game.{name}") for name in ("points", "minutes_played", "usage_rate", "ts_pct")
    )
    shots_known = F.col("game").isNotNull()
    for shot in SHOTS:
        shots_known = shots_known & F.col(f"game.{shot}").isNotNull()
    summed = {
        "points": points,
        "points_squared": points * points,
        "minutes": minutes,
        "usage": usage,
        "ts": ts,
        **{shot: F.when(shots_known, F.col(f"game.{shot}")) for shot in SHOTS},
        "assisted_makes": F.col("game.assisted_fg_makes"),
        "makes": F.col("game.fg_makes"),
    }
    counted = {
        "minutes_games": minutes,
        "usage_games": usage,
        "ts_games": ts,
        "shot_games": F.when(shots_known, F.lit(1)),
    }
    return [
        F.sum("is_played").over(season).alias("games"),
        *[F.sum(value).over(season).alias(name) for name, value in summed.items()],
        *[F.count(value).over(season).alias(name) for name, value in counted.items()],
    ]


def games_in_last(games: int) -> Column:
    """How many games the last `games` played of the season really are."""
    return F.least(F.col("season_games"), F.lit(games))
