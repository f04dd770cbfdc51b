"""Two feature tables against each other: what counts as a difference, and which row of a key is compared."""

from __future__ import annotations

import datetime
import math
from typing import Any, NamedTuple

import pytest
from pyspark.sql import SparkSession

from tests.transforms.store_rows import (
    CREATED_AT,
    GAME_DATE,
    PLACEHOLDER,
    Values,
    good_features,
    spoiled,
    store_frame,
    store_row,
)
from transforms.comparison import compared

TOLERANCE = 0.001
LATER = CREATED_AT + datetime.timedelta(hours=1)
Differences = dict[str, tuple[float | None, float | None]]


def with_score(score: float | None) -> Values:
    return {"features": good_features(pace_score=score)}


class Case(NamedTuple):
    """Changes to a good row on either side (several: the rows of the key), and the differences by kind."""

    left: list[Values]
    right: list[Values]
    differences: Differences


NOTHING: Values = {}
NO_VALUES = (None, None)
SHORT = good_features()[:24]
CASES: dict[str, Case] = {
    "the same": Case([NOTHING], [NOTHING], {}),
    "the same placeholder": Case([PLACEHOLDER], [PLACEHOLDER], {}),
    "what nobody compares": Case([{"quality_tier": "gold"}], [{"quality_tier": "poor"}], {}),
    "left alone": Case([NOTHING], [], {"only_left": NO_VALUES}),
    "right alone": Case([], [NOTHING], {"only_right": NO_VALUES}),
    "a value": Case([with_score(1.0)], [with_score(-1.5)], {"pace_score": (1.0, -1.5)}),
    "within the tolerance": Case([with_score(1.0)], [with_score(1.0 + TOLERANCE / 2)], {}),
    "at the tolerance": Case([with_score(0.0)], [with_score(TOLERANCE)], {}),
    "beyond the tolerance": Case(
        [with_score(0.0)], [with_score(TOLERANCE * 1.01)], {"pace_score": (0.0, TOLERANCE * 1.01)}
    ),
    "NaN and NaN": Case([with_score(math.nan)], [with_score(math.nan)], {}),
    "NULL and NULL": Case([with_score(None)], [with_score(None)], {}),
    "infinity and infinity": Case([with_score(math.inf)], [with_score(math.inf)], {}),
    "a number and NaN": Case([with_score(1.0)], [with_score(math.nan)], {"pace_score": (1.0, math.nan)}),
    "NULL and a number": Case([with_score(None)], [with_score(1.0)], {"pace_score": (None, 1.0)}),
    "NULL and NaN": Case([with_score(None)], [with_score(math.nan)], {"pace_score": (None, math.nan)}),
    "infinity and a number": Case([with_score(math.inf)], [with_score(1.0)], {"pace_score": (math.inf, 1.0)}),
    "24 features and 25": Case([{"features": SHORT}], [NOTHING], {"team_win_pct": (None, 0.5)}),
    "beyond the last feature": Case(
        [{"features": [*good_features(), 1.0]}], [{"features": [*good_features(), 2.0]}], {}
    ),
    "a placeholder and features": Case([PLACEHOLDER], [NOTHING], {"placeholder": NO_VALUES}),
    "the hash": Case([{"data_hash": "a"}], [{"data_hash": "b"}], {"data_hash": NO_VALUES}),
    "a hash and none": Case([{"data_hash": "a"}], [{"data_hash": None}], {"data_hash": NO_VALUES}),
    "the newest row of a key": Case(
        [{**with_score(1.0), "created_at": LATER}, with_score(2.0)],
        [with_score(1.0)],
        {"left_duplicates": NO_VALUES},
    ),
    "of rows of one time the first by hash": Case(
        [{**with_score(2.0), "data_hash": "b"}, {"data_hash": "a"}],
        [{"data_hash": "a"}, {"data_hash": "a"}, {"data_hash": "c"}],
        {"left_duplicates": NO_VALUES, "right_duplicates": NO_VALUES},
    ),
}


class Found(NamedTuple):
    """The differences by player, and the row of the result by kind."""

    differences: dict[str, Differences]
    by_kind: dict[str, Any]


def rows_of(side: str) -> list[Values]:
    return [
        # The hash says whether the row is the same, unless a case is about it: features are compared by value.
        spoiled(store_row(name), data_hash="the same", **change)
        if "data_hash" not in change
        else spoiled(store_row(name), **change)
        for name, case in CASES.items()
        for change in getattr(case, side)
    ]


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> Found:
    left, right = (store_frame(spark, rows_of(side)) for side in ("left", "right"))
    by_kind = {row["kind"]: row for row in compared(left, right, tolerance=TOLERANCE, most=100).collect()}
    differences: dict[str, Differences] = {}
    for kind, row in by_kind.items():
        for example in row["examples"]:
            differences.setdefault(example["player_lookup"], {})[kind] = (example["left"], example["right"])
    return Found(differences, by_kind)


@pytest.mark.parametrize("name", CASES)
def test_a_row_differs_in_exactly_what_it_should(found: Found, name: str) -> None:
    # As text, in which NaN is itself.
    assert repr(found.differences.get(name, {})) == repr(CASES[name].differences)


def test_what_is_beyond_the_last_feature_is_no_finding(found: Found) -> None:
    assert None not in found.by_kind


def test_rows_and_common_keys_are_counted(found: Found) -> None:
    cases = CASES.values()
    assert found.by_kind["left_rows"]["rows"] == sum(len(case.left) for case in cases)
    assert found.by_kind["right_rows"]["rows"] == sum(len(case.right) for case in cases)
    assert found.by_kind["common_rows"]["rows"] == sum(bool(case.left and case.right) for case in cases)


def test_the_largest_difference_is_that_of_finite_values(found: Found) -> None:
    score = found.by_kind["pace_score"]
    assert (score["rows"], score["largest_difference"]) == (6, 2.5)
    assert found.by_kind["team_win_pct"]["largest_difference"] is None


def test_examples_are_the_first_by_date_and_player(spark: SparkSession) -> None:
    dates = [GAME_DATE, GAME_DATE + datetime.timedelta(days=1)]
    rows = [store_row(player, date) for date in reversed(dates) for player in ("carl", "anna", "bert")]
    left, right = store_frame(spark, rows), store_frame(spark, [])
    by_kind = {row["kind"]: row for row in compared(left, right, tolerance=0.0, most=4).collect()}
    shown = [(example["game_date"], example["player_lookup"]) for example in by_kind["only_left"]["examples"]]
    assert by_kind["only_left"]["rows"] == 6
    assert shown == [(dates[0], "anna"), (dates[0], "bert"), (dates[0], "carl"), (dates[1], "anna")]
