"""The checks of a feature store, each against a row with one fault."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from pyspark.sql import SparkSession

from jobs.schemas.tables import ML_FEATURE_STORE
from tests.transforms.store_rows import (
    GAME_DATE,
    PLACEHOLDER,
    Values,
    good_features,
    spoiled,
    store_frame,
    store_row,
)
from transforms.catalogue import FEATURES
from transforms.validation import CHECKS, STORED, found_faults

REQUIRED = [column.name for column in ML_FEATURE_STORE.columns if column.mode == "required"]
ARRAYS = [column.name for column in ML_FEATURE_STORE.columns if column.type.startswith("ARRAY")]
MAY_BE_NULL = set(ML_FEATURE_STORE.column_names) - {*REQUIRED, *ARRAYS, "data_hash"}
EMPTY_DATE, UNUSABLE_DATE = datetime.date(2021, 11, 19), datetime.date(2021, 11, 20)
ALL = len(FEATURES)
OTHER_HASH = "0123456789abcdef"


class Case(NamedTuple):
    """A row with some values and their hash, then with others `after` the hash was made, and what each check says."""

    faults: dict[str, str]
    values: Values
    after: Values
    times: int = 1


def case(values: Values | None = None, times: int = 1, after: Values | None = None, **faults: str) -> Case:
    return Case(faults, values or {}, after or {}, times)


def counted(features: int, said: int = ALL) -> str:
    return f"{features} features, feature_count {said}"


CASES: dict[str, Case] = {
    "good": case(),
    "placeholder": case(PLACEHOLDER),
    "quotes and controls in a text": case({"game_id": 'a"\\\n'}),
    "NULL in every column that may hold it": case(dict.fromkeys(MAY_BE_NULL)),
    "twice": case(times=2, duplicate_keys="2 rows"),
    "three times": case(times=3, duplicate_keys="3 rows"),
    "one too few": case(after={"features": good_features()[:-1]}, feature_count=counted(ALL - 1)),
    "one too many": case(after={"features": [*good_features(), 1.0]}, feature_count=counted(ALL + 1)),
    "no features": case(after={"features": []}, feature_count=counted(0)),
    "NULL for features": case(after={"features": None}, feature_count=counted(0)),
    "NULL for a placeholder's features": case(PLACEHOLDER, after={"features": None}),
    "another count": case(after={"feature_count": ALL - 1}, feature_count=counted(ALL, ALL - 1)),
    "a placeholder with features": case(
        after={"early_season_flag": True}, feature_count=f"{counted(ALL)} in a placeholder"
    ),
    "not said to be a placeholder": case(PLACEHOLDER, after={"early_season_flag": None}, feature_count=counted(0, 0)),
    "NaN": case(after={"features": good_features(pace_score=math.nan)}, finite_features="pace_score NaN"),
    "infinities": case(
        after={"features": good_features(pace_score=math.inf, team_pace=-math.inf)},
        finite_features="pace_score Infinity, team_pace -Infinity",
    ),
    "NULL among features": case(
        after={"features": good_features(team_win_pct=None)}, finite_features="team_win_pct NULL"
    ),
    "NaN among too few features": case(
        after={"features": good_features(pace_score=math.nan)[:-1]},
        feature_count=counted(ALL - 1),
        finite_features="pace_score NaN",
    ),
    "NaN after the last feature": case(
        after={"features": [*good_features(), math.nan]},
        feature_count=counted(ALL + 1),
        finite_features="beyond the last feature: NaN",
    ),
    "all at their highest": case({"features": [float(feature.highest or 0) for feature in FEATURES]}),
    "all at their lowest": case({"features": [float(feature.lowest or 0) for feature in FEATURES]}),
    "above and below": case(
        {"features": good_features(games_in_last_7_days=8.0, pct_paint=-0.25)},
        feature_ranges="games_in_last_7_days 8.0, pct_paint -0.25",
    ),
    "no hash": case(after={"data_hash": None}, hash_set="no data_hash"),
    "an empty hash": case(after={"data_hash": ""}, hash_set="no data_hash"),
    "another hash": case(after={"data_hash": OTHER_HASH}, hash_equal=f"is {OTHER_HASH}, computed "),
    "a changed feature": case(after={"features": good_features(pace_score=0.000001)}, hash_equal="is "),
    "a changed column": case(after={"source_composite_rows_found": 1}, hash_equal="is "),
    "a score beyond its type": case(after={"feature_quality_score": Decimal(12345)}, hash_equal="is "),
    "NULL in required columns": case(
        after={"game_id": None, "created_at": None, "data_hash": None},
        required_columns="game_id, created_at",
        hash_set="no data_hash",
    ),
    "no context": case(orphans="no row of context"),
    "no context, twice": case(times=2, duplicate_keys="2 rows", orphans="no row of context"),
}
EXAMPLES = {name: sum(name in case.faults for case in CASES.values()) for name in (check.name for check in CHECKS)}


class Found(NamedTuple):
    """What was found: the details by player and check; rows by check; examples by check."""

    details: dict[str, dict[str, str]]
    rows: dict[str, int]
    examples: dict[str, list[Any]]


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> Found:
    """Every case is a player of its own; context has each of those that it has twice."""
    rows = [spoiled(store_row(name, **case.values), **case.after) for name, case in CASES.items()]
    repeated = [row for row, case in zip(rows, CASES.values(), strict=True) for _ in range(case.times)]
    known = [(name, GAME_DATE) for name in CASES if not name.startswith("no context")] * 2
    absent = [("absent", EMPTY_DATE), (None, UNUSABLE_DATE), ("absent", None)]
    context = spark.createDataFrame([*known, *absent], "player_lookup string, game_date date")
    faults = found_faults(store_frame(spark, repeated), context, required=REQUIRED, most=1000).collect()
    details: dict[str, dict[str, str]] = {}
    for fault in faults:
        for example in fault["examples"]:
            details.setdefault(example["player_lookup"], {})[fault["kind"]] = example["detail"]
    by_kind = {fault["kind"]: fault for fault in faults}
    return Found(
        details,
        {kind: fault["rows"] for kind, fault in by_kind.items()},
        {kind: fault["examples"] for kind, fault in by_kind.items()},
    )


@pytest.mark.parametrize("name", CASES)
def test_a_row_fails_exactly_the_checks_that_it_should(found: Found, name: str) -> None:
    details, expected = found.details.get(name, {}), CASES[name].faults
    assert {kind: detail[: len(expected.get(kind, ""))] for kind, detail in details.items()} == expected


def test_of_a_duplicated_key_all_rows_but_one_fail(found: Found) -> None:
    assert found.rows["duplicate_keys"] == 1 + 2 + 1
    assert found.rows["orphans"] == 1 + 2


def test_rows_are_counted_and_every_key_is_an_example_once(found: Found) -> None:
    assert found.rows[STORED] == sum(case.times for case in CASES.values())
    counted = {kind: len(examples) for kind, examples in found.examples.items()}
    assert counted == {**EXAMPLES, STORED: 0, "dates_without_rows": 1}


def test_a_date_with_context_and_no_row_is_named(found: Found) -> None:
    (example,) = found.examples["dates_without_rows"]
    assert (example["game_date"], example["player_lookup"]) == (EMPTY_DATE, None)
    assert found.rows["dates_without_rows"] == 1


def test_examples_are_the_first_by_date_and_player(spark: SparkSession) -> None:
    dates = [GAME_DATE + datetime.timedelta(days=number) for number in range(3)]
    rows = [store_row(player, date) for date in reversed(dates) for player in ("carl", "anna", "bert")]
    nobody = spark.createDataFrame([], "player_lookup string, game_date date")
    faults = found_faults(store_frame(spark, rows), nobody, required=REQUIRED, most=4).collect()
    (orphans,) = [fault for fault in faults if fault["kind"] == "orphans"]
    assert (orphans["rows"], orphans["dates"]) == (9, 3)
    shown = [(example["game_date"], example["player_lookup"]) for example in orphans["examples"]]
    assert shown == [(dates[0], "anna"), (dates[0], "bert"), (dates[0], "carl"), (dates[1], "anna")]
