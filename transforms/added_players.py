"""Players who played on a date and have no row of context: the requests that stand in for those rows.

Such a request exists because the player played; its features know nothing of the date itself.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from transforms.deduplicate import newest_rows
from transforms.played import is_played
from transforms.player_history import PLAYER
from transforms.schedule import TEAM, phase

ADDED = "added"
"""The column of a request that says that it stands in for a row of context."""
_KEY = (PLAYER, "game_date")


def played_without_context(context: DataFrame, games: DataFrame, calendar: DataFrame) -> DataFrame:
    """The games that players played on requested dates without a row of context, on dates that have such rows.

    Input: context and the player game log, any number of rows a (player_lookup, game_date); `calendar`, one row a
    requested game_date. Output: one row a (player_lookup, game_date): those and `team_abbr` of its newest game row.
    """
    asked = context.where(F.col(PLAYER).isNotNull()).select(*_KEY).distinct()
    dates = asked.join(F.broadcast(calendar.select("game_date")), on="game_date", how="left_semi")
    on_dates = games.join(F.broadcast(dates.select("game_date").distinct()), on="game_date", how="left_semi")
    newest = newest_rows(on_dates, _KEY).select(*_KEY, TEAM, F.struct("points", "minutes_played").alias("game"))
    return newest.where(is_played("game")).drop("game").join(asked, on=list(_KEY), how="left_anti")


def with_added_players(context: DataFrame, games: DataFrame, schedule: DataFrame, calendar: DataFrame) -> DataFrame:
    """Context with a row for each player of `played_without_context`, and the column `ADDED`.

    Input as there; `schedule`, one row a scheduled game. An added row has team, game (the one of the team's on the date
    with the smallest game_id), opponent, home and phase; every other column is NULL, `game_id` too without a game.
    """
    sides = (("home_team_tricode", "away_team_tricode", True), ("away_team_tricode", "home_team_tricode", False))
    of_team = [
        F.struct(
            F.col(own).alias(TEAM),
            F.col(opponent).alias("opponent_team_abbr"),
            F.lit(at_home).alias("home_game"),
        )
        for own, opponent, at_home in sides
    ]
    game = F.struct("game_id", "side.opponent_team_abbr", "side.home_game", phase().alias("season_phase"))
    first_games = (
        schedule.where(F.col("game_id").isNotNull())
        .select("*", F.explode(F.array(*of_team)).alias("side"))
        .groupBy(F.col(f"side.{TEAM}").alias(TEAM), "game_date")
        .agg(F.min(game).alias("game"))
    )
    found = played_without_context(context, games, calendar).join(first_games, on=[TEAM, "game_date"], how="left")
    known = found.select(*_KEY, TEAM, "game.*", F.lit(True).alias(ADDED))
    return context.withColumn(ADDED, F.lit(False)).unionByName(known, allowMissingColumns=True)
