"""The score of a row, its tier, and the word for where its values came from, at the edges."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from tests.transforms.rows import FeatureRow, about
from tests.transforms.test_choose_source import EVERYTHING, NOTHING
from transforms.quality import data_source, quality_score, quality_tier

TIERS = {
    "100.00": "gold",
    "95.00": "gold",
    "94.99": "silver",
    "75.00": "silver",
    "74.99": "bronze",
    "50.00": "bronze",
    "49.99": "poor",
    "25.00": "poor",
    "24.99": "unusable",
    "0.00": "unusable",
}
SOURCES = {
    (16, 0): "phase4",
    (15, 1): "phase4",  # 0.9375
    (14, 2): "phase4_partial",  # 0.875
    (8, 8): "phase4_partial",
    (7, 9): "phase3",
    (7, 8): "phase3",
    (7, 7): "mixed",
    (0, 16): "phase3",
    (0, 0): "mixed",
}
SCORES = {2500: "100.00", 2425: "97.00", 1876: "75.04", 1165: "46.60", 1000: "40.00"}


@pytest.fixture(scope="module")
def judged(spark: SparkSession) -> dict[str, Row]:
    cases = [
        *[(f"tier {score}", Decimal(score), 0, 0, 0) for score in TIERS],
        *[(f"source {counts}", Decimal(0), *counts, 0) for counts in SOURCES],
        *[(f"score {weights}", Decimal(0), 0, 0, weights) for weights in SCORES],
    ]
    frame = spark.createDataFrame(cases, "case string, score decimal(5,2), phase4 int, phase3 int, weights int")
    rows = frame.select(
        "case",
        quality_tier(F.col("score")).alias("quality_tier"),
        data_source(F.col("phase4"), F.col("phase3")).alias("data_source"),
        quality_score(F.col("weights")).alias("feature_quality_score"),
    )
    return {row["case"]: row for row in rows.collect()}


@pytest.mark.parametrize(("score", "tier"), TIERS.items())
def test_the_tier_of_a_score(judged: dict[str, Row], score: str, tier: str) -> None:
    assert judged[f"tier {score}"]["quality_tier"] == tier


@pytest.mark.parametrize(("counts", "source"), SOURCES.items())
def test_the_data_source_by_shares_of_16(judged: dict[str, Row], counts: tuple[int, int], source: str) -> None:
    assert judged[f"source {counts}"]["data_source"] == source


@pytest.mark.parametrize(("weights", "score"), SCORES.items())
def test_the_score_is_the_mean_of_25_weights(judged: dict[str, Row], weights: int, score: str) -> None:
    assert judged[f"score {weights}"]["feature_quality_score"] == Decimal(score)


@about(EVERYTHING)
def test_a_row_with_all_upstream_scores_97_for_its_three_phase3_flags(row: FeatureRow) -> None:
    assert row["feature_quality_score"] == Decimal("97.00")  # (22 * 100 + 3 * 75) / 25
    assert (row["quality_tier"], row["data_source"]) == ("gold", "phase4")


@about(NOTHING)
def test_a_constant_for_lack_of_input_is_not_praised(row: FeatureRow) -> None:
    assert row["feature_quality_score"] == Decimal("46.60")  # 21 constants, injury_risk, three flags of context
    assert (row["quality_tier"], row["data_source"]) == ("poor", "mixed")
