"""The data hash by Python's own json and hashlib, from the specification and from nothing of the engine."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

SOURCES = ("daily_cache", "composite", "shot_zones", "team_defense")
LETTERS = {"phase4": "4", "phase3": "3", "calculated": "c", "default": "d"}
COLUMNS = [
    *("player_lookup", "universal_player_id", "game_date", "game_id"),
    *("features", "feature_sources", "feature_count", "feature_version", "feature_quality_score"),
    *("opponent_team_abbr", "is_home", "days_rest", "data_source", "early_season_flag", "insufficient_data_reason"),
    *("expected_games_count", "actual_games_count", "is_production_ready", "data_quality_issues"),
    "processing_decision_reason",
    *(f"source_{source}_{column}" for source in SOURCES for column in ("rows_found", "completeness_pct", "hash")),
]


def as_json(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        units = float(value) * 1e9
        half = units - 0.5 if units < 0 else units + 0.5
        return int(half) if abs(half) < 9e18 else (-1 if half < 0 else 1) * 9 * 10**18
    return [as_json(item) for item in value] if isinstance(value, list) else value


def json_text(row: Mapping[str, Any]) -> str:
    letters = "".join(LETTERS[source] for source in row["feature_sources"])
    hashed = {**row, "feature_sources": letters}
    return json.dumps([as_json(hashed[column]) for column in COLUMNS], separators=(",", ":"), ensure_ascii=False)


def independent_hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json_text(row).encode("utf-8")).hexdigest()[:16]
