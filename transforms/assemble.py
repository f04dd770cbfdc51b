"""From sources to feature rows: the whole computation as one straight line of steps.

Every date of a run at once; what is written of the result, and where, is the jobs' business.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms import game_day, scoring
from transforms.catalogue import Phase4Source
from transforms.choose_source import candidate_columns, chosen_columns, phase4_value, value_columns
from transforms.completeness import current_team
from transforms.feature_row import judged_columns, scored_columns, target_columns
from transforms.player_history import PLAYER, SHOTS, player_history
from transforms.precomputed_lookup import attach_upstream, join_team, source_columns
from transforms.shot_zones import shot_share
from transforms.skips import skip_columns
from transforms.team_history import final_games, team_defense, team_offense

CONTEXT = "upcoming_player_game_context"


def feature_rows(
    sources: Mapping[str, DataFrame], calendar: DataFrame, *, created_at: Column, daily: bool = False
) -> DataFrame:
    """The rows of the feature store for every requested date.

    Input: `sources` by table name (the four phase 4 tables, context, the player and the two team game logs, the
    schedule), each any number of rows a key, its columns in the order in which ties are broken; `calendar`, one row a
    requested game_date: `season_year`, `season_start` (day 0 of the season), `upstream_present` (all four phase 4
    tables have rows for the date). `created_at` is the time of writing.
    Output: one row a (player_lookup, game_date) of context on a calendar date: every column of the target, and
    `skip_reason` and `skip_detail` (NULL for a row to be written; `daily` adds the skips of that mode).
    """
    history = player_history(sources[CONTEXT], sources["player_game_summary"], calendar)
    attached = attach_teams(attach_upstream(history, sources), sources, calendar)
    judged, recorded = judged_columns(), source_columns()
    measured = attached.select("*", *_named(scoring.measures(_recent_minutes())))
    candidates = measured.select(
        PLAYER, "request", *_named({**judged, **recorded}), *candidate_columns(computed_features())
    )
    valued = candidates.select(PLAYER, "request", *judged, *recorded, *value_columns())
    chosen = valued.select(PLAYER, "request", *judged, *recorded, *chosen_columns())
    scored = chosen.select("*", *scored_columns())
    written = {**target_columns(recorded, created_at), **skip_columns(daily=daily)}
    return scored.select(*_named(written))


def _named(columns: Mapping[str, Column]) -> list[Column]:
    return [column.alias(name) for name, column in columns.items()]


def _recent_minutes() -> Column:
    cached_minutes = phase4_value(Phase4Source("daily_cache", "minutes_avg_last_10"))
    return F.coalesce(cached_minutes, scoring.minutes_avg_last_10())


def attach_teams(rows: DataFrame, sources: Mapping[str, DataFrame], calendar: DataFrame) -> DataFrame:
    """Rows of players with what their team, their opponent and their current team had done before the date.

    Input: one row a (player_lookup, day) with the structs `request` and `newest_team`. Output: the same rows with
    `team_pace`, `team_off_rating`, `team_win_pct`, `opponent_def_rating`, `opponent_pace` and `final_games`.
    """
    offense = team_offense(sources["team_offense_game_summary"], calendar)
    defense = team_defense(sources["team_defense_game_summary"], calendar)
    final = final_games(sources["nbac_schedule"], calendar)
    with_own = join_team(rows, offense, F.col("request.team_abbr"))
    with_opponent = join_team(with_own, defense, F.col("request.opponent_team_abbr"))
    return join_team(with_opponent, final, current_team())


def computed_features() -> dict[str, Column]:
    """The computed value of every feature that has one, by the catalogue's name; NULL where it is missing."""
    paint, mid_range, three = SHOTS
    return {
        "points_avg_last_5": scoring.points_avg_last_5(),
        "points_avg_last_10": scoring.points_avg_last_10(),
        "points_avg_season": scoring.points_avg_season(),
        "points_std_last_10": scoring.points_std_last_10(),
        "games_in_last_7_days": game_day.games_in_last_7_days(),
        "rest_advantage": game_day.rest_advantage(),
        "injury_risk": game_day.injury_risk(),
        "recent_trend": scoring.recent_trend(),
        "minutes_change": scoring.minutes_change(),
        "opponent_def_rating": F.col("opponent_def_rating"),
        "opponent_pace": F.col("opponent_pace"),
        "home_away": game_day.flag("home_game"),
        "back_to_back": game_day.flag("back_to_back"),
        "playoff_game": game_day.playoff_game(),
        "pct_paint": shot_share(paint),
        "pct_mid_range": shot_share(mid_range),
        "pct_three": shot_share(three),
        "pct_free_throw": scoring.pct_free_throw(),
        "team_pace": F.col("team_pace"),
        "team_off_rating": F.col("team_off_rating"),
        "team_win_pct": F.col("team_win_pct"),
    }
