"""Every table of the product as data: dataset, name, key, columns, and how it is partitioned.

The only place that lists columns; readers, contract checks, DDL, staging and MERGE statements come from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobs.schemas.table import Column as Column
from jobs.schemas.table import Constant as Constant
from jobs.schemas.table import Table as Table
from jobs.schemas.table import columns

NEWEST = columns("TIMESTAMP", "processed_at created_at")
UPSTREAM_STATE = [
    *columns("FLOAT64", "completeness_percentage"),
    *columns("BOOL", "is_production_ready"),
    *columns("STRING", "data_hash"),
    *NEWEST,
]


def _source(
    dataset: str, name: str, key: tuple[str, str], *groups: Sequence[Column], types: str = "STRING DATE"
) -> Table:
    keys = [Column(column, type_) for column, type_ in zip(key, types.split(), strict=True)]
    return Table(dataset, name, key, key[1], (*keys, *(column for group in groups for column in group)))


PLAYER_DAILY_CACHE = _source(
    "nba_precompute",
    "player_daily_cache",
    ("player_lookup", "cache_date"),
    columns("NUMERIC", "points_avg_last_5 points_avg_last_10 points_avg_season points_std_last_10"),
    columns("INT64", "games_in_last_7_days"),
    columns("NUMERIC", "paint_rate_last_10 three_pt_rate_last_10 team_pace_last_10 team_off_rating_last_10"),
    columns("NUMERIC", "minutes_avg_last_10"),
    UPSTREAM_STATE,
)
PLAYER_COMPOSITE_FACTORS = _source(
    "nba_precompute",
    "player_composite_factors",
    ("player_lookup", "game_date"),
    columns("INT64", "fatigue_score"),
    columns("NUMERIC", "shot_zone_mismatch_score pace_score usage_spike_score"),
    UPSTREAM_STATE,
)
PLAYER_SHOT_ZONE_ANALYSIS = _source(
    "nba_precompute",
    "player_shot_zone_analysis",
    ("player_lookup", "analysis_date"),
    columns("NUMERIC", "paint_rate_last_10 mid_range_rate_last_10 three_pt_rate_last_10"),
    UPSTREAM_STATE,
)
TEAM_DEFENSE_ZONE_ANALYSIS = _source(
    "nba_precompute",
    "team_defense_zone_analysis",
    ("team_abbr", "analysis_date"),
    columns("NUMERIC", "defensive_rating_last_15 opponent_pace"),
    UPSTREAM_STATE,
)
UPCOMING_PLAYER_GAME_CONTEXT = _source(
    "nba_analytics",
    "upcoming_player_game_context",
    ("player_lookup", "game_date"),
    columns("STRING", "universal_player_id game_id team_abbr opponent_team_abbr"),
    columns("BOOL", "home_game back_to_back"),
    columns("STRING", "season_phase player_status"),
    columns("INT64", "days_rest opponent_days_rest"),
    NEWEST,
)
PLAYER_GAME_SUMMARY = _source(
    "nba_analytics",
    "player_game_summary",
    ("player_lookup", "game_date"),
    columns("STRING", "team_abbr"),
    columns("INT64", "season_year points ft_makes"),
    columns("NUMERIC", "minutes_played"),
    columns("INT64", "paint_attempts mid_range_attempts three_pt_attempts"),
    NEWEST,
)
TEAM_OFFENSE_GAME_SUMMARY = _source(
    "nba_analytics",
    "team_offense_game_summary",
    ("team_abbr", "game_date"),
    columns("INT64", "season_year"),
    columns("NUMERIC", "pace offensive_rating"),
    columns("BOOL", "win_flag"),
    NEWEST,
)
TEAM_DEFENSE_GAME_SUMMARY = _source(
    "nba_analytics",
    "team_defense_game_summary",
    ("defending_team_abbr", "game_date"),
    columns("INT64", "season_year"),
    columns("NUMERIC", "defensive_rating opponent_pace"),
    NEWEST,
)
NBAC_SCHEDULE = Table(
    "nba_raw",
    "nbac_schedule",
    ("game_id",),
    "game_date",
    (
        *columns("STRING", "game_id"),
        *columns("DATE", "game_date"),
        *columns("STRING", "home_team_tricode away_team_tricode"),
        *columns("INT64", "game_status season_year"),
        *columns("STRING", "season_phase", "alternative"),
        *columns("BOOL", "is_regular_season is_playoffs", "alternative"),
    ),
    choices=(("season_phase",), ("is_regular_season", "is_playoffs")),
)

PHASE4_TABLES = (
    PLAYER_DAILY_CACHE,
    PLAYER_COMPOSITE_FACTORS,
    PLAYER_SHOT_ZONE_ANALYSIS,
    TEAM_DEFENSE_ZONE_ANALYSIS,
)
SOURCES = (
    *PHASE4_TABLES,
    UPCOMING_PLAYER_GAME_CONTEXT,
    PLAYER_GAME_SUMMARY,
    TEAM_OFFENSE_GAME_SUMMARY,
    TEAM_DEFENSE_GAME_SUMMARY,
    NBAC_SCHEDULE,
)


def _source_columns(source: str) -> list[Column]:
    return [
        Column(f"source_{source}_last_updated", "TIMESTAMP"),
        Column(f"source_{source}_rows_found", "INT64"),
        Column(f"source_{source}_completeness_pct", "NUMERIC(5,2)"),
        Column(f"source_{source}_hash", "STRING"),
    ]


ML_FEATURE_STORE = Table(
    "nba_predictions",
    "ml_feature_store_v2",
    ("player_lookup", "game_date"),
    "game_date",
    (
        Column("player_lookup", "STRING", "required"),
        Column("universal_player_id", "STRING"),
        Column("game_date", "DATE", "required"),
        Column("game_id", "STRING", "required"),
        Column("features", "ARRAY<FLOAT64>"),
        Column("feature_names", "ARRAY<STRING>"),
        Column("feature_count", "INT64", "required"),
        Column("feature_version", "STRING", "required"),
        Column("feature_generation_time_ms", "INT64"),
        Column("feature_quality_score", "NUMERIC(5,2)"),
        Column("quality_tier", "STRING", "optional"),
        Column("opponent_team_abbr", "STRING"),
        Column("is_home", "BOOL"),
        Column("days_rest", "INT64"),
        Column("data_source", "STRING", "required"),
        *_source_columns("daily_cache"),
        *_source_columns("composite"),
        *_source_columns("shot_zones"),
        *_source_columns("team_defense"),
        Column("early_season_flag", "BOOL"),
        Column("insufficient_data_reason", "STRING"),
        *columns("INT64", "expected_games_count actual_games_count"),
        Column("completeness_percentage", "FLOAT64"),
        Column("missing_games_count", "INT64"),
        Column("is_production_ready", "BOOL"),
        Column("data_quality_issues", "ARRAY<STRING>"),
        Column("last_reprocess_attempt_at", "TIMESTAMP"),
        Column("reprocess_attempt_count", "INT64"),
        Column("circuit_breaker_active", "BOOL"),
        Column("circuit_breaker_until", "TIMESTAMP"),
        *columns("BOOL", "manual_override_required season_boundary_detected backfill_bootstrap_mode"),
        *columns("STRING", "processing_decision_reason data_hash"),
        Column("created_at", "TIMESTAMP", "required"),
        Column("updated_at", "TIMESTAMP"),
        Column("feature_sources", "ARRAY<STRING>", "optional"),
        Column("default_feature_count", "INT64", "optional"),
        Column("default_feature_indices", "ARRAY<INT64>", "optional"),
        Column("is_training_ready", "BOOL", "optional"),
    ),
    partitioned=True,
    cluster_by=("player_lookup", "feature_version", "game_date"),
)

STAGED_ALONE = {"out_of_range": "_out_of_range"}
"""Columns of computed rows that no target has, and what they are called where rows are staged.

A staged file may become one of the target's: nobody is to add a column of that name to it.
"""

FOR_WARNINGS = (Column("feature_sources", "ARRAY<STRING>"), Column("_out_of_range", "ARRAY<STRING>"))
"""What is staged of a feature row whether the target has it or not: a run's warnings are counted from it."""

KEPT_ON_UPDATE = (
    "created_at",
    "last_reprocess_attempt_at",
    "reprocess_attempt_count",
    "circuit_breaker_active",
    "circuit_breaker_until",
    "manual_override_required",
)
"""Target columns that an update leaves alone: the first writing, and what belongs to the circuit-breaker process."""

OF_OTHERS = tuple(name for name in KEPT_ON_UPDATE if name != "created_at")
"""Target columns that belong to the circuit-breaker process."""


_LEDGER = "nba_orchestration"

CLAIM = "claim"
"""The phase of the row by which a run, or a process that resumes it, begins; no other row has it."""

RELEASED = "released"
"""The phase of the row by which somebody frees the dates of a run that has died."""

PHASES = ("plan", "read", "compute", "stage", "verify", "merge")
"""The phases of a run whose seconds the ledger keeps."""

FEATURE_RUNS = Table(
    _LEDGER,
    "feature_runs",
    ("run_id",),
    "",
    (
        Column("run_id", "STRING", "required"),
        *columns("STRING", "job parameters code_version engine host"),
        Column("pid", "INT64"),
        *columns("TIMESTAMP", "started_at heartbeat_at finished_at"),
        Column("status", "STRING", "required"),
        Column("phase", "STRING"),
        *columns("INT64", "slice slices"),
        *columns("INT64", "dates_no_games dates_early_season dates_ready dates_missing_upstream"),
        *columns("INT64", "dates_written dates_failed dates_skipped"),
        *columns("INT64", "rows_planned rows_inserted rows_updated rows_unchanged rows_skipped rows_not_computed"),
        *columns("INT64", "rows_pruned played_without_context"),
        *[Column(f"seconds_{phase}", "FLOAT64") for phase in PHASES],
        *columns("STRING", "error target_before checkpoint warnings"),
    ),
)
FEATURE_RUN_DATES = Table(
    _LEDGER,
    "feature_run_dates",
    ("run_id", "game_date"),
    "game_date",
    (
        Column("run_id", "STRING", "required"),
        Column("game_date", "DATE", "required"),
        *columns("STRING", "state status reason"),
        *columns("INT64", "context_rows inserted updated unchanged skipped pruned played_without_context"),
        *columns("FLOAT64", "mean_quality share_phase4 share_phase4_partial share_phase3 share_mixed"),
        Column("share_early_season", "FLOAT64"),
        Column("recorded_at", "TIMESTAMP"),
    ),
)
FEATURE_RUN_SKIPS = Table(
    _LEDGER,
    "feature_run_skips",
    ("run_id", "game_date", "player_lookup"),
    "game_date",
    (
        Column("run_id", "STRING", "required"),
        Column("game_date", "DATE"),
        *columns("STRING", "player_lookup reason detail"),
    ),
)

LEDGER = (FEATURE_RUNS, FEATURE_RUN_DATES, FEATURE_RUN_SKIPS)
TABLES = (*SOURCES, ML_FEATURE_STORE, *LEDGER)
