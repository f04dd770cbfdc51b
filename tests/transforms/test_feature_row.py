"""A whole row: placeholders of the early season, the bootstrap and boundary flags, decisions, and its hash."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import types as T

from jobs.schemas.tables import ML_FEATURE_STORE
from tests.transforms.independent_hash import independent_hash
from tests.transforms.rows import FALLBACK_DATE, PROCESSED_AT, SEASON_START, FeatureRow, Story, about
from tests.transforms.test_choose_source import EVERYTHING, NOTHING
from transforms.catalogue import FEATURE_NAMES, FEATURE_VERSION

SOURCES = ("daily_cache", "composite", "shot_zones", "team_defense")


def day(number: int) -> Story:
    """A request on day `number` of the season, of a player of whom everything is known."""
    date = SEASON_START + datetime.timedelta(days=number)
    return dataclasses.replace(EVERYTHING, date=date, schedule=[{"days_before": 2}])


DAY_13 = day(13)
PLACEHOLDER: dict[str, Any] = {
    "universal_player_id": "universal_1",
    "game_date": datetime.date(2021, 11, 1),
    "game_id": "0022100640",
    "features": [],
    "feature_names": list(FEATURE_NAMES),
    "feature_count": 0,
    "feature_version": FEATURE_VERSION,
    "feature_generation_time_ms": None,
    "feature_quality_score": Decimal("0.00"),
    "quality_tier": "critical",
    "is_home": None,
    "days_rest": 2,
    "data_source": "early_season",
    **{f"source_{source}_last_updated": PROCESSED_AT for source in SOURCES},
    **{f"source_{source}_rows_found": 1 for source in SOURCES},
    **{f"source_{source}_completeness_pct": Decimal("100.00") for source in SOURCES},
    **{f"source_{source}_hash": "upstream" for source in SOURCES},
    "early_season_flag": True,
    "insufficient_data_reason": "early_season_first_14_days",
    "expected_games_count": 0,
    "actual_games_count": 0,
    "completeness_percentage": 0.0,
    "missing_games_count": 0,
    "is_production_ready": False,
    "data_quality_issues": [],
    "season_boundary_detected": True,
    "backfill_bootstrap_mode": True,
    "processing_decision_reason": "early_season_placeholder",
    "feature_sources": [],
    "default_feature_count": 0,
    "default_feature_indices": [],
    "is_training_ready": False,
    "skip_reason": None,
}


@pytest.mark.parametrize("story", [DAY_13])
@pytest.mark.parametrize("column", PLACEHOLDER)
def test_a_placeholder_has(row: FeatureRow, column: str) -> None:
    assert row[column] == PLACEHOLDER[column]


@pytest.mark.parametrize(
    ("story", "placeholder", "bootstrap"),
    [
        (day(-1), True, True),
        (day(0), True, True),
        (DAY_13, True, True),
        (day(14), False, True),
        (day(29), False, True),
        (day(30), False, False),
    ],
    ids=["before day 0", "day 0", "day 13", "day 14", "day 29", "day 30"],
)
def test_bootstrap_days(row: FeatureRow, placeholder: bool, bootstrap: bool) -> None:
    assert row["early_season_flag"] is placeholder
    assert row["backfill_bootstrap_mode"] is bootstrap
    assert row["feature_count"] == (0 if placeholder else len(FEATURE_NAMES))


COMPUTED: dict[str, Any] = {
    "feature_names": list(FEATURE_NAMES),
    "feature_count": len(FEATURE_NAMES),
    "feature_version": FEATURE_VERSION,
    "feature_generation_time_ms": None,
    "early_season_flag": False,
    "insufficient_data_reason": None,
    "processing_decision_reason": "computed",
    "backfill_bootstrap_mode": False,
    "season_boundary_detected": False,
    "reprocess_attempt_count": 0,
    "circuit_breaker_active": False,
    "manual_override_required": False,
    "last_reprocess_attempt_at": None,
    "circuit_breaker_until": None,
    "created_at": PROCESSED_AT,
    "updated_at": None,
}


@pytest.mark.parametrize("story", [NOTHING])
@pytest.mark.parametrize("column", COMPUTED)
def test_a_computed_row_has(row: FeatureRow, column: str) -> None:
    assert row[column] == COMPUTED[column]


@about(Story(date=FALLBACK_DATE), dataclasses.replace(EVERYTHING, date=FALLBACK_DATE))
def test_a_row_is_computed_with_fallback_when_a_table_is_not_present_for_the_date(row: FeatureRow) -> None:
    assert row["processing_decision_reason"] == "computed_with_fallback"
    assert row["early_season_flag"] is False


@pytest.mark.parametrize(
    ("story", "boundary"),
    [
        (Story(date=datetime.date(*date)), boundary)
        for date, boundary in [
            ((2021, 9, 30), False),
            ((2021, 10, 1), True),
            ((2021, 11, 30), True),
            ((2021, 12, 1), False),
            ((2022, 3, 31), False),
            ((2022, 4, 30), True),
            ((2022, 5, 1), False),
        ]
    ],
)
def test_the_season_boundary_is_october_november_and_april(row: FeatureRow, boundary: bool) -> None:
    assert row["season_boundary_detected"] is boundary


@about(
    Story(
        context=[
            {"game_id": "old", "days_rest": 9, "processed_at": PROCESSED_AT - datetime.timedelta(hours=1)},
            {"game_id": "newest", "days_rest": 1},
            {"game_id": "undated", "days_rest": 9, "processed_at": None},
        ]
    )
)
def test_the_newest_row_of_context_is_the_request(row: FeatureRow) -> None:
    assert (row["game_id"], row["days_rest"]) == ("newest", 1)


@about(Story(context={"days_rest": 3}))
def test_what_context_says_is_kept(row: FeatureRow) -> None:
    assert row["opponent_team_abbr"].startswith("OPP_")
    assert row["days_rest"] == 3


def test_every_rows_hash_is_that_of_its_own_columns(computed: dict[Story, FeatureRow]) -> None:
    found = {row["player_lookup"]: row["data_hash"] for row in computed.values()}
    assert found == {row["player_lookup"]: independent_hash(row.columns) for row in computed.values()}


def test_a_row_has_the_targets_columns_in_the_targets_types(schema: T.StructType) -> None:
    found = {field.name: field.dataType.simpleString() for field in schema.fields}
    beside = {"out_of_range": "array<string>", **dict.fromkeys(("skip_reason", "skip_detail"), "string")}
    assert found == {**{column.name: column.spark_type.simpleString() for column in ML_FEATURE_STORE.columns}, **beside}
