"""When the newest row that each requested date reads was processed: of context, phase 4, and the games before it.

The same as-of form as the features, over processing times instead of points.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from transforms.as_of import timeline, up_to_here
from transforms.played import is_played
from transforms.player_history import LAST_GAMES, PLAYER
from transforms.precomputed_lookup import PLAYER_SOURCES, TEAM_SOURCE
from transforms.schedule import TEAM
from transforms.team_history import DEFENSE_GAMES, OFFENSE_GAMES

NEWEST = "newest_processed_at"
_OPPONENT = "opponent_team_abbr"


def newest_inputs(sources: Mapping[str, DataFrame], calendar: DataFrame) -> DataFrame:
    """The newest `processed_at` of all rows that the rows of a date would read.

    Input: `sources` as for `feature_rows`; `calendar`, one row per requested game_date with its `season_year`.
    Output: one row per game_date with a context row: `game_date`, `newest_processed_at` (NULL when no row has a time).
    Of the games before a date those count that its windows hold: the player's of this season and from his last 10
    played on, the own team's of this season and its last 10, the opponent's last 15 of this season.
    """
    context = sources["upcoming_player_game_context"]
    requests = context.join(F.broadcast(calendar.select("game_date", "season_year")), on="game_date", how="inner")
    parts = [
        _newest_by_date(requests.select("game_date", F.col("processed_at").alias(NEWEST))),
        *[
            _newest_by_date(_keyed(requests, sources[source.table_name], PLAYER, PLAYER, source.date_column))
            for source in PLAYER_SOURCES
        ],
        _newest_by_date(_keyed(requests, sources[TEAM_SOURCE.table_name], _OPPONENT, TEAM, TEAM_SOURCE.date_column)),
        _newest_by_date(_of_games(requests, sources["player_game_summary"], PLAYER, PLAYER, max(LAST_GAMES))),
        _newest_by_date(_of_games(requests, sources["team_offense_game_summary"], TEAM, TEAM, OFFENSE_GAMES)),
        _newest_by_date(
            _of_games(
                requests,
                sources["team_defense_game_summary"],
                _OPPONENT,
                "defending_team_abbr",
                DEFENSE_GAMES,
                of_season=True,
            )
        ),
    ]
    return _newest_by_date(reduce(DataFrame.unionByName, parts))


def _newest_by_date(rows: DataFrame) -> DataFrame:
    return rows.groupBy("game_date").agg(F.max(NEWEST).alias(NEWEST))


def _keyed(requests: DataFrame, rows: DataFrame, asked: str, entity: str, date_column: str) -> DataFrame:
    """The rows of a pre-computed table that a request reads: those of its player or opponent and its date."""
    keys = requests.select("game_date", F.col(asked).alias("entity")).distinct()
    times = rows.select(
        F.col(date_column).alias("game_date"), F.col(entity).alias("entity"), F.col("processed_at").alias(NEWEST)
    )
    return keys.join(times, on=["game_date", "entity"], how="inner").select("game_date", NEWEST)


def _of_games(
    requests: DataFrame, games: DataFrame, asked: str, entity: str, last: int, *, of_season: bool = False
) -> DataFrame:
    """The games that a request reads: the last ones, and those of the season; with `of_season` the last of the season.

    Of players the last ones played and every row between and after them: whether those were played is read too. A game
    that has more than one row counts with the newest of them.
    """
    no_time = F.lit(None).cast("timestamp")
    asking = (
        requests.select(F.col(asked).alias("entity"), "game_date", "season_year")
        .distinct()
        .select("*", no_time.alias("processed_at"), no_time.alias("created_at"))
    )
    of_players = entity == PLAYER
    log = games.select(
        F.col(entity).alias("entity"),
        "game_date",
        "season_year",
        "processed_at",
        "created_at",
        F.col("processed_at").alias("processed"),
        *(["points", "minutes_played"] if of_players else []),
    )
    keys = ("entity", "season_year") if of_season else ("entity",)
    counted = is_played("game").cast("int") if of_players else F.col("is_game")
    numbered = timeline(asking, log, "entity").select(
        "*", F.sum(counted).over(up_to_here(*keys)).cast("int").alias("games")
    )
    # Rows of one number are a game and those that were sat out after it, of which a request knows those before it.
    earlier_games = Window.partitionBy(*keys).orderBy("games").rangeBetween(-(last - 1), -1)
    windows = [earlier_games, up_to_here(*keys, "games")]
    if not of_season:
        windows.append(up_to_here("entity", "season_year"))
    newest: Column = F.greatest(*[F.max("game.processed").over(window) for window in windows])
    return (
        numbered.select("is_game", "request", newest.alias(NEWEST))
        .where(F.col("is_game") == 0)
        .select("request.game_date", NEWEST)
    )
