"""Distributions: weeks with percentiles and sources, histograms over fixed bins, and the distance between two."""

from __future__ import annotations

import datetime
import math
from collections import Counter

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from tests.transforms.store_rows import PLACEHOLDER, good_features, spoiled, store_frame, store_row
from transforms.catalogue import FEATURE_NAMES
from transforms.distributions import BINS, feature_values, histograms, population_stability_index, weekly_distributions

# From -3 to 3 in 20 bins of 0.3; beyond the range on both sides, not finite, and NULL.
SCORES = {"a": -3.0, "b": -2.71, "c": -0.001, "d": 0.0, "e": 2.99, "f": 3.0, "g": 99.0, "h": -99.0}
NO_NUMBERS = {"i": math.nan, "j": math.inf, "k": None}
BINS_OF_SCORES = {0: 3, 9: 1, 10: 1, 19: 3}
SUNDAY, MONDAY = datetime.date(2021, 10, 31), datetime.date(2021, 11, 1)


@pytest.fixture(scope="module")
def values(spark: SparkSession) -> DataFrame:
    rows = [
        spoiled(store_row(player, MONDAY), features=good_features(pace_score=score))
        for player, score in {**SCORES, **NO_NUMBERS}.items()
    ]
    sources = ["default" if name == "pace_score" else "phase3" for name in FEATURE_NAMES]
    sunday = store_row("anna", SUNDAY, features=good_features(pace_score=1.0), feature_sources=sources)
    placeholder = store_row("early", MONDAY, **PLACEHOLDER)
    return feature_values(store_frame(spark, [*rows, sunday, placeholder]))


@pytest.fixture(scope="module")
def weeks(values: DataFrame) -> dict[tuple[datetime.date, str], Row]:
    return {(row["week"], row["feature"]): row for row in weekly_distributions(values).collect()}


def test_a_week_begins_on_monday_and_has_every_feature(weeks: dict[tuple[datetime.date, str], Row]) -> None:
    assert weeks.keys() == {(day, name) for day in (datetime.date(2021, 10, 25), MONDAY) for name in FEATURE_NAMES}


def test_a_week_has_the_percentiles_of_its_finite_values(weeks: dict[tuple[datetime.date, str], Row]) -> None:
    row = weeks[MONDAY, "pace_score"]
    assert (row["number"], row["low"], row["median"], row["high"]) == (8, -99.0, -0.001, 99.0)


def test_a_week_counts_the_sources_of_its_values(weeks: dict[tuple[datetime.date, str], Row]) -> None:
    row = weeks[datetime.date(2021, 10, 25), "pace_score"]
    assert (row["rows_phase4"], row["rows_phase3"], row["rows_calculated"], row["rows_default"]) == (0, 0, 0, 1)
    assert weeks[MONDAY, "pace_score"]["rows_phase4"] == len(SCORES) + len(NO_NUMBERS)


def test_bins_are_those_of_the_range_and_what_is_beyond_is_at_the_end(values: DataFrame) -> None:
    rows = [row for row in histograms(values).collect() if row["feature"] == "pace_score" and row["month"] == "2021-11"]
    assert {row["bin"]: row["number"] for row in rows} == BINS_OF_SCORES
    assert max(BINS_OF_SCORES) == BINS - 1
    assert (min(row["lowest"] for row in rows), max(row["highest"] for row in rows)) == (-99.0, 99.0)


def test_values_of_the_playoffs_are_told_apart(spark: SparkSession) -> None:
    rows = [store_row(f"of_{flag}", MONDAY, features=good_features(playoff_game=flag)) for flag in (0.0, 1.0)]
    found = histograms(feature_values(store_frame(spark, rows))).collect()
    assert {(row["is_playoff"], row["bin"]) for row in found if row["feature"] == "playoff_game"} == {
        (False, 0),
        (True, BINS - 1),
    }


def test_histograms_of_two_halves_add_up_to_that_of_the_whole(values: DataFrame) -> None:
    def counted(part: DataFrame) -> Counter[tuple[str, int]]:
        return Counter({(row["feature"], row["bin"]): row["number"] for row in histograms(part).collect()})

    november = values.where("month = '2021-11'")
    in_halves = counted(november.where("value < 0")) + counted(november.where("value >= 0"))
    assert in_halves == counted(november)


def test_equal_shares_have_no_distance() -> None:
    assert population_stability_index({0: 10, 1: 30}, {0: 100, 1: 300}) == 0


def test_the_distance_is_the_sum_over_the_bins() -> None:
    expected = (0.5 - 0.25) * math.log(0.5 / 0.25) + (0.5 - 0.75) * math.log(0.5 / 0.75)
    assert population_stability_index({0: 25, 1: 75}, {0: 50, 1: 50}) == pytest.approx(expected)


def test_an_empty_bin_keeps_the_distance_finite() -> None:
    expected = 2 * (1 - 1e-4) * math.log(1 / 1e-4)
    assert population_stability_index({0: 7}, {1: 7}) == pytest.approx(expected)


def test_nothing_has_no_distance() -> None:
    assert population_stability_index({}, {0: 1}) is None
    assert population_stability_index({0: 1}, {0: 0}) is None
