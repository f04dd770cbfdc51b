"""How good a feature row is: its score, its tier, and the one word for where its values came from.

Works on the counts that `choose_source` gives; reads weights and features from the catalogue.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.catalogue import FEATURES, WITH_PHASE4

TIERS = ((95, "gold"), (85, "silver"), (70, "bronze"), (50, "poor"))
LOWEST_TIER = "critical"
QUALITY_CAPS = ((5, 49), (1, 69))
"""With so many features that are constants, the score is at most so much: a high one must not hide them."""
TRAINING_SCORE = 85
PHASE4_SHARE = 0.90
PARTIAL_SHARE = 0.50


def quality_score(weights: Column, defaults: Column, features: int = len(FEATURES)) -> Column:
    """The mean weight of so many features, 0 to 100, as DECIMAL(5,2); capped when some of them are constants.

    `weights` is their sum, a whole number; `defaults`, how many are constants.
    """
    most = F.lit(100)
    for count, cap in reversed(QUALITY_CAPS):
        most = F.when(defaults >= count, F.lit(cap)).otherwise(most)
    mean = weights.cast("decimal(8,2)") / F.lit(features)
    return F.least(mean.cast("decimal(5,2)"), most.cast("decimal(5,2)"))


def quality_tier(score: Column) -> Column:
    """gold, silver, bronze, poor or critical, by score."""
    tier = F.lit(LOWEST_TIER)
    for lowest, name in reversed(TIERS):
        tier = F.when(score >= lowest, F.lit(name)).otherwise(tier)
    return tier


def is_training_ready(score: Column, defaults: Column, is_production_ready: Column) -> Column:
    """True for a row without a constant, whose inputs are ready, of a good score."""
    return (defaults == 0) & is_production_ready & (score >= TRAINING_SCORE)


def data_source(phase4_features: Column, phase3_features: Column) -> Column:
    """phase4, phase4_partial, phase3 or mixed, by the shares among the features that have a phase 4 source."""
    features = len(WITH_PHASE4)
    return (
        F.when(phase4_features >= PHASE4_SHARE * features, F.lit("phase4"))
        .when(phase4_features >= PARTIAL_SHARE * features, F.lit("phase4_partial"))
        .when(phase3_features >= PARTIAL_SHARE * features, F.lit("phase3"))
        .otherwise(F.lit("mixed"))
    )
