"""A training set: what a player's features said before a game, and what he then did in it.

Joins rows of the feature store with the games that were really played; knows no table, no file and no clock.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from transforms.catalogue import FEATURE_VERSION, FEATURES
from transforms.validation import is_placeholder

Defaults = Literal["null", "keep", "drop"]
TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
KEY = ("player_lookup", "game_date")
DESCRIBING = ("game_id", "team_abbr", "opponent_team_abbr", "feature_quality_score", "quality_tier", "data_source")

REASONS = {
    "no_feature_row": "played, but the feature store has no row of the player and date",
    "not_played": "the player did not play on the date",
    "placeholder": "an early-season placeholder without features",
    "other_feature_version": "features of another version",
    "no_label": "the game log has no label",
    "below_min_quality": "a quality score below --min-quality",
    "not_training_ready": "not training-ready",
    "has_default": "a feature whose source is `default`",
    "embargo": "within the embargo before the next split",
}
"""Why a row is not in the training set, in the order in which the first that holds is given."""


@dataclass(frozen=True)
class Selection:
    """Which rows are wanted, and on which date each split begins (None: there is no such split).

    `embargo_days` are the days before the first date of a later split whose rows are in no split.
    """

    validation_start: datetime.date | None = None
    test_start: datetime.date | None = None
    embargo_days: int = 0
    defaults: Defaults = "null"
    only_training_ready: bool = False
    min_quality: float | None = None
    feature_version: str = FEATURE_VERSION

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that there are, in order of time."""
        starts = {TRAIN: True, VALIDATION: self.validation_start is not None, TEST: self.test_start is not None}
        return tuple(split for split, there in starts.items() if there)


def candidate_rows(stored: DataFrame, games: DataFrame, selection: Selection) -> DataFrame:
    """Every row that might be trained on, with its split and the reason why it is not in it.

    Input: `stored`, rows of the feature store, one per player and game date, with the columns of the key, `features`,
    `feature_sources`, `feature_version`, `early_season_flag`, `is_training_ready`, `DESCRIBING` but for `team_abbr`;
    `games`, the newest row of each player and game date of the game log: the key, `team_abbr`, `played`, `label`.
    Output: a row for each stored row and for each played game without one: the columns of both, `split`, and
    `exclusion`, the first of `REASONS` that holds, NULL for a row of the training set.
    """
    of_log = games.select(*KEY, "team_abbr", "played", "label")
    joined = stored.withColumn("_stored", F.lit(True)).join(of_log, on=list(KEY), how="full_outer")
    played = F.coalesce(F.col("played"), F.lit(False))
    return (
        joined.where(F.col("_stored").isNotNull() | played)
        .select("*", _split(selection).alias("split"), _exclusion(selection, played).alias("exclusion"))
        .drop("_stored", "played")
    )


def training_columns(rows: DataFrame, defaults: Defaults) -> DataFrame:
    """A column per feature, under the catalogue's name.

    Input: rows of `candidate_rows` without an exclusion. Output: the key, `DESCRIBING`, the 25 features as DOUBLE,
    `label`, `split`; with `defaults` "null" a feature whose source is `default` is NULL.
    """
    return rows.select(
        *KEY,
        *DESCRIBING,
        *[_feature(feature.index, defaults).alias(feature.name) for feature in FEATURES],
        "label",
        "split",
    )


def _feature(index: int, defaults: Defaults) -> Column:
    value = F.get("features", F.lit(index))
    if defaults != "null":
        return value
    return F.when(F.get("feature_sources", F.lit(index)) == "default", F.lit(None)).otherwise(value)


def _split(selection: Selection) -> Column:
    split = F.lit(TRAIN)
    for name, start in ((VALIDATION, selection.validation_start), (TEST, selection.test_start)):
        if start is not None:
            split = F.when(F.col("game_date") >= F.lit(start), F.lit(name)).otherwise(split)
    return split


def _exclusion(selection: Selection, played: Column) -> Column:
    score = F.col("feature_quality_score")
    conditions = {
        "no_feature_row": F.col("_stored").isNull(),
        "not_played": ~played,
        "placeholder": is_placeholder(),
        "other_feature_version": (F.col("feature_version") != selection.feature_version)
        | (F.size("features") != len(FEATURES)),
        "no_label": F.col("label").isNull(),
        "below_min_quality": F.lit(False)
        if selection.min_quality is None
        else ~F.coalesce(score >= selection.min_quality, F.lit(False)),
        "not_training_ready": ~F.coalesce(F.col("is_training_ready"), F.lit(False))
        if selection.only_training_ready
        else F.lit(False),
        "has_default": F.array_contains("feature_sources", "default") if selection.defaults == "drop" else F.lit(False),
        "embargo": _in_embargo(selection),
    }
    reason = F.lit(None).cast("string")
    for name in reversed(REASONS):
        reason = F.when(conditions[name], F.lit(name)).otherwise(reason)
    return reason


def _in_embargo(selection: Selection) -> Column:
    within = F.lit(False)
    for start in (selection.validation_start, selection.test_start):
        if start is not None and selection.embargo_days:
            first = start - datetime.timedelta(days=selection.embargo_days)
            within = within | ((F.col("game_date") >= F.lit(first)) & (F.col("game_date") < F.lit(start)))
    return within
