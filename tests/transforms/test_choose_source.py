"""Where each feature comes from: phase 4, else computed, else the constant; what counts as missing."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from tests.transforms.rows import SEASON_START, FeatureRow, Story, about, log
from transforms.catalogue import FEATURE_NAMES
from transforms.choose_source import candidate_columns, chosen_columns, value_columns

EVERYTHING = Story(
    context={"days_rest": 2, "opponent_days_rest": 1},
    games=log(
        points=[10] * 5,
        ft_makes=[1] * 5,
        minutes_played=[30] * 5,
        paint_attempts=[3] * 5,
        mid_range_attempts=[2] * 5,
        three_pt_attempts=[5] * 5,
    ),
    daily_cache={
        "points_avg_last_5": 21.5,
        "points_avg_last_10": 22.5,
        "points_avg_season": 23.5,
        "points_std_last_10": 4.25,
        "games_in_last_7_days": 6,
        "paint_rate_last_10": 11,
        "three_pt_rate_last_10": 12,
        "team_pace_last_10": 98.5,
        "team_off_rating_last_10": 115.5,
        "minutes_avg_last_10": 30,
    },
    composite={"fatigue_score": 77, "shot_zone_mismatch_score": -3.5, "pace_score": 1.5, "usage_spike_score": -0.5},
    shot_zones={"paint_rate_last_10": 45, "mid_range_rate_last_10": 15, "three_pt_rate_last_10": 40},
    team_defense={"defensive_rating_last_15": 108.5, "opponent_pace": 97.5},
    own_team=log(pace=[90] * 5, offensive_rating=[90] * 5, win_flag=[True] * 5),
    opponent=log(defensive_rating=[90] * 5, opponent_pace=[90] * 5),
    schedule=[{"days_before": 1, "home_team_tricode": "OPP"}],
)
PHASE4 = {
    "points_avg_last_5": 21.5,
    "points_avg_last_10": 22.5,
    "points_avg_season": 23.5,
    "points_std_last_10": 4.25,
    "games_in_last_7_days": 6.0,
    "fatigue_score": 77.0,
    "shot_zone_mismatch_score": -3.5,
    "pace_score": 1.5,
    "usage_spike_score": -0.5,
    "opponent_def_rating": 108.5,
    "opponent_pace": 97.5,
    "pct_paint": 0.45,
    "pct_mid_range": 0.15,
    "pct_three": 0.4,
    "team_pace": 98.5,
    "team_off_rating": 115.5,
}
NOTHING = Story()
CONSTANTS = {
    "points_avg_last_5": 10.0,
    "points_avg_last_10": 10.0,
    "points_avg_season": 10.0,
    "points_std_last_10": 5.0,
    "games_in_last_7_days": 3.0,
    "fatigue_score": 50.0,
    "shot_zone_mismatch_score": 0.0,
    "pace_score": 0.0,
    "usage_spike_score": 0.0,
    "rest_advantage": 0.0,
    "recent_trend": 0.0,
    "minutes_change": 0.0,
    "opponent_def_rating": 112.0,
    "opponent_pace": 100.0,
    "pct_paint": 0.30,
    "pct_mid_range": 0.20,
    "pct_three": 0.35,
    "pct_free_throw": 0.15,
    "team_pace": 100.0,
    "team_off_rating": 112.0,
    "team_win_pct": 0.5,
}
FIRST_DAY = SEASON_START
UPSTREAM = ("daily_cache", "composite", "shot_zones", "team_defense")


@pytest.mark.parametrize("story", [EVERYTHING])
@pytest.mark.parametrize("name", PHASE4)
def test_phase_4_comes_first(row: FeatureRow, name: str) -> None:
    assert row.feature(name) == (PHASE4[name], "phase4")


@pytest.mark.parametrize("story", [NOTHING])
@pytest.mark.parametrize("name", CONSTANTS)
def test_the_constant_comes_last(row: FeatureRow, name: str) -> None:
    assert row.feature(name) == (CONSTANTS[name], "default")


NOT_READY: dict[str, Any] = {
    source: {"is_production_ready": False, **getattr(EVERYTHING, source)} for source in UPSTREAM
}


@about(Story(**NOT_READY))
def test_phase_4_values_are_used_whether_or_not_their_row_is_ready(row: FeatureRow) -> None:
    assert {name: row.feature(name) for name in PHASE4} == {name: (value, "phase4") for name, value in PHASE4.items()}


@about(Story(daily_cache={"paint_rate_last_10": 11, "three_pt_rate_last_10": 12}, shot_zones={}))
def test_paint_and_three_have_the_daily_cache_as_their_second_source_and_mid_range_has_not(row: FeatureRow) -> None:
    assert row.feature("pct_paint") == (0.11, "phase4")
    assert row.feature("pct_mid_range") == (0.20, "default")
    assert row.feature("pct_three") == (0.12, "phase4")


@about(
    Story(
        games=log(points=[20]),
        daily_cache={"points_avg_last_10": 60, "cache_date": Story.date.replace(day=14)},
        team_defense={"defensive_rating_last_15": 60, "analysis_date": Story.date.replace(day=16)},
    )
)
def test_only_upstream_rows_keyed_to_the_date_are_used(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (20.0, "phase3")
    assert row.feature("opponent_def_rating") == (112.0, "default")


@about(Story(team_defense={"team_abbr": "OWN", "defensive_rating_last_15": 60}))
def test_the_defence_is_the_opponents(row: FeatureRow) -> None:
    assert row.feature("opponent_def_rating") == (112.0, "default")


@about(Story(daily_cache={"points_avg_last_10": 0, "games_in_last_7_days": 0}, composite={"fatigue_score": 0}))
def test_a_zero_is_a_value_and_not_missing(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (0.0, "phase4")
    assert row.feature("games_in_last_7_days") == (0.0, "phase4")
    assert row.feature("fatigue_score") == (0.0, "phase4")


NAN, INF = float("nan"), float("inf")
ODD_VALUES: dict[str, dict[str, float]] = {
    "nan in phase 4": {"daily_cache": NAN, "computed": 7.0},
    "nan in both": {"daily_cache": NAN, "computed": NAN},
    "nan in the first of two": {"shot_zones": NAN, "daily_cache": 30.0},
    "negative zero in phase 4": dict.fromkeys(UPSTREAM, -0.0),
    "negative zero computed": {"computed": -0.0},
    "infinite": {"composite": -INF, "computed": INF},
    "infinite after finite ones": {"daily_cache": 5.0, "computed": INF},
    "just too high": {"daily_cache": 120.5},
    "second of two too high": {"shot_zones": 45.0, "daily_cache": 101.0},
    "both too high": {"shot_zones": 100.5, "daily_cache": 101.0},
}
COLUMNS_OF_SOURCE = {
    "daily_cache": "points_avg_last_5 points_avg_last_10 points_avg_season points_std_last_10 games_in_last_7_days "
    "paint_rate_last_10 three_pt_rate_last_10 team_pace_last_10 team_off_rating_last_10 minutes_avg_last_10",
    "composite": "fatigue_score shot_zone_mismatch_score pace_score usage_spike_score",
    "shot_zones": "paint_rate_last_10 mid_range_rate_last_10 three_pt_rate_last_10",
    "team_defense": "defensive_rating_last_15 opponent_pace",
}


@pytest.fixture(scope="module")
def odd(spark: SparkSession) -> dict[str, Row]:
    """The features of rows in which every column of a source holds one and the same odd double."""
    parts = (*UPSTREAM, "computed")
    rows = [(case, *(values.get(part) for part in parts)) for case, values in ODD_VALUES.items()]
    frame = spark.createDataFrame(rows, "case string, " + ", ".join(f"{part} double" for part in parts))
    structs = [
        F.struct(*[F.col(source).alias(name) for name in columns.split()]).alias(source)
        for source, columns in COLUMNS_OF_SOURCE.items()
    ]
    computed = dict.fromkeys(FEATURE_NAMES, F.col("computed"))
    candidates = frame.select("case", "computed", *structs).select("case", *candidate_columns(computed))
    # Features without a constant are never missing, so that they have no value here where nothing is computed.
    return {
        row["case"]: row
        for row in candidates.select("case", *value_columns())
        .select("case", "out_of_range", *chosen_columns())
        .collect()
    }


def chosen(row: Row, name: str) -> tuple[float, str]:
    index = FEATURE_NAMES.index(name)
    return row["features"][index], row["feature_sources"][index]


def test_nan_is_missing_so_the_next_source_is_taken(odd: dict[str, Row]) -> None:
    assert chosen(odd["nan in phase 4"], "points_avg_last_5") == (7.0, "phase3")
    assert chosen(odd["nan in both"], "points_avg_last_5") == (10.0, "default")
    assert chosen(odd["nan in both"], "team_win_pct") == (0.5, "default")
    assert chosen(odd["nan in the first of two"], "pct_paint") == (0.3, "phase4")


@pytest.mark.parametrize("case", ["negative zero in phase 4", "negative zero computed"])
def test_features_are_never_negative_zero(odd: dict[str, Row], case: str) -> None:
    values = [value for value in odd[case]["features"] if value is not None]
    assert 0.0 in values
    assert [math.copysign(1, value) for value in values] == [1.0] * len(values)


def test_a_feature_that_is_not_finite_is_named(odd: dict[str, Row]) -> None:
    assert odd["infinite"]["not_finite"] == "points_avg_last_5"
    assert odd["infinite after finite ones"]["not_finite"] == "rest_advantage"
    assert odd["nan in phase 4"]["not_finite"] is None


CACHE_MEANS = ("points_avg_last_5", "points_avg_last_10", "points_avg_season")


def test_a_value_out_of_range_counts_as_missing_and_is_named(odd: dict[str, Row]) -> None:
    row = odd["just too high"]
    assert chosen(row, "points_avg_last_5") == (10.0, "default")
    assert chosen(row, "team_pace") == (120.5, "phase4")
    beyond = {*CACHE_MEANS, "points_std_last_10", "games_in_last_7_days", "minutes_avg_last_10"}
    rates = {"paint_rate_last_10", "three_pt_rate_last_10"}
    assert set(row["out_of_range"]) == {f"player_daily_cache.{name}" for name in beyond | rates}
    assert chosen(odd["infinite"], "pace_score") == (0.0, "default")


def test_a_value_whose_turn_did_not_come_is_not_named(odd: dict[str, Row]) -> None:
    row = odd["second of two too high"]
    assert chosen(row, "pct_paint") == (0.45, "phase4")
    assert not {"player_daily_cache.paint_rate_last_10", "player_daily_cache.three_pt_rate_last_10"} & {
        *row["out_of_range"]
    }
    paint = [f"{table}.paint_rate_last_10" for table in ("player_shot_zone_analysis", "player_daily_cache")]
    assert {*paint} < {*odd["both too high"]["out_of_range"]}
    assert odd["nan in both"]["out_of_range"] == []


@about(Story(daily_cache={"minutes_avg_last_10": 60.5}, games=log(minutes_played=[30])))
def test_minutes_out_of_range_are_those_of_the_log(row: FeatureRow) -> None:
    assert row.feature("minutes_change") == (0.0, "calculated")
    assert row["out_of_range"] == ["player_daily_cache.minutes_avg_last_10"]


@about(Story(date=FIRST_DAY, daily_cache={"points_avg_last_5": 999}))
def test_a_placeholder_asked_for_nothing(row: FeatureRow) -> None:
    assert row["out_of_range"] == []
