"""What a team had done before each requested date, in attack and in defence.

The same as-of form as for players. Team results are small: callers broadcast them.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, WindowSpec
from pyspark.sql import functions as F

from transforms.as_of import mean, narrow_decimal, timeline, totals_before_last, up_to_here
from transforms.schedule import TEAM

OFFENSE_GAMES = 10
DEFENSE_GAMES = 15
WIN_PCT_NEEDS = 5


def team_offense(games: DataFrame, calendar: DataFrame) -> DataFrame:
    """A team's pace and offensive rating over its last 10 games, and its share of wins this season.

    Input: `games`, one row per (team_abbr, game_date) and re-processing; `calendar`, one row per requested game_date
    with its `season_year`. Output: one row per (team_abbr, day): `team_pace` (possessions a game), `team_off_rating`
    (points per 100 possessions), NULL without a value; `team_win_pct` (0 to 1), NULL with fewer than 5 games.
    """
    log = _game_log(games, "pace", "offensive_rating")
    season = up_to_here(TEAM, "season_year")
    won = F.when(F.col("game.win_flag"), F.lit(1)).otherwise(F.lit(0))
    events = timeline(team_requests(log, calendar), log, TEAM).select(
        "*",
        F.sum("is_game").over(season).alias("season_games"),
        F.sum(won).over(season).alias("season_wins"),
        F.struct(*_sums(up_to_here(TEAM), "pace", "offensive_rating")).alias("totals"),
    )
    win_pct = F.when(F.col("season_games") >= WIN_PCT_NEEDS, mean(F.col("season_wins"), F.col("season_games")))
    return with_earlier_totals(events, OFFENSE_GAMES, TEAM).select(
        TEAM,
        "day",
        _mean_of_last("pace").alias("team_pace"),
        _mean_of_last("offensive_rating").alias("team_off_rating"),
        win_pct.alias("team_win_pct"),
    )


def team_defense(games: DataFrame, calendar: DataFrame) -> DataFrame:
    """What a team allowed over its last 15 games of this season.

    Input: `games`, one row per (defending_team_abbr, game_date) and re-processing; `calendar` as above.
    Output: one row per (team_abbr, day): `opponent_def_rating` (points per 100 possessions), `opponent_pace`
    (possessions a game); NULL without a value.
    """
    log = _game_log(games.withColumnRenamed("defending_team_abbr", TEAM), "defensive_rating", "opponent_pace")
    season = (TEAM, "season_year")
    events = timeline(team_requests(log, calendar), log, TEAM).select(
        "*", F.struct(*_sums(up_to_here(*season), "defensive_rating", "opponent_pace")).alias("totals")
    )
    return with_earlier_totals(events, DEFENSE_GAMES, *season).select(
        TEAM,
        "day",
        _mean_of_last("defensive_rating").alias("opponent_def_rating"),
        _mean_of_last("opponent_pace").alias("opponent_pace"),
    )


def opponent_def_rating() -> Column:
    """Points per 100 possessions that the opponent allowed over its last 15 games of this season."""
    return F.col("opponent_def_rating")


def opponent_pace() -> Column:
    """Possessions a game of the same games."""
    return F.col("opponent_pace")


def team_pace() -> Column:
    """Possessions a game over the own team's last 10 games."""
    return F.col("team_pace")


def team_off_rating() -> Column:
    """Points per 100 possessions of the same games."""
    return F.col("team_off_rating")


def team_win_pct() -> Column:
    """Wins per game of the own team this season; NULL with fewer than 5 games."""
    return F.col("team_win_pct")


def _game_log(games: DataFrame, *decimals: str) -> DataFrame:
    return games.select(*[narrow_decimal(games, name) if name in decimals else F.col(name) for name in games.columns])


def team_requests(log: DataFrame, calendar: DataFrame) -> DataFrame:
    """One request per requested date and team of the log: `team_abbr`, `game_date`, `season_year`, no times."""
    nothing = F.lit(None).cast("timestamp")
    dates = calendar.select("game_date", "season_year", nothing.alias("processed_at"), nothing.alias("created_at"))
    return log.select(TEAM).distinct().crossJoin(F.broadcast(dates))


def _sums(window: WindowSpec, *names: str) -> list[Column]:
    sums = [F.sum(f"game.{name}").over(window).alias(name) for name in names]
    counts = [F.count(f"game.{name}").over(window).alias(f"{name}_games") for name in names]
    return [*sums, *counts]


def with_earlier_totals(events: DataFrame, games: int, *keys: str) -> DataFrame:
    """The requests among events with `totals`, and beside those `earlier_totals`: as before the last `games` games."""
    totals_after_game = F.when(F.col("is_game") == 1, F.col("totals")).alias("totals_after_game")
    return (
        events.select("*", totals_after_game)
        .select("*", totals_before_last(games, "totals_after_game", *keys).alias("earlier_totals"))
        .where(F.col("is_game") == 0)
    )


def _mean_of_last(name: str) -> Column:
    total, games = (
        F.col(f"totals.{field}") - F.coalesce(F.col(f"earlier_totals.{field}"), F.lit(0))
        for field in (name, f"{name}_games")
    )
    return mean(total, games)
