"""Distances: to a baseline or of the month furthest from the others, and which features never change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from jobs.planning.distances import CONSTANT_ROWS, DRIFT_ABOVE, Distance, distances, histograms_of_rows

NAME = "pace_score"


def rows_of(
    bins: Mapping[int, int], month: str = "2021-11", lowest: float = 0.0, highest: float = 1.0, playoff: bool = False
) -> list[Any]:
    of_all = {"month": month, "is_playoff": playoff, "feature": NAME, "lowest": lowest, "highest": highest}
    return [{**of_all, "bin": place, "number": number} for place, number in bins.items()]


def test_a_baseline_that_is_the_same_is_no_distance() -> None:
    histograms = histograms_of_rows(rows_of({3: 10, 4: 30}))
    distance = distances(histograms, histograms)[NAME]
    assert distance == Distance(NAME, 0.0, 40)
    assert not distance.drifts


def test_values_in_other_bins_drift_from_the_baseline() -> None:
    current, baseline = (histograms_of_rows(rows_of(bins)) for bins in ({3: 10, 4: 30}, {3: 30, 4: 10}))
    assert distances(current, baseline)[NAME].drifts


def test_a_feature_without_values_on_either_side_has_no_distance() -> None:
    some, nothing = histograms_of_rows(rows_of({3: 10})), histograms_of_rows([])
    assert distances(some, nothing) == distances(nothing, some) == distances(some, None) == {}


MONTHS = ("2021-11", "2021-12", "2022-01")


@pytest.mark.parametrize("far", MONTHS)
def test_without_a_baseline_it_is_the_month_furthest_from_all_others(far: str) -> None:
    rows = [row for month in MONTHS for row in rows_of({3: 300, 4: 300} if month == far else {3: 600}, month)]
    distance = distances(histograms_of_rows(rows), None)[NAME]
    assert (distance.month, distance.values, distance.drifts) == (far, 600, True)


def test_a_month_of_few_values_is_compared_with_no_other() -> None:
    few, enough = (rows_of({9: number}, "2021-10") for number in (499, 500))
    others = rows_of({3: 5000})
    assert distances(histograms_of_rows([*few, *others]), None) == {}
    assert distances(histograms_of_rows([*enough, *others]), None)[NAME].values == 500
    # It is compared with none, and the later ones are with each other.
    assert distances(histograms_of_rows([*few, *others, *rows_of({4: 800}, "2021-12")]), None)[NAME].values == 800


def test_the_ends_of_a_feature_are_those_of_all_its_rows() -> None:
    parts = [rows_of({3: 1}, lowest=low, highest=high) for low, high in ((0.0, 5.0), (2.0, 9.0), (1.0, 3.0))]
    of_feature = histograms_of_rows([row for part in parts for row in part])[NAME]
    assert (of_feature.lowest, of_feature.highest) == (0.0, 9.0)


def test_the_playoffs_are_far_from_no_month_but_count_against_a_baseline() -> None:
    months = [*rows_of({3: 600}), *rows_of({3: 600}, "2021-12")]
    with_playoffs = histograms_of_rows([*months, *rows_of({9: 600}, "2022-05", playoff=True)])
    assert distances(with_playoffs, None)[NAME].index == 0
    assert distances(with_playoffs, histograms_of_rows(months))[NAME].values == 1800
    assert distances(with_playoffs, histograms_of_rows(months))[NAME].drifts


def test_the_threshold_itself_is_no_drift() -> None:
    assert not Distance(NAME, DRIFT_ABOVE, 1000).drifts
    assert Distance(NAME, DRIFT_ABOVE + 0.001, 1000).drifts


@pytest.mark.parametrize(
    ("number", "highest", "constant"),
    [(CONSTANT_ROWS, 0.0, True), (CONSTANT_ROWS - 1, 0.0, False), (5000, 0.0, True), (5000, 0.5, False)],
)
def test_one_value_in_many_rows_is_constant(number: int, highest: float, constant: bool) -> None:
    rows = [*rows_of({3: 1}, lowest=0.0, highest=highest), *rows_of({3: number - 1}, "2021-12", 0.0, 0.0)]
    assert histograms_of_rows(rows)[NAME].is_constant is constant


def test_a_feature_without_values_is_not_constant() -> None:
    assert not histograms_of_rows([])[NAME].is_constant
