"""Drift: shares by source and the distribution of each feature in each month, and when a share of defaults jumps."""

from __future__ import annotations

import datetime
import math
import statistics
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from tests.transforms.store_rows import PLACEHOLDER, Values, good_features, store_frame, store_row
from transforms.catalogue import FEATURE_NAMES
from transforms.drift import SHARES, feature_drift

Drift = dict[tuple[str, str], Row]
SCORES = [1.5, -0.5, 2.25, math.nan]


def of_sources(**sources: str) -> list[str]:
    """The sources of a row: phase 4 but for those named."""
    return [sources.get(name, "phase4") for name in FEATURE_NAMES]


def rows_of(month: int, defaults: int, rows: int = 10) -> list[Values]:
    """Rows of a month, of which so many took the default for the first feature."""
    date = datetime.date(2021, month, 5)
    return [
        store_row(
            f"player_{number}",
            date,
            feature_sources=of_sources(points_avg_last_5="default" if number < defaults else "phase3"),
        )
        for number in range(rows)
    ]


def by_key(rows: list[Row]) -> Drift:
    assert len(rows) == len({(row["month"], row["feature"]) for row in rows})
    return {(row["month"], row["feature"]): row for row in rows}


@pytest.fixture(scope="module")
def drift(spark: SparkSession) -> Drift:
    """September has no default; October 3 of 10, November 6, beside placeholders; December 1."""
    scored = [
        store_row(f"scored_{number}", datetime.date(2021, 9, 30 - number), features=good_features(pace_score=score))
        for number, score in enumerate(SCORES)
    ]
    placeholders = [store_row(f"early_{n}", datetime.date(2021, 11, 1), **PLACEHOLDER) for n in range(20)]
    rows = [*rows_of(10, 3), *rows_of(11, 6), *rows_of(12, 1), *scored, *placeholders]
    return by_key(feature_drift(store_frame(spark, rows)).collect())


def test_there_is_one_row_a_month_and_feature(drift: Drift) -> None:
    assert drift.keys() == {(f"2021-{month:02}", name) for month in (9, 10, 11, 12) for name in FEATURE_NAMES}


def test_shares_are_those_of_values_by_source_without_placeholders(drift: Drift) -> None:
    row = drift["2021-11", "points_avg_last_5"]
    assert row["number"] == 10
    assert [row[share] for share in SHARES] == pytest.approx([0.0, 0.4, 0.0, 0.6])
    assert [drift["2021-11", "pace_score"][share] for share in SHARES] == [1.0, 0.0, 0.0, 0.0]


def test_the_distribution_is_that_of_the_finite_values(drift: Drift) -> None:
    row, finite = drift["2021-09", "pace_score"], SCORES[:3]
    assert row["number"] == 3
    assert row["mean"] == pytest.approx(statistics.mean(finite))
    assert row["standard_deviation"] == pytest.approx(statistics.stdev(finite))
    assert (row["lowest"], row["highest"]) == (-0.5, 2.25)


def test_a_share_of_defaults_jumps_when_it_rises_by_more_than_20_points(drift: Drift) -> None:
    name = "points_avg_last_5"
    before = {month: drift[month, name]["share_default_before"] for month, feature in drift if feature == name}
    assert before == {"2021-09": None, "2021-10": 0.0, "2021-11": 0.3, "2021-12": 0.6}
    assert {key for key, row in drift.items() if row["jumps"]} == {("2021-10", name), ("2021-11", name)}


@pytest.mark.parametrize(("before", "after"), [(7, 9), (1, 3), (9, 0)])
def test_twenty_points_or_a_fall_are_no_jump(spark: SparkSession, before: int, after: int) -> None:
    rows = [*rows_of(10, before), *rows_of(12, after)]
    drift = by_key(feature_drift(store_frame(spark, rows)).collect())
    assert drift["2021-12", "points_avg_last_5"]["share_default_before"] == before / 10
    assert not any(row["jumps"] for row in drift.values())


def test_without_sources_the_distribution_is_there_and_the_shares_are_not(spark: SparkSession) -> None:
    rows = [store_row("anna", features=good_features(pace_score=2.0))]
    (row,) = [
        row
        for row in feature_drift(store_frame(spark, rows).drop("feature_sources")).collect()
        if row["feature"] == "pace_score"
    ]
    found: dict[str, Any] = row.asDict()
    assert (found["number"], found["mean"], found["standard_deviation"], found["jumps"]) == (1, 2.0, None, False)
    assert [found[share] for share in SHARES] == [None] * 4
