"""The `source_X_*` columns: what is recorded of the one upstream row that an output row used."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.transforms.rows import PROCESSED_AT, FeatureRow, Story, Values, about

SOURCES = ("daily_cache", "composite", "shot_zones", "team_defense")
EARLIER = PROCESSED_AT - datetime.timedelta(hours=2)


def recorded(row: FeatureRow, source: str) -> tuple[Any, ...]:
    columns = ("last_updated", "rows_found", "completeness_pct", "hash")
    return tuple(row[f"source_{source}_{column}"] for column in columns)


def in_each_source(*rows: Values) -> Story:
    parts: dict[str, Any] = dict.fromkeys(SOURCES, rows)
    return Story(**parts)


@pytest.mark.parametrize("source", SOURCES)
@about(
    in_each_source(
        {"processed_at": EARLIER, "data_hash": "old", "completeness_percentage": 10.0},
        {"processed_at": PROCESSED_AT, "data_hash": "new", "completeness_percentage": 66.6666},
        {"processed_at": None, "data_hash": "undated", "completeness_percentage": 10.0},
    )
)
def test_the_newest_upstream_row_is_recorded_with_the_rows_of_its_key(row: FeatureRow, source: str) -> None:
    assert recorded(row, source) == (PROCESSED_AT, 3, Decimal("66.67"), "new")


@pytest.mark.parametrize("source", SOURCES)
@about(Story())
def test_without_an_upstream_row_0_rows_and_nulls_are_recorded(row: FeatureRow, source: str) -> None:
    assert recorded(row, source) == (None, 0, None, None)


@pytest.mark.parametrize("source", SOURCES)
@about(in_each_source({"processed_at": None, "data_hash": None, "completeness_percentage": None}))
def test_nulls_of_an_upstream_row_stay_nulls_of_one_row(row: FeatureRow, source: str) -> None:
    assert recorded(row, source) == (None, 1, None, None)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (in_each_source({"completeness_percentage": 12.345}), Decimal("12.35")),
        (in_each_source({"completeness_percentage": float("nan")}), None),
        (in_each_source({"completeness_percentage": float("inf")}), None),
        (in_each_source({"completeness_percentage": 1000.0}), None),
    ],
)
def test_completeness_is_recorded_with_2_decimals_where_it_is_a_number_that_fits(
    row: FeatureRow, expected: Decimal | None
) -> None:
    assert [row[f"source_{source}_completeness_pct"] for source in SOURCES] == [expected] * 4


@about(Story(team_defense={"team_abbr": "OWN"}))
def test_team_defense_records_the_opponents_row(row: FeatureRow) -> None:
    assert recorded(row, "team_defense") == (None, 0, None, None)


@about(Story(context={"opponent_team_abbr": None}, team_defense={"team_abbr": None}))
def test_no_opponent_matches_no_row(row: FeatureRow) -> None:
    assert recorded(row, "team_defense") == (None, 0, None, None)
