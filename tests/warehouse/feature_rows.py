"""Rows of the feature store written by hand, as a run would stage them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from transforms.catalogue import FEATURE_NAMES, FEATURE_VERSION

NOVEMBER_18 = datetime.date(2021, 11, 18)
NOVEMBER_19 = datetime.date(2021, 11, 19)
EARLIER = datetime.datetime(2021, 11, 20, 8, 30, 0)
LATER = datetime.datetime(2021, 11, 21, 8, 30, 0)


def feature_row(player_lookup: str, game_date: datetime.date = NOVEMBER_18, **changed: Any) -> dict[str, Any]:
    """A complete row with the hash `first`, as inserted at `EARLIER`."""
    row = {
        "player_lookup": player_lookup,
        "universal_player_id": f"{player_lookup}_001",
        "game_date": game_date,
        "game_id": "20211118_ATL_BOS",
        "features": [float(number) for number in range(len(FEATURE_NAMES))],
        "feature_names": [f"feature_{number}" for number in range(len(FEATURE_NAMES))],
        "feature_count": len(FEATURE_NAMES),
        "feature_version": FEATURE_VERSION,
        "feature_quality_score": Decimal("97.50"),
        "quality_tier": "gold",
        "is_home": True,
        "days_rest": 2,
        "data_source": "phase4",
        "source_daily_cache_last_updated": EARLIER,
        "source_daily_cache_rows_found": 1,
        "source_daily_cache_completeness_pct": Decimal("100.00"),
        "early_season_flag": False,
        "completeness_percentage": 87.5,
        "data_quality_issues": [],
        "reprocess_attempt_count": 0,
        "circuit_breaker_active": False,
        "data_hash": "first",
        "created_at": EARLIER,
        "feature_sources": ["phase4"] * len(FEATURE_NAMES),
        "default_feature_count": 0,
        "default_feature_indices": [],
        "is_training_ready": False,
    }
    return {**row, **changed}


def placeholder_row(player_lookup: str, **changed: Any) -> dict[str, Any]:
    """A row of the early season."""
    placeholder = {
        "features": [],
        "feature_sources": [],
        "feature_count": 0,
        "early_season_flag": True,
        "feature_quality_score": Decimal("0.00"),
        "quality_tier": "critical",
        "data_source": "early_season",
    }
    return feature_row(player_lookup, **{**placeholder, **changed})
