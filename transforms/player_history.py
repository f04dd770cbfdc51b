"""What a player had done before each requested date: running totals by window, from his own games.

Numbers only; what the features make of them is decided in the feature families.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.as_of import (
    days_before,
    held_whole,
    narrow_decimal,
    sum_since,
    timeline,
    totals_before_last,
    up_to_here,
)
from transforms.played import is_played

PLAYER = "player_lookup"
LAST_GAMES = (2, 5, 10)
DAYS_OF_A_WEEK = 7
SHOTS = ("paint_attempts", "mid_range_attempts", "three_pt_attempts")
LAST_TOTALS = (
    *(("points", games) for games in LAST_GAMES),
    *((total, 10) for total in ("points_squared", "ft_makes", "minutes", "minutes_games", *SHOTS)),
)
"""Which totals are summed over how many of the last games."""
SEASON_TOTALS = (
    *("season_rows", "season_games", "season_points", "season_minutes", "season_minutes_games"),
    "season_newest_day",
)
_SUMMED_WHOLE = ("points", "ft_makes", *SHOTS)


def player_history(context: DataFrame, games: DataFrame, calendar: DataFrame) -> DataFrame:
    """Every requested row of context with the totals of the player's games strictly before its date.

    Input: `context` with one row per (player_lookup, game_date) and re-processing; `games`, the player game log, alike;
    `calendar` with one row per requested game_date (`season_year` and any others), broadcast.
    Output: one row per (player_lookup, day) of context on a calendar date, de-duplicated: `request` (struct of the
    other context and calendar columns); of this season `season_rows` (rows of the log, played or not), `season_games`
    (those that he played), sums and counts of those, `season_newest_day`; of the whole career `games` (played),
    `newest_day` (of the last one played), `newest_team` (struct; of the newest row, played or not; NULL without one),
    `games_in_last_7_days` and `TOTAL_N` for each of `LAST_TOTALS` (the sum over the last N games played, 0 without
    one). Days since 1970-01-01, points and makes in points, minutes in minutes, shots in attempts.
    """
    requests = context.join(F.broadcast(calendar), on="game_date", how="inner")
    with_season = played_events(timeline(requests, _summable(games), PLAYER)).select("*", *_season_columns())
    with_totals = with_season.select(
        "*",
        F.struct(*_career_totals()).alias("totals"),
        newest_day().over(up_to_here(PLAYER)).alias("newest_day"),
        F.last("team", ignorenulls=True).over(up_to_here(PLAYER)).alias("newest_team"),
        F.sum("is_played").over(days_before(DAYS_OF_A_WEEK, PLAYER)).alias("games_in_last_7_days"),
    )
    totals_after_game = F.when(F.col("is_played") == 1, F.col("totals")).alias("totals_after_game")
    earlier_totals = [
        totals_before_last(last, "totals_after_game", PLAYER).alias(f"totals_{last}") for last in LAST_GAMES
    ]
    requested = with_totals.select("*", totals_after_game).select("*", *earlier_totals).where(F.col("is_game") == 0)
    return requested.select(
        PLAYER,
        "day",
        "request",
        *SEASON_TOTALS,
        "newest_day",
        "newest_team",
        "games_in_last_7_days",
        F.col("totals.games").alias("games"),
        *[sum_since(total, f"totals_{last}").alias(f"{total}_{last}") for total, last in LAST_TOTALS],
    )


def _summable(games: DataFrame) -> DataFrame:
    """The game log with numbers that can be summed without losing a digit or running over."""
    return games.select(
        *[
            narrow_decimal(games, name)
            if name == "minutes_played"
            else held_whole(games, name)
            if name in _SUMMED_WHOLE
            else F.col(name)
            for name in games.columns
        ]
    )


def played_events(events: DataFrame) -> DataFrame:
    """Events with `is_played` (0 or 1) and `team` (struct) of every game row; `game` only where it was played."""
    played = is_played("game")
    return events.select(
        PLAYER,
        "day",
        "is_game",
        "season_year",
        "request",
        F.when(played, F.lit(1)).otherwise(F.lit(0)).alias("is_played"),
        F.when(F.col("is_game") == 1, F.struct("game.team_abbr")).alias("team"),
        F.when(played, F.col("game")).alias("game"),
    )


def newest_day() -> Column:
    """The day of the last game played, of events of `played_events`; to be taken over a window."""
    return F.max(F.when(F.col("is_played") == 1, F.col("day")))


def _season_columns() -> list[Column]:
    season = up_to_here(PLAYER, "season_year")
    return [
        F.sum("is_game").over(season).alias("season_rows"),
        F.sum("is_played").over(season).alias("season_games"),
        F.sum("game.points").over(season).alias("season_points"),
        F.sum("game.minutes_played").over(season).alias("season_minutes"),
        F.count("game.minutes_played").over(season).alias("season_minutes_games"),
        newest_day().over(season).alias("season_newest_day"),
    ]


def _career_totals() -> list[Column]:
    career = up_to_here(PLAYER)
    points, minutes = F.col("game.points"), F.col("game.minutes_played")
    counted_shots = F.col("game").isNotNull()
    for shot in SHOTS:
        counted_shots = counted_shots & F.col(f"game.{shot}").isNotNull()
    return [
        F.sum("is_played").over(career).alias("games"),
        F.sum(points).over(career).alias("points"),
        F.sum(points * points).over(career).alias("points_squared"),
        F.sum("game.ft_makes").over(career).alias("ft_makes"),
        F.sum(minutes).over(career).alias("minutes"),
        F.count(minutes).over(career).alias("minutes_games"),
        *[F.sum(F.when(counted_shots, F.col(f"game.{shot}"))).over(career).alias(shot) for shot in SHOTS],
    ]


def in_last(games: int, total: str) -> Column:
    """The sum of a total over the player's last `games` games, one of `LAST_TOTALS` of a `player_history` row."""
    if (total, games) not in LAST_TOTALS:
        raise ValueError(f"{total} over {games} games is not among the sums of a player's history")
    return F.col(f"{total}_{games}")


def games_in_last(games: int) -> Column:
    """How many games the last `games` played really are: all of them, or fewer early in a career."""
    return F.least(F.col("games"), F.lit(games))
