"""The columns and exact types of the demo league's nine Parquet files, with some that only real tables have.

Types alone: the league is generated without Spark; a test holds them against the contracts of the warehouse.
"""

from __future__ import annotations

import pyarrow as pa

_TYPES = {
    "string": pa.string(),
    "int": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
}
_NEWEST = "time: processed_at created_at"
_STATE = f"""
double: completeness_percentage
bool: is_production_ready
string: data_hash
{_NEWEST}
"""


def _schema(*texts: str) -> pa.Schema:
    """A schema from lines of `type: column column ...`; a type like `9.4` is DECIMAL(9, 4)."""
    fields = []
    for line in "\n".join(texts).split("\n"):
        if not line:
            continue
        type_name, names = line.split(":")
        if type_name in _TYPES:
            type_ = _TYPES[type_name]
        else:
            precision, scale = type_name.split(".")
            type_ = pa.decimal128(int(precision), int(scale))
        fields += [pa.field(name, type_) for name in names.split()]
    return pa.schema(fields)


PLAYER_DAILY_CACHE = "nba_precompute/player_daily_cache"
PLAYER_COMPOSITE_FACTORS = "nba_precompute/player_composite_factors"
PLAYER_SHOT_ZONE_ANALYSIS = "nba_precompute/player_shot_zone_analysis"
TEAM_DEFENSE_ZONE_ANALYSIS = "nba_precompute/team_defense_zone_analysis"
UPCOMING_PLAYER_GAME_CONTEXT = "nba_analytics/upcoming_player_game_context"
PLAYER_GAME_SUMMARY = "nba_analytics/player_game_summary"
TEAM_OFFENSE_GAME_SUMMARY = "nba_analytics/team_offense_game_summary"
TEAM_DEFENSE_GAME_SUMMARY = "nba_analytics/team_defense_game_summary"
NBAC_SCHEDULE = "nba_raw/nbac_schedule"

SCHEMAS: dict[str, pa.Schema] = {
    PLAYER_DAILY_CACHE: _schema(
        """
string: player_lookup universal_player_id
date: cache_date
9.4: points_avg_last_5 points_avg_last_10 points_avg_season points_std_last_10
9.4: minutes_avg_last_10 usage_rate_last_10 ts_pct_last_10
int: games_played_season
9.4: team_pace_last_10 team_off_rating_last_10 assisted_rate_last_10
int: games_in_last_7_days games_in_last_14_days minutes_in_last_7_days back_to_backs_last_14_days
string: primary_scoring_zone
5.2: paint_rate_last_10 three_pt_rate_last_10
int: player_age
""",
        _STATE,
    ),
    PLAYER_COMPOSITE_FACTORS: _schema(
        """
string: player_lookup universal_player_id
date: game_date
string: game_id
date: analysis_date
int: fatigue_score
4.1: shot_zone_mismatch_score
3.1: pace_score usage_spike_score
""",
        _STATE,
    ),
    PLAYER_SHOT_ZONE_ANALYSIS: _schema(
        """
string: player_lookup universal_player_id
date: analysis_date
5.2: paint_rate_last_10 mid_range_rate_last_10 three_pt_rate_last_10
int: total_shots_last_10 games_in_sample_10
string: primary_scoring_zone
""",
        _STATE,
    ),
    TEAM_DEFENSE_ZONE_ANALYSIS: _schema(
        """
string: team_abbr
date: analysis_date
5.3: paint_pct_allowed_last_15 mid_range_pct_allowed_last_15 three_pt_pct_allowed_last_15
5.2: paint_defense_vs_league_avg mid_range_defense_vs_league_avg three_pt_defense_vs_league_avg
6.2: defensive_rating_last_15
5.1: opponent_pace opponent_points_per_game
int: games_in_sample
""",
        _STATE,
    ),
    UPCOMING_PLAYER_GAME_CONTEXT: _schema(
        """
string: player_lookup universal_player_id game_id
date: game_date
string: team_abbr opponent_team_abbr
bool: home_game back_to_back
string: season_phase
int: days_rest opponent_days_rest games_in_last_7_days games_in_last_14_days
int: minutes_in_last_7_days minutes_in_last_14_days
5.1: avg_minutes_per_game_last_7
int: back_to_backs_last_14_days
6.2: avg_usage_rate_last_7_games projected_usage_rate
int: star_teammates_out
5.1: opponent_pace_last_10 pace_differential
int: player_age
string: player_status
""",
        _NEWEST,
    ),
    PLAYER_GAME_SUMMARY: _schema(
        """
string: player_lookup universal_player_id player_full_name game_id
date: game_date
string: team_abbr opponent_team_abbr
int: season_year points
5.1: minutes_played
int: assists offensive_rebounds turnovers fg_attempts fg_makes three_pt_attempts three_pt_makes
int: ft_attempts ft_makes paint_attempts paint_makes mid_range_attempts mid_range_makes
int: assisted_fg_makes unassisted_fg_makes
6.2: usage_rate
5.3: ts_pct
bool: starter_flag win_flag is_active
string: season_phase data_hash
""",
        _NEWEST,
    ),
    TEAM_OFFENSE_GAME_SUMMARY: _schema(
        """
string: game_id
date: game_date
string: team_abbr opponent_team_abbr
int: season_year points_scored fg_attempts fg_makes three_pt_attempts three_pt_makes ft_attempts ft_makes
int: assists turnovers team_paint_attempts team_paint_makes team_mid_range_attempts team_mid_range_makes
6.2: offensive_rating
5.1: pace
int: possessions
bool: home_game win_flag
int: margin_of_victory
""",
        _NEWEST,
    ),
    TEAM_DEFENSE_GAME_SUMMARY: _schema(
        """
string: game_id
date: game_date
string: defending_team_abbr opponent_team_abbr
int: season_year points_allowed opp_fg_attempts opp_fg_makes opp_three_pt_attempts opp_three_pt_makes
int: opp_ft_attempts opp_ft_makes opp_assists turnovers_forced
int: opp_paint_attempts opp_paint_makes opp_mid_range_attempts opp_mid_range_makes
6.2: defensive_rating
5.1: opponent_pace
bool: home_game win_flag
int: margin_of_victory
""",
        _NEWEST,
    ),
    NBAC_SCHEDULE: _schema(
        """
string: game_id
date: game_date
string: home_team_tricode away_team_tricode
int: game_status season_year
string: season_phase
bool: is_regular_season is_playoffs
string: home_team_name away_team_name
"""
    ),
}
"""The columns of each file, by its folder and name."""

_PHASE, _FLAGS = ("season_phase",), ("is_regular_season", "is_playoffs")
SCHEDULE_FORMS: dict[str, tuple[str, ...]] = {"phase": _FLAGS, "flags": _PHASE, "both": ()}
"""The forms in which a schedule tells the phase of its games, each with the columns that it lacks."""


def schedule_schema(form: str) -> pa.Schema:
    """The columns of the schedule in one of its forms."""
    lacking = SCHEDULE_FORMS[form]
    return pa.schema([field for field in SCHEMAS[NBAC_SCHEDULE] if field.name not in lacking])
