"""Players who played on a date and have no row of context: who they are, and the rows that they get if asked for.

An added row says who played for whom, and what the schedule knew in advance; nothing that happened on the date.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.deduplicate import newest_rows
from transforms.played import is_played
from transforms.schedule import phase

ADDED = "from_game_log"
"""The column of context that is true in an added row; a context without it has no such row."""

PLAYED = "points > 0 OR (points = 0 AND minutes_played > 0)"
"""The condition of `is_played` in SQL, as every warehouse takes it."""

_KEY = ("player_lookup", "game_date")


def players_without_context(games: DataFrame, context: DataFrame) -> DataFrame:
    """The newest game-log row of each player and date on which he played and has no row of context.

    Input: `games`, the player game log, and `context`, both any number of rows per (player_lookup, game_date) and of
    the dates in question alone. Output: one row per (player_lookup, game_date), the columns of `games`.
    """
    newest = newest_rows(games, _KEY).withColumn("game", F.struct("points", "minutes_played"))
    played = newest.where(is_played("game"))
    return played.join(context.select(*_KEY), on=list(_KEY), how="left_anti").select(*games.columns)


def with_added_rows(context: DataFrame, players: DataFrame, schedule: DataFrame) -> DataFrame:
    """Context with a row for each player who played and has none.

    Input: `context`, any number of rows per key; `players`, the rows of `players_without_context`; `schedule`, one row
    a scheduled game, any number per game_id. Output: the rows of `context` and one a row of `players`, the columns of
    `context` and `from_game_log`. An added row has the team of the game log, and of that team's game of the date with
    the smallest `game_id` the id, opponent, home and phase (NULL without such a game); its times are those of the log.
    """
    asked = players.select(*_KEY, "team_abbr", "processed_at", "created_at")
    games = _games_of_teams(schedule)
    joined = asked.join(games, on=["game_date", "team_abbr"], how="left").withColumn(ADDED, F.lit(True))
    added = joined.select(
        *[
            F.col(field.name).cast(field.dataType)
            if field.name in joined.columns
            else F.lit(None).cast(field.dataType).alias(field.name)
            for field in context.schema.fields
        ],
        ADDED,
    )
    return context.withColumn(ADDED, F.lit(False)).unionByName(added)


def marked(context: DataFrame) -> DataFrame:
    """Context with `from_game_log`, false where nobody has added a row."""
    return context if ADDED in context.columns else context.withColumn(ADDED, F.lit(False))


def _games_of_teams(schedule: DataFrame) -> DataFrame:
    """One row per (game_date, team_abbr): its game with the smallest `game_id`, as context calls its columns."""
    home, away = F.col("home_team_tricode"), F.col("away_team_tricode")
    sides = schedule.where(F.col("game_id").isNotNull()).select(
        "game_date",
        F.explode(F.array(_side(home, away, at_home=True), _side(away, home, at_home=False))).alias("side"),
    )
    first = sides.groupBy("game_date", F.col("side.team_abbr").alias("team_abbr")).agg(F.min("side.game").alias("game"))
    return first.select("game_date", "team_abbr", "game.*")


def _side(team: Column, opponent: Column, *, at_home: bool) -> Column:
    game = F.struct(
        F.col("game_id"),
        opponent.alias("opponent_team_abbr"),
        F.lit(at_home).alias("home_game"),
        phase().alias("season_phase"),
    )
    return F.struct(team.alias("team_abbr"), game.alias("game"))
