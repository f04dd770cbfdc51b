"""From sources to feature rows: the whole computation as one straight line of steps.

Every date of a run at once; what is written of the result, and where, is the jobs' business.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms import game_day, scoring
from transforms.catalogue import MINUTES_AVG_LAST_10, computed_features
from transforms.choose_source import candidate_columns, chosen_columns, phase4_value, value_columns
from transforms.columns import named
from transforms.completeness import CURRENT_TEAM, current_team
from transforms.feature_row import OUT_OF_RANGE, judged_columns, scored_columns, target_columns
from transforms.player_history import PLAYER, player_history
from transforms.precomputed_lookup import attach_upstream, join_team, source_columns
from transforms.schedule import final_games, playoffs_by_team
from transforms.skips import skip_columns
from transforms.team_history import team_defense, team_offense
from transforms.without_context import marked

CONTEXT = "upcoming_player_game_context"
SCHEDULE = "nbac_schedule"
PLAYER_GAMES = "player_game_summary"


def feature_rows(
    sources: Mapping[str, DataFrame],
    calendar: DataFrame,
    *,
    created_at: Column,
    daily: bool = False,
) -> DataFrame:
    """The rows of the feature store for every requested date.

    Input: `sources` by table name (the four pre-computed tables, context, the player and the two team game logs, the
    schedule), each any number of rows per key, its columns in the order in which ties are broken; `calendar`, one row a
    requested game_date: `season_year`, `season_start` (day 0 of the season), `upstream_present` (all four pre-computed
    tables have rows for the date). `created_at` is the time of writing.
    Output: one row per (player_lookup, game_date) of context on a calendar date: every column of the target,
    `out_of_range` (an array of the pre-computed columns, as table.column, whose value was not taken for that), and
    `skip_reason` and `skip_detail` (NULL for a row to be written; `daily` adds the skips of that mode).
    """
    measured = measured_rows(sources, calendar)
    recorded = source_columns()
    # In one struct, which every further step copies whole, and not column by column.
    judged = F.struct(*named({**judged_columns(), **recorded})).alias("judged")
    kept = (PLAYER, "request", "judged")
    candidates = measured.select(PLAYER, "request", judged, *candidate_columns(computed_features()))
    valued = candidates.select(*kept, *value_columns())
    chosen = valued.select(*kept, OUT_OF_RANGE, *chosen_columns(), *scored_columns()).select("*", "judged.*")
    written = {**target_columns(recorded, created_at), **skip_columns(daily=daily)}
    return chosen.select(*named(written))


def measured_rows(sources: Mapping[str, DataFrame], calendar: DataFrame) -> DataFrame:
    """Every requested row with all that its features are computed from: one row per (player_lookup, day).

    The columns of `player_history`, `attach_upstream`, `attach_teams` and `scoring.measures`.
    """
    history = player_history(marked(sources[CONTEXT]), sources[PLAYER_GAMES], calendar)
    joined_by = (PLAYER, "day", "request", "newest_team")
    # In one struct, which every join copies whole, and not column by column.
    packed = F.struct(*[name for name in history.columns if name not in joined_by]).alias("history")
    attached = attach_upstream(history.select(*joined_by, packed), sources)
    unpacked = attach_teams(attached, sources, calendar).select("*", "history.*").drop("history")
    recent_minutes = F.coalesce(phase4_value(MINUTES_AVG_LAST_10), scoring.minutes_avg_last_10())
    return unpacked.select("*", *named(scoring.measures(recent_minutes)))


def attach_teams(rows: DataFrame, sources: Mapping[str, DataFrame], calendar: DataFrame) -> DataFrame:
    """Rows of players with what their team, their opponent and their current team had done before the date.

    Input: one row per (player_lookup, day) with the structs `request` and `newest_team`. Output: the same rows with
    `team_pace`, `team_off_rating`, `team_win_pct`, `opponent_def_rating`, `opponent_pace`, the final games (structs) of
    the three teams, and which of the team's games on the date are in the playoffs.
    """
    own, opponent = F.col("request.team_abbr"), F.col("request.opponent_team_abbr")
    schedule = sources[SCHEDULE]
    of_teams = [
        (team_offense(sources["team_offense_game_summary"], calendar), own),
        (team_defense(sources["team_defense_game_summary"], calendar), opponent),
        (playoffs_by_team(schedule, calendar), own),
        (final_games(schedule, calendar, game_day.OWN_TEAM), own),
        (final_games(schedule, calendar, game_day.OPPONENT), opponent),
        (final_games(schedule, calendar, CURRENT_TEAM), current_team()),
    ]
    attached = rows
    for of_team, team in of_teams:
        attached = join_team(attached, of_team, team)
    return attached
