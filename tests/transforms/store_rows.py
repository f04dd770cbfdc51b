"""Rows of the feature store that every check accepts, for tests that spoil one thing of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from jobs.schemas.tables import ML_FEATURE_STORE
from tests.transforms.independent_hash import independent_hash
from transforms.catalogue import FEATURE_NAMES, FEATURE_VERSION, FEATURES

Values = dict[str, Any]

GAME_DATE = datetime.date(2021, 11, 18)
CREATED_AT = datetime.datetime(2021, 11, 20, 8, 30)
PLACEHOLDER: Values = {
    "features": [],
    "feature_sources": [],
    "feature_count": 0,
    "early_season_flag": True,
    "data_source": "early_season",
    "data_quality_issues": [],
}
"""What a row of the early season has in place of features."""


def good_features(**changed: float | None) -> list[float | None]:
    """A feature vector within all bounds, with some features changed by name."""
    values = {feature.name: feature.default or 0.0 for feature in FEATURES}
    assert changed.keys() <= values.keys()
    return [changed.get(name, value) for name, value in values.items()]


def store_row(player_lookup: str, game_date: datetime.date = GAME_DATE, **changed: Any) -> Values:
    """A row with these values, and with the hash of them."""
    row: Values = {
        **dict.fromkeys(ML_FEATURE_STORE.column_names),
        "player_lookup": player_lookup,
        "universal_player_id": f"{player_lookup}_001",
        "game_date": game_date,
        "game_id": "0022100640",
        "features": good_features(),
        "feature_names": list(FEATURE_NAMES),
        "feature_count": len(FEATURES),
        "feature_version": FEATURE_VERSION,
        "feature_quality_score": Decimal("97.50"),
        "is_home": True,
        "days_rest": 2,
        "data_source": "phase4",
        "source_daily_cache_rows_found": 1,
        "source_daily_cache_completeness_pct": Decimal("87.50"),
        "source_daily_cache_hash": "a1b2",
        "early_season_flag": False,
        "is_production_ready": False,
        "data_quality_issues": ["own_data_incomplete"],
        "processing_decision_reason": "computed",
        "created_at": CREATED_AT,
        "feature_sources": ["phase4"] * len(FEATURES),
        **changed,
    }
    return {**row, "data_hash": independent_hash(row)}


def spoiled(row: Values, **changed: Any) -> Values:
    """A row whose values were changed and whose hash was not."""
    return {**row, **changed}


def store_frame(spark: SparkSession, rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Rows as a table holds them that somebody else made: its decimals are wider than the contract asks for."""
    fields = [
        T.StructField(column.name, T.DecimalType(38, 9) if column.type == "NUMERIC(5,2)" else column.spark_type)
        for column in ML_FEATURE_STORE.columns
    ]
    values = [tuple(row[column.name] for column in ML_FEATURE_STORE.columns) for row in rows]
    return spark.createDataFrame(values, T.StructType(fields))
