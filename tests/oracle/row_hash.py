"""The data hash of a row, with `json` and `hashlib`: the judge of the one that is built from SQL expressions."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from tests.oracle.newest import Row

SOURCES = ("daily_cache", "composite", "shot_zones", "team_defense")
HASHED = (
    *("player_lookup", "universal_player_id", "game_date", "game_id", "features", "sources", "feature_count"),
    *("feature_version", "feature_quality_score", "opponent_team_abbr", "is_home", "days_rest", "data_source"),
    *("early_season_flag", "insufficient_data_reason"),
    *("expected_games_count", "actual_games_count", "is_production_ready", "data_quality_issues"),
    "processing_decision_reason",
    *(f"source_{source}_{column}" for source in SOURCES for column in ("rows_found", "completeness_pct", "hash")),
)
LETTERS = {"phase4": "4", "phase3": "3", "calculated": "c", "default": "d"}
BILLION, LARGEST = 1e9, 9e18
MANY_DIGITS = Context(prec=400)


def row_hash(row: Row, columns: Sequence[str] = HASHED) -> str:
    """The first 16 hex characters of the SHA-256 of the compact JSON of these columns of a row."""
    letters = "".join(LETTERS[source] for source in row.get("feature_sources", []))
    values = [letters if name == "sources" else as_json(row[name]) for name in columns]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_json(value: Any) -> Any:
    """A value as the hash's JSON has it: dates are strings, fractional numbers whole numbers of 1e-9."""
    if isinstance(value, list):
        return [as_json(element) for element in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        scaled = float(value) * BILLION
        return int(min(max(scaled - 0.5 if scaled < 0 else scaled + 0.5, -LARGEST), LARGEST))
    return value


def fixed(number: float | Decimal, decimals: int) -> str:
    """A number with so many decimals, half away from zero, never negative zero.

    A float counts as the shortest decimal that means it: 0.1 is one tenth, not 0.1000000000000000055.
    """
    rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, MANY_DIGITS)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"
