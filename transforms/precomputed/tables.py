"""From sources to the rows of the four pre-computed tables, every requested date at once, strictly before each.

What is written of them, and where, is the jobs' business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.columns import named
from transforms.completeness import (
    CURRENT_TEAM,
    READY_PERCENTAGE,
    actual_games,
    current_team,
    expected_games,
    percentage,
)
from transforms.deduplicate import newest_rows
from transforms.player_history import PLAYER
from transforms.precomputed import daily_cache, shot_zone
from transforms.precomputed.composite import composite_columns
from transforms.precomputed.player_season import player_season
from transforms.precomputed.row_hash import row_hash
from transforms.precomputed.skipped import Skipped, never
from transforms.precomputed.team_results import team_defense_results, team_offense_results
from transforms.precomputed_lookup import join_team
from transforms.schedule import TEAM, final_games
from transforms.skips import SKIP_COLUMNS

CONTEXT = "upcoming_player_game_context"
SHOT_ZONES = "player_shot_zone_analysis"
TEAM_DEFENSE = "team_defense_zone_analysis"
DAILY_CACHE = "player_daily_cache"
COMPOSITE = "player_composite_factors"

Sources = Mapping[str, DataFrame]
_SKIPPED = {SHOT_ZONES: shot_zone.skipped, DAILY_CACHE: daily_cache.skipped}


def player_rows(sources: Sources, calendar: DataFrame) -> DataFrame:
    """What the tables of players have in common: every request with the player's season before it.

    Input as of `upstream_rows`.
    Output: one row per (player_lookup, day) of context on a calendar date: the columns of
    `player_season`, the final games of the current team (struct), and the measures of `shot_zone`. Whoever computes
    several tables does well to keep it.
    """
    asked = calendar.select("game_date", "season_year")
    history = player_season(sources[CONTEXT], sources["player_game_summary"], asked)
    final = final_games(sources["nbac_schedule"], asked, CURRENT_TEAM)
    measured = join_team(history, final, current_team()).select("*", *named(shot_zone.measures()))
    return measured.select("*", shot_zone.primary_scoring_zone().alias("primary_scoring_zone"))


def upstream_rows(
    table: str,
    sources: Sources,
    calendar: DataFrame,
    *,
    created_at: Column,
    players: DataFrame | None = None,
) -> DataFrame:
    """The rows of one of the pre-computed tables for every requested date.

    Input: `sources` by table name (context, the player and the two team game logs, the schedule), each any number of
    rows per key, its columns in the order in which ties are broken; `calendar`, one row per requested game_date outside
    the bootstrap period: `season_year` and any others; `created_at`, the time of writing. `players` are `player_rows`
    of these sources, of these dates at least, where the caller has them.
    Output: one row per (player_lookup, date) of context, or a (team_abbr, date) of a team with a game this season, with
    every column of the table, `skip_reason` and `skip_detail` (NULL for a row to be written). KeyError for another
    table.
    """
    asked = _Asked(sources, calendar, created_at, players)
    rows_of = {
        SHOT_ZONES: asked.shot_zones,
        TEAM_DEFENSE: asked.team_defense,
        DAILY_CACHE: asked.daily_cache,
        COMPOSITE: asked.composite,
    }
    return rows_of[table]()


def skipped_rows(table: str, players: DataFrame) -> DataFrame:
    """The requests that have no row in a table, by their number of games alone.

    Input: `players`, one row per (player_lookup, day) with `season_games`. Output: one row per request without a row:
    `game_date`, `player_lookup`, `skip_reason`, `skip_detail`. KeyError for a table that has a row of every request.
    """
    skipped = _SKIPPED[table]()
    reasons = [text.cast("string").alias(name) for name, text in zip(SKIP_COLUMNS, skipped[1:], strict=True)]
    return players.where(skipped.when).select(F.date_from_unix_date("day").alias("game_date"), PLAYER, *reasons)


def first_games(team_games: DataFrame) -> DataFrame:
    """When each team had its first game of each season: from then on it has one row per date of that season.

    Input: the defence game log, any number of rows per (defending_team_abbr, game_date). Output: one row a
    (defending_team_abbr, season_year): `first_game`.
    """
    games = newest_rows(team_games, ("defending_team_abbr", "game_date"))
    return games.groupBy("defending_team_abbr", "season_year").agg(F.min("game_date").alias("first_game"))


class _Asked:
    """One question to the sources; each table takes what it needs of them."""

    def __init__(self, sources: Sources, calendar: DataFrame, created_at: Column, players: DataFrame | None) -> None:
        self._sources = sources
        self._calendar = calendar.select("game_date", "season_year")
        self._kept = players
        self._created_at = created_at

    def shot_zones(self) -> DataFrame:
        rows = self._players().select("*", *named(self._player_state("analysis_date")))
        own = shot_zone.shot_zone_columns()
        return self._finished(rows, (PLAYER, "analysis_date"), own, skipped=shot_zone.skipped())

    def team_defense(self) -> DataFrame:
        rows = self._defense().select("*", self._date("analysis_date"))
        state = ("completeness_percentage", "is_production_ready")
        names = [name for name in rows.columns if name not in (TEAM, "day", "analysis_date", *state)]
        return self._finished(rows, (TEAM, "analysis_date"), {name: F.col(name) for name in names})

    def daily_cache(self) -> DataFrame:
        offense = team_offense_results(self._sources["team_offense_game_summary"], self._calendar)
        rows = join_team(self._players(), offense, F.col("request.team_abbr"))
        with_state = rows.select("*", *named(self._player_state("cache_date")))
        key = (PLAYER, "universal_player_id", "cache_date")
        return self._finished(with_state, key, daily_cache.daily_cache_columns(), skipped=daily_cache.skipped())

    def composite(self) -> DataFrame:
        defense = self._defense()
        others = [name for name in defense.columns if name not in (TEAM, "day")]
        of_opponent = defense.select(TEAM, "day", F.struct(*others).alias("defense"))
        rows = join_team(self._players(), of_opponent, F.col("request.opponent_team_abbr"))
        state = self._player_state("game_date")
        both = (F.col("season_games") > 0) & F.coalesce("defense.is_production_ready", F.lit(False))
        state["is_production_ready"] = state["is_production_ready"] & both
        state["game_id"], state["analysis_date"] = F.col("request.game_id"), state["game_date"]
        key = (PLAYER, "universal_player_id", "game_date", "game_id", "analysis_date")
        return self._finished(rows.select("*", *named(state)), key, composite_columns())

    def _players(self) -> DataFrame:
        if self._kept is None:
            return player_rows(self._sources, self._calendar)
        days = self._calendar.select(F.unix_date("game_date").alias("day"))
        return self._kept.join(F.broadcast(days), on="day", how="left_semi")

    def _defense(self) -> DataFrame:
        return team_defense_results(self._sources["team_defense_game_summary"], self._calendar)

    def _date(self, name: str) -> Column:
        return F.date_from_unix_date("day").alias(name)

    def _player_state(self, date: str) -> dict[str, Column]:
        completeness = percentage(actual_games(), expected_games())
        return {
            date: self._date(date),
            "universal_player_id": F.col("request.universal_player_id"),
            "completeness_percentage": completeness,
            "is_production_ready": completeness >= READY_PERCENTAGE,
        }

    def _finished(
        self,
        rows: DataFrame,
        key: Sequence[str],
        own: Mapping[str, Column],
        skipped: Skipped | None = None,
    ) -> DataFrame:
        """The columns of the table in order, its hash and times; `skipped`, the requests that have no row."""
        business = [*key, *own, "completeness_percentage", "is_production_ready"]
        when, *texts = skipped or never()
        reasons = [
            F.when(when, text).cast("string").alias(name) for name, text in zip(SKIP_COLUMNS, texts, strict=True)
        ]
        selected = rows.select(*key, *named(own), "completeness_percentage", "is_production_ready", *reasons)
        return selected.select(
            *business,
            row_hash(selected, business).alias("data_hash"),
            self._created_at.alias("processed_at"),
            self._created_at.alias("created_at"),
            *SKIP_COLUMNS,
        )
