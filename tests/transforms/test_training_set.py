"""Training sets: which rows are in, in which split, why the others are not, and what becomes of defaults."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from transforms.catalogue import FEATURE_NAMES, FEATURE_VERSION
from transforms.training_set import REASONS, Selection, candidate_rows, training_columns

DAY = datetime.date(2021, 11, 18)
SOURCES = ["phase4"] * (len(FEATURE_NAMES) - 1) + ["default"]
STORED = (
    "player_lookup string, game_date date, game_id string, features array<double>, feature_sources array<string>, "
    "feature_version string, feature_quality_score double, opponent_team_abbr string, data_source string, "
    "early_season_flag boolean, quality_tier string, is_training_ready boolean"
)
GAMES = "player_lookup string, game_date date, team_abbr string, played boolean, label bigint"


def stored(player: str, date: datetime.date = DAY, **changed: Any) -> tuple[Any, ...]:
    """A row of the store that is fit for training, and of which the last feature is a default."""
    row = {
        "player_lookup": player,
        "game_date": date,
        "game_id": "1",
        "features": [float(number) for number in range(len(FEATURE_NAMES))],
        "feature_sources": SOURCES,
        "feature_version": FEATURE_VERSION,
        "feature_quality_score": 90.0,
        "opponent_team_abbr": "BOS",
        "data_source": "phase4",
        "early_season_flag": False,
        "quality_tier": "silver",
        "is_training_ready": True,
    }
    return tuple({**row, **changed}.values())


def day(days: int) -> datetime.date:
    return DAY + datetime.timedelta(days=days)


PLACEHOLDER: dict[str, Any] = {
    "features": [],
    "feature_sources": [],
    "early_season_flag": True,
    "feature_quality_score": 0.0,
}
ROWS = [
    stored("good"),
    stored("sat_out"),
    stored("not_in_log"),
    stored("early", **PLACEHOLDER),
    stored("newer_version", feature_version="v2_33"),
    stored("no_points"),
    stored("poor", feature_quality_score=60.0, is_training_ready=False),
    stored("unknown_quality", feature_quality_score=None, is_training_ready=None),
    *[stored("daily", day(days)) for days in range(1, 8)],
]
LOG = [
    *[(row[0], row[1], "ATL", True, 21) for row in ROWS if row[0] not in ("sat_out", "not_in_log", "no_points")],
    ("sat_out", DAY, "ATL", False, None),
    ("no_points", DAY, "ATL", True, None),
    ("without_row", DAY, "ATL", True, 4),
    ("sat_out_without_row", DAY, "ATL", False, None),
]


def found(spark: SparkSession, **asked: Any) -> dict[tuple[str, datetime.date], Row]:
    rows = candidate_rows(spark.createDataFrame(ROWS, STORED), spark.createDataFrame(LOG, GAMES), Selection(**asked))
    collected = rows.collect()
    by_key = {(row["player_lookup"], row["game_date"]): row for row in collected}
    assert len(by_key) == len(collected)
    return by_key


def reasons(rows: dict[tuple[str, datetime.date], Row]) -> dict[str, str | None]:
    return {player: row["exclusion"] for (player, date), row in rows.items() if date == DAY}


@pytest.fixture(scope="module")
def plain(spark: SparkSession) -> dict[tuple[str, datetime.date], Row]:
    return found(spark)


def test_each_row_that_is_left_out_has_its_first_reason(plain: dict[tuple[str, datetime.date], Row]) -> None:
    assert reasons(plain) == {
        "good": None,
        "sat_out": "not_played",
        "not_in_log": "not_played",
        "early": "placeholder",
        "newer_version": "other_feature_version",
        "no_points": "no_label",
        "poor": None,
        "unknown_quality": None,
        "without_row": "no_feature_row",
    }


def test_the_team_and_the_label_are_those_of_the_game_log(plain: dict[tuple[str, datetime.date], Row]) -> None:
    row = plain["good", DAY]
    assert (row["team_abbr"], row["label"], row["game_id"]) == ("ATL", 21, "1")


def test_without_a_date_of_another_split_every_row_is_for_training(plain: dict[tuple[str, Any], Row]) -> None:
    assert {row["split"] for row in plain.values()} == {"train"}


def test_quality_and_readiness_are_asked_for(spark: SparkSession) -> None:
    by_quality = reasons(found(spark, min_quality=90))
    assert {by_quality[name] for name in ("poor", "unknown_quality")} == {"below_min_quality"}
    assert by_quality["good"] is None
    ready = reasons(found(spark, only_training_ready=True))
    assert {ready[name] for name in ("poor", "unknown_quality")} == {"not_training_ready"}


def test_another_version_is_asked_for(spark: SparkSession) -> None:
    by_version = reasons(found(spark, feature_version="v2_33"))
    assert (by_version["newer_version"], by_version["good"]) == (None, "other_feature_version")


def test_a_date_is_in_one_split_and_the_days_before_a_later_split_in_none(spark: SparkSession) -> None:
    rows = found(spark, validation_start=day(3), test_start=day(6), embargo_days=1)
    splits = {
        (date - DAY).days: (row["split"], row["exclusion"]) for (player, date), row in rows.items() if player == "daily"
    }
    assert splits == {
        1: ("train", None),
        2: ("train", "embargo"),
        3: ("validation", None),
        4: ("validation", None),
        5: ("validation", "embargo"),
        6: ("test", None),
        7: ("test", None),
    }


def test_only_the_splits_that_begin_are_there() -> None:
    assert Selection().splits == ("train",)
    assert Selection(test_start=DAY).splits == ("train", "test")
    assert Selection(validation_start=DAY, test_start=day(1)).splits == ("train", "validation", "test")


@pytest.mark.parametrize(("defaults", "last"), [("null", None), ("keep", 24.0)])
def test_a_default_is_null_or_kept(spark: SparkSession, defaults: Any, last: float | None) -> None:
    rows = candidate_rows(spark.createDataFrame(ROWS, STORED), spark.createDataFrame(LOG, GAMES), Selection())
    (row,) = training_columns(rows.where("player_lookup = 'good'"), defaults).collect()
    assert [row[name] for name in FEATURE_NAMES] == [*map(float, range(24)), last]
    assert row.asDict().keys() >= {"label", "split", "team_abbr", "opponent_team_abbr", "quality_tier"}


def test_a_row_with_a_default_is_dropped_when_that_is_asked_for(spark: SparkSession) -> None:
    assert reasons(found(spark, defaults="drop"))["good"] == "has_default"


def test_every_reason_is_explained() -> None:
    assert all(REASONS.values())
