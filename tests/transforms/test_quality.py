"""The score of a row, its tier, and the word for where its values came from, at the edges."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from tests.transforms.rows import FeatureRow, about
from tests.transforms.test_choose_source import EVERYTHING, NOTHING
from transforms.catalogue import SOURCE_WEIGHTS, SourceKind
from transforms.quality import data_source, is_training_ready, quality_score, quality_tier

OF_BASELINE = 25
TIERS = {
    "100.00": "gold",
    "95.00": "gold",
    "94.99": "silver",
    "85.00": "silver",
    "84.99": "bronze",
    "70.00": "bronze",
    "69.99": "poor",
    "50.00": "poor",
    "49.99": "critical",
    "0.00": "critical",
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
SCORES = {
    (2500, 0): "100.00",
    (2425, 0): "97.00",
    (1876, 0): "75.04",
    (2365, 1): "69.00",
    (1700, 1): "68.00",
    (2200, 4): "69.00",
    (2200, 5): "49.00",
    (1240, 5): "49.00",
    (1220, 21): "48.80",
    (1000, 25): "40.00",
}
TRAINING = {
    ("85.00", 0, True): True,
    ("84.99", 0, True): False,
    ("97.00", 1, True): False,
    ("97.00", 0, False): False,
}


@pytest.fixture(scope="module")
def judged(spark: SparkSession) -> dict[str, Row]:
    cases = [
        *[(f"tier {score}", Decimal(score), 0, 0, 0) for score in TIERS],
        *[(f"source {counts}", Decimal(0), *counts, 0) for counts in SOURCES],
        *[(f"score {asked}", Decimal(0), 0, 0, *asked) for asked in SCORES],
        *[(f"training {asked}", Decimal(asked[0]), 0, 0, 0, *asked[1:]) for asked in TRAINING],
    ]
    schema = "case string, score decimal(5,2), phase4 int, phase3 int, weights int, defaults int, ready boolean"
    width = len(schema.split(", "))
    frame = spark.createDataFrame([(*case, *[None] * (width - len(case))) for case in cases], schema)
    rows = frame.select(
        "case",
        quality_tier(F.col("score")).alias("quality_tier"),
        data_source(F.col("phase4"), F.col("phase3")).alias("data_source"),
        quality_score(F.col("weights"), F.col("defaults"), OF_BASELINE).alias("feature_quality_score"),
        is_training_ready(F.col("score"), F.col("defaults"), F.col("ready")).alias("is_training_ready"),
    )
    return {row["case"]: row for row in rows.collect()}


@pytest.mark.parametrize(("score", "tier"), TIERS.items())
def test_the_tier_of_a_score(judged: dict[str, Row], score: str, tier: str) -> None:
    assert judged[f"tier {score}"]["quality_tier"] == tier


@pytest.mark.parametrize(("counts", "source"), SOURCES.items())
def test_the_data_source_by_shares_of_16(judged: dict[str, Row], counts: tuple[int, int], source: str) -> None:
    assert judged[f"source {counts}"]["data_source"] == source


@pytest.mark.parametrize(("asked", "score"), SCORES.items())
def test_the_score_is_the_mean_of_25_weights_at_most_69_with_a_constant_and_49_with_five(
    judged: dict[str, Row], asked: tuple[int, int], score: str
) -> None:
    assert judged[f"score {asked}"]["feature_quality_score"] == Decimal(score)


@pytest.mark.parametrize(("asked", "ready"), TRAINING.items())
def test_training_wants_a_score_of_85_no_constant_and_ready_inputs(
    judged: dict[str, Row], asked: tuple[str, int, bool], ready: bool
) -> None:
    assert judged[f"training {asked}"]["is_training_ready"] is ready


def mean_weight(sources: Sequence[SourceKind]) -> Decimal:
    """The score of a row with these sources, as long as no cap holds."""
    return round(Decimal(sum(SOURCE_WEIGHTS[source] for source in sources)) / len(sources), 2)


def of_baseline(row: FeatureRow) -> Decimal:
    return mean_weight(row["feature_sources"][:OF_BASELINE])


@about(EVERYTHING)
def test_a_row_with_all_upstream_scores_97_for_its_three_phase3_flags(row: FeatureRow) -> None:
    assert of_baseline(row) == Decimal("97.00")  # (22 * 100 + 3 * 75) / 25
    assert row["feature_quality_score"] == mean_weight(row["feature_sources"])
    assert (row["quality_tier"], row["data_source"]) == ("gold", "phase4")


@about(NOTHING)
def test_a_constant_for_lack_of_input_is_not_praised(row: FeatureRow) -> None:
    assert of_baseline(row) == Decimal("46.60")  # 21 constants, injury_risk, three flags of context
    assert row["feature_quality_score"] == mean_weight(row["feature_sources"])
    assert (row["quality_tier"], row["data_source"]) == ("critical", "mixed")


@about(NOTHING)
def test_the_constants_of_a_row_are_named_by_index(row: FeatureRow) -> None:
    constants = [index for index, source in enumerate(row["feature_sources"]) if source == "default"]
    assert row["default_feature_indices"] == constants
    assert row["default_feature_count"] == len(constants)
    assert len([index for index in constants if index < OF_BASELINE]) == 21
    assert row["is_training_ready"] is False
