"""The data hash by Python's own json, decimal and hashlib, from the specification and from nothing of the engine."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

SOURCES = ("daily_cache", "composite", "shot_zones", "team_defense")
COLUMNS = [
    *("player_lookup", "universal_player_id", "game_date", "game_id"),
    *("features", "feature_names", "feature_count", "feature_version", "feature_quality_score"),
    *("opponent_team_abbr", "is_home", "days_rest", "data_source", "early_season_flag", "insufficient_data_reason"),
    *("expected_games_count", "actual_games_count", "is_production_ready", "data_quality_issues"),
    "processing_decision_reason",
    *(f"source_{source}_{column}" for source in SOURCES for column in ("rows_found", "completeness_pct", "hash")),
]


def as_json(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        exact = Decimal(repr(value)) if isinstance(value, float) else value
        text = format(exact.quantize(Decimal("1e-9"), rounding=ROUND_HALF_UP, context=Context(prec=60)), "f")
        return text.removeprefix("-") if Decimal(text) == 0 else text
    return [as_json(item) for item in value] if isinstance(value, list) else value


def json_text(row: Mapping[str, Any]) -> str:
    return json.dumps([as_json(row[column]) for column in COLUMNS], separators=(",", ":"), ensure_ascii=False)


def independent_hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json_text(row).encode("utf-8")).hexdigest()[:16]
