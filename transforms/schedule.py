"""The schedule as the authority on games: the phase of each, a team's game of a date, and the final games before it.

Dates, seasons and phases are known in advance; only `game_status` is a result.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.as_of import timeline, up_to_here

TEAM = "team_abbr"
FINAL = 3
REGULAR_SEASON = "regular_season"
PLAYOFFS = "playoffs"
OTHER = "other"


def phase() -> Column:
    """The phase of a schedule row: `season_phase`, where that is NULL by the two booleans, else `other`; never NULL."""
    by_flag = F.when(F.col("is_playoffs"), F.lit(PLAYOFFS)).when(F.col("is_regular_season"), F.lit(REGULAR_SEASON))
    return F.coalesce(F.col("season_phase"), by_flag.otherwise(F.lit(OTHER)))


def is_playoffs(phase_of_game: Column) -> Column:
    """Whether a phase is that of the playoffs, in any case of letters."""
    return F.lower(phase_of_game) == PLAYOFFS


def playoffs_by_team(schedule: DataFrame, calendar: DataFrame) -> DataFrame:
    """Which of each team's games on the requested dates are in the playoffs.

    Input: `schedule`, one row per scheduled game, any number per game_id; `calendar`, one row per requested game_date.
    Output: one row per (team_abbr, day) with a game: `playoffs_by_game`, a map from game_id; `playoffs_of_first`, of
    the game with the smallest game_id. A game that stands more than once is in the playoffs when one of its rows is.
    """
    dates = F.broadcast(calendar.select("game_date"))
    games = schedule.join(dates, on="game_date", how="left_semi").select(
        F.explode(F.array("home_team_tricode", "away_team_tricode")).alias(TEAM),
        F.unix_date("game_date").alias("day"),
        "game_id",
        is_playoffs(phase()).alias("playoffs"),
    )
    by_game = games.groupBy(TEAM, "day", "game_id").agg(F.max("playoffs").alias("playoffs"))
    has_id = F.col("game_id").isNotNull()
    first = F.min(F.struct((~has_id).alias("has_none"), "game_id", "playoffs"))
    return by_game.groupBy(TEAM, "day").agg(
        F.map_from_entries(F.collect_list(F.when(has_id, F.struct("game_id", "playoffs")))).alias("playoffs_by_game"),
        first["playoffs"].alias("playoffs_of_first"),
    )


def final_games(schedule: DataFrame, calendar: DataFrame, name: str) -> DataFrame:
    """The final games of each team this season, before each requested date.

    Input: `schedule` as above (a re-scheduled game may stand twice); `calendar`, one row per requested game_date with
    its `season_year`. Output: one row per (team_abbr, day), the struct `name`: `games`, how many distinct dates had a
    game with game_status 3, and `last_day`, the last of them in days since 1970-01-01 (NULL without one).
    """
    nothing = F.lit(None).cast("timestamp")
    times = (nothing.alias("processed_at"), nothing.alias("created_at"))
    played = schedule.where(F.col("game_status") == FINAL).select(
        F.explode(F.array("home_team_tricode", "away_team_tricode")).alias(TEAM), "game_date", "season_year", *times
    )
    requests = (
        played.select(TEAM).distinct().crossJoin(F.broadcast(calendar.select("game_date", "season_year", *times)))
    )
    season = up_to_here(TEAM, "season_year")
    last_day = F.max(F.when(F.col("is_game") == 1, F.col("day"))).over(season)
    of_team = F.struct(F.sum("is_game").over(season).alias("games"), last_day.alias("last_day"))
    return (
        timeline(requests, played, TEAM, "season_year")
        .select(TEAM, "day", "is_game", of_team.alias(name))
        .where(F.col("is_game") == 0)
        .drop("is_game")
    )
