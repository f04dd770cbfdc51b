"""One row of the feature store: its columns, from the chosen features and what was judged of the row.

Knows what a placeholder of the early season looks like; the features themselves are chosen elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms import completeness, quality
from transforms.catalogue import FEATURE_NAMES, FEATURE_VERSION, FEATURES, WITH_PHASE4
from transforms.choose_source import count_of, sum_of_weights
from transforms.hashing import FEATURES as HASHED_FEATURES
from transforms.hashing import HASHED_COLUMNS, SOURCES, data_hash
from transforms.player_history import PLAYER
from transforms.season_calendar import is_in_bootstrap, is_in_bootstrap_mode
from transforms.without_context import ADDED

EARLY_SEASON_SOURCE = "early_season"
EARLY_SEASON_REASON = "early_season_first_14_days"
PLACEHOLDER_DECISION = "early_season_placeholder"
COMPUTED_DECISION = "computed"
FALLBACK_DECISION = "computed_with_fallback"
ADDED_DECISION = "computed_from_game_log"
BOUNDARY_MONTHS = (4, 10, 11)
OUT_OF_RANGE = "out_of_range"
"""An array of the pre-computed columns whose value was not taken, being out of range; no column of the target."""
CONSTANTS: Mapping[str, tuple[Any, str]] = {
    "feature_names": (FEATURE_NAMES, "array<string>"),
    "feature_version": (FEATURE_VERSION, "string"),
    "feature_generation_time_ms": (None, "bigint"),
    "last_reprocess_attempt_at": (None, "timestamp"),
    "reprocess_attempt_count": (0, "bigint"),
    "circuit_breaker_active": (False, "boolean"),
    "circuit_breaker_until": (None, "timestamp"),
    "manual_override_required": (False, "boolean"),
    "updated_at": (None, "timestamp"),
}
"""The columns of the target that have one value in all rows: that value and its type."""


def constant_columns() -> dict[str, Column]:
    """`CONSTANTS` as columns."""
    return {
        name: (F.array(*map(F.lit, value)) if isinstance(value, tuple) else F.lit(value)).cast(type_)
        for name, (value, type_) in CONSTANTS.items()
    }


def judged_columns() -> dict[str, Column]:
    """What is decided of a row before its features, from a row of `assemble.attach_teams`: season, completeness."""
    game_date, season_start = F.col("request.game_date"), F.col("request.season_start")
    placeholder = is_in_bootstrap(game_date, season_start)
    expected, actual = completeness.expected_games(), completeness.actual_games()
    percentage = completeness.percentage(actual, expected)
    missing = F.greatest(expected - actual, F.lit(0)).cast("bigint")
    return {
        "early_season_flag": placeholder,
        "backfill_bootstrap_mode": is_in_bootstrap_mode(game_date, season_start),
        "expected_games_count": _unless_placeholder(placeholder, expected, F.lit(0).cast("bigint")),
        "actual_games_count": _unless_placeholder(placeholder, actual, F.lit(0).cast("bigint")),
        "completeness_percentage": _unless_placeholder(placeholder, percentage, F.lit(0.0)),
        "missing_games_count": _unless_placeholder(placeholder, missing, F.lit(0).cast("bigint")),
        "is_production_ready": ~placeholder & completeness.is_production_ready(percentage),
        "data_quality_issues": _unless_placeholder(
            placeholder, completeness.quality_issues(percentage), F.array().cast("array<string>")
        ),
    }


def _unless_placeholder(placeholder: Column, value: Column, of_placeholder: Column) -> Column:
    return F.when(placeholder, of_placeholder).otherwise(value)


def scored_columns() -> list[Column]:
    """`feature_quality_score` (DECIMAL(5,2)) and `data_source`, of a row with `judged` and `value_columns`."""
    placeholder = F.col("judged.early_season_flag")
    score = quality.quality_score(sum_of_weights(), count_of("default", FEATURES))
    source = quality.data_source(count_of("phase4", WITH_PHASE4), count_of("phase3", WITH_PHASE4))
    return [
        F.when(placeholder, F.lit(0).cast("decimal(5,2)")).otherwise(score).alias("feature_quality_score"),
        F.when(placeholder, F.lit(EARLY_SEASON_SOURCE)).otherwise(source).alias("data_source"),
    ]


def target_columns(recorded: Iterable[str], created_at: Column) -> dict[str, Column]:
    """Every column of the target by name, from a scored row, and `OUT_OF_RANGE`; `recorded` are the `source_X_*`."""
    placeholder = F.col("early_season_flag")
    no_words = F.array().cast("array<string>")
    default_indices = F.when(placeholder, F.array().cast("array<bigint>")).otherwise(F.col("default_feature_indices"))
    decision = (
        F.when(placeholder, F.lit(PLACEHOLDER_DECISION))
        .when(F.col(f"request.{ADDED}"), F.lit(ADDED_DECISION))
        .when(F.col("request.upstream_present"), F.lit(COMPUTED_DECISION))
        .otherwise(F.lit(FALLBACK_DECISION))
    )
    columns = {
        **constant_columns(),
        PLAYER: F.col(PLAYER),
        "universal_player_id": F.col("request.universal_player_id"),
        "game_date": F.col("request.game_date"),
        "game_id": F.col("request.game_id"),
        "features": F.when(placeholder, F.array().cast("array<double>")).otherwise(F.col("features")),
        "feature_count": F.when(placeholder, F.lit(0)).otherwise(F.lit(len(FEATURE_NAMES))).cast("bigint"),
        "feature_quality_score": F.col("feature_quality_score"),
        "quality_tier": quality.quality_tier(F.col("feature_quality_score")),
        "opponent_team_abbr": F.col("request.opponent_team_abbr"),
        "is_home": F.col("request.home_game"),
        "days_rest": F.col("request.days_rest"),
        "data_source": F.col("data_source"),
        **{name: F.col(name) for name in recorded},
        "early_season_flag": placeholder,
        "insufficient_data_reason": F.when(placeholder, F.lit(EARLY_SEASON_REASON)),
        "expected_games_count": F.col("expected_games_count"),
        "actual_games_count": F.col("actual_games_count"),
        "completeness_percentage": F.col("completeness_percentage"),
        "missing_games_count": F.col("missing_games_count"),
        "is_production_ready": F.col("is_production_ready"),
        "data_quality_issues": F.col("data_quality_issues"),
        "season_boundary_detected": F.month("request.game_date").isin(*BOUNDARY_MONTHS),
        "backfill_bootstrap_mode": F.col("backfill_bootstrap_mode"),
        "processing_decision_reason": decision,
        "created_at": created_at,
        "feature_sources": F.when(placeholder, no_words).otherwise(F.col("feature_sources")),
        "default_feature_count": F.size(default_indices).cast("bigint"),
        "default_feature_indices": default_indices,
        "is_training_ready": quality.is_training_ready(
            F.col("feature_quality_score"), F.size("default_feature_indices"), F.col("is_production_ready")
        ),
    }
    nothing = F.lit("")
    hashed = {
        **{name: columns[name] for name in HASHED_COLUMNS},
        HASHED_FEATURES: F.when(placeholder, nothing).otherwise(F.col("features_text")),
        SOURCES: F.when(placeholder, nothing).otherwise(F.col("sources_text")),
    }
    return {
        **columns,
        "data_hash": data_hash(hashed),
        OUT_OF_RANGE: F.when(placeholder, no_words).otherwise(F.col(OUT_OF_RANGE)),
    }
