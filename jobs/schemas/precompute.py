"""The pre-computed tables as `backfill_upstream` writes them, and the sources as it reads them, as data.

More columns than the feature job needs, of the same tables at the same places; only columns are listed here.
"""

from __future__ import annotations

from dataclasses import replace

from jobs.schemas.table import Column, Table, columns
from jobs.schemas.tables import (
    NBAC_SCHEDULE,
    NEWEST,
    PLAYER_COMPOSITE_FACTORS,
    PLAYER_DAILY_CACHE,
    PLAYER_GAME_SUMMARY,
    PLAYER_SHOT_ZONE_ANALYSIS,
    TEAM_DEFENSE_GAME_SUMMARY,
    TEAM_DEFENSE_ZONE_ANALYSIS,
    TEAM_OFFENSE_GAME_SUMMARY,
    UPCOMING_PLAYER_GAME_CONTEXT,
    UPSTREAM_STATE,
)


def _wider(table: Table, *more: list[Column]) -> Table:
    """A source with more columns, which stand before those that say how new a row is."""
    base = [column for column in table.columns if column not in NEWEST]
    added = [column for group in more for column in group]
    return replace(table, columns=(*base, *added, *NEWEST))


def _target(table: Table, *groups: list[Column]) -> Table:
    """A pre-computed table whole: its key holds no NULL, and the state of each row stands at the end."""
    keys = [replace(table.column(name), mode="required") for name in table.key]
    of_groups = [column for group in groups for column in group]
    before = [column for column in of_groups if column.name == "universal_player_id"]
    after = [column for column in of_groups if column.name != "universal_player_id"]
    columns_in_order = (keys[0], *before, keys[1], *after, *UPSTREAM_STATE)
    return replace(table, columns=columns_in_order, partitioned=True)


CONTEXT_WITH_LOAD = _wider(
    UPCOMING_PLAYER_GAME_CONTEXT,
    columns("INT64", "games_in_last_7_days games_in_last_14_days minutes_in_last_7_days"),
    columns("NUMERIC", "avg_minutes_per_game_last_7"),
    columns("INT64", "back_to_backs_last_14_days"),
    columns("NUMERIC", "avg_usage_rate_last_7_games projected_usage_rate"),
    columns("INT64", "star_teammates_out"),
    columns("NUMERIC", "pace_differential"),
    columns("INT64", "player_age"),
)
PLAYER_GAMES_WITH_MAKES = _wider(
    PLAYER_GAME_SUMMARY,
    columns("STRING", "universal_player_id"),
    columns("NUMERIC", "usage_rate ts_pct"),
    columns("INT64", "fg_makes paint_makes mid_range_makes three_pt_makes assisted_fg_makes"),
)
TEAM_DEFENSE_WITH_ZONES = _wider(
    TEAM_DEFENSE_GAME_SUMMARY,
    columns("INT64", "points_allowed opp_paint_attempts opp_paint_makes opp_mid_range_attempts"),
    columns("INT64", "opp_mid_range_makes opp_three_pt_attempts opp_three_pt_makes"),
)

UPSTREAM_SOURCES = (
    CONTEXT_WITH_LOAD,
    PLAYER_GAMES_WITH_MAKES,
    TEAM_OFFENSE_GAME_SUMMARY,
    TEAM_DEFENSE_WITH_ZONES,
    NBAC_SCHEDULE,
)
"""What `backfill_upstream` reads; a column that one of them lacks is a contract error of that job only."""

UPSTREAM_TARGETS = (
    _target(
        PLAYER_SHOT_ZONE_ANALYSIS,
        columns("NUMERIC", "paint_rate_last_10 mid_range_rate_last_10 three_pt_rate_last_10"),
        columns("INT64", "total_shots_last_10 games_in_sample_10"),
        columns("STRING", "primary_scoring_zone"),
    ),
    _target(
        TEAM_DEFENSE_ZONE_ANALYSIS,
        columns("NUMERIC", "paint_pct_allowed_last_15 mid_range_pct_allowed_last_15 three_pt_pct_allowed_last_15"),
        columns(
            "NUMERIC", "paint_defense_vs_league_avg mid_range_defense_vs_league_avg three_pt_defense_vs_league_avg"
        ),
        columns("NUMERIC", "defensive_rating_last_15 opponent_pace opponent_points_per_game"),
        columns("INT64", "games_in_sample"),
    ),
    _target(
        PLAYER_DAILY_CACHE,
        columns("STRING", "universal_player_id", "optional"),
        columns("NUMERIC", "points_avg_last_5 points_avg_last_10 points_avg_season points_std_last_10"),
        columns("NUMERIC", "minutes_avg_last_10 usage_rate_last_10 ts_pct_last_10"),
        columns("INT64", "games_played_season"),
        columns("NUMERIC", "team_pace_last_10 team_off_rating_last_10"),
        columns(
            "INT64", "games_in_last_7_days games_in_last_14_days minutes_in_last_7_days back_to_backs_last_14_days"
        ),
        columns("STRING", "primary_scoring_zone"),
        columns("NUMERIC", "paint_rate_last_10 three_pt_rate_last_10 assisted_rate_last_10"),
        columns("INT64", "player_age"),
    ),
    _target(
        PLAYER_COMPOSITE_FACTORS,
        columns("STRING", "universal_player_id", "optional"),
        columns("STRING", "game_id"),
        columns("DATE", "analysis_date"),
        columns("INT64", "fatigue_score"),
        columns("NUMERIC", "shot_zone_mismatch_score pace_score usage_spike_score"),
    ),
)
"""The tables that `backfill_upstream` fills, in the order in which it does."""
