"""Thousands of rows of random leagues against the naive implementation; millions by hand."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from tests.endurance.oracle import compared, disorder
from tests.oracle.naive import expected_rows
from tests.oracle.random_league import random_tables

ROWS, SEED, PLAYERS = 10_000, 26, 160


def test_every_row_of_random_leagues_is_what_the_oracle_says(spark: SparkSession) -> None:
    found = list(compared(spark, ROWS, SEED, PLAYERS))
    assert [one.difference for one in found if one.difference] == []
    assert sum(one.rows for one in found) >= ROWS


def test_a_value_that_differs_is_told_with_its_row(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def altered(*arguments: Any, **named: Any) -> Any:
        rows = expected_rows(*arguments, **named)
        next(iter(rows.values()))["data_hash"] += "x"
        return rows

    monkeypatch.setattr("tests.endurance.oracle.expected_rows", altered)
    (found,) = compared(spark, 1, SEED, players=3)
    assert "1 differences: data_hash 1" in str(found.difference)


def test_sets_are_made_until_so_many_rows_are_compared_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    made, compares = [], []

    def leagues(seed: str, players: int) -> SimpleNamespace:
        made.append((seed, players))
        return SimpleNamespace(seed=seed, expected=[None] * 2)

    monkeypatch.setattr("tests.endurance.oracle.leagues_of", leagues)
    monkeypatch.setattr("tests.endurance.oracle.compared_set", lambda _, leagues: compares.append(leagues.seed))
    assert len(list(compared(cast(SparkSession, None), rows=5, seed=7, players=3))) == 3
    assert compares == ["7.0", "7.1", "7.2"]
    assert made == [(seed, 3) for seed in compares]


def test_a_thin_table_lacks_most_rows_of_some_dates() -> None:
    whole = disorder(random.Random(3), players=30)
    dates = {}
    for thin in (0.0, 0.5):
        rows = random_tables([type(whole)(**{**vars(whole), "thin": thin, "duplicates": 0.0, "holes": 0.0})])
        dates[thin] = len(rows["player_composite_factors"])
    assert dates[0.5] < 0.8 * dates[0.0]
