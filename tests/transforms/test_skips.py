"""Which rows are not written, for which reason, in the two modes."""

from __future__ import annotations

import datetime

import pytest
from chispa import assert_df_equality
from pyspark.sql import Row, SparkSession

from tests.transforms.rows import FeatureRow, Story, about
from transforms.skips import skip_columns, unkeyed_rows

DATE = datetime.date(2022, 1, 15)
CACHE, DEFENSE, OWN = (
    "upstream_player_daily_cache_incomplete",
    "upstream_team_defense_zone_incomplete",
    "own_data_incomplete",
)
FORM = (
    "case string, request struct<game_id: string>, early_season_flag boolean, completeness_percentage double, "
    "not_finite string, data_quality_issues array<string>"
)
NO_GAME = ("invalid_input", "game_id is NULL")
NOT_FINITE = ("invalid_input", "feature pace_score is not finite")
WRITTEN = (None, None)
Outcome = tuple[str | None, str | None]
# Case: game_id, placeholder, completeness, feature that is not finite, issues; outcome in back-fill, in daily mode.
CASES: dict[str, tuple[tuple[object, ...], Outcome, Outcome]] = {
    "complete": (("1", False, 90.0, None, []), WRITTEN, WRITTEN),
    "no game": ((None, False, 100.0, None, []), NO_GAME, NO_GAME),
    "not finite": (("1", False, 100.0, "pace_score", []), NOT_FINITE, NOT_FINITE),
    "own data": (
        ("1", False, 88.9, None, [OWN]),
        WRITTEN,
        ("incomplete_own_data", "completeness_percentage 88.9 is below 90"),
    ),
    "upstream": (
        ("1", False, 100.0, None, [CACHE, DEFENSE]),
        WRITTEN,
        ("incomplete_upstream", f"{CACHE}, {DEFENSE}"),
    ),
    "own data and upstream": (
        ("1", False, 0.0, None, [CACHE, OWN]),
        WRITTEN,
        ("incomplete_own_data", "completeness_percentage 0.0 is below 90"),
    ),
    "no game and own data": ((None, False, 0.0, None, [OWN]), NO_GAME, NO_GAME),
    "placeholder": (("1", True, 0.0, None, []), WRITTEN, WRITTEN),
    "placeholder without a game": ((None, True, 0.0, None, []), NO_GAME, NO_GAME),
    # The features of a placeholder are not written, so that they cannot be wrong.
    "placeholder not finite": (("1", True, 0.0, "pace_score", []), WRITTEN, WRITTEN),
}


@pytest.fixture(scope="module")
def skips(spark: SparkSession) -> dict[str, Row]:
    rows = [(case, (stated[0],), *stated[1:]) for case, (stated, _, _) in CASES.items()]
    modes = [
        column.alias(f"{mode}_{name}")
        for mode in ("backfill", "daily")
        for name, column in skip_columns(daily=mode == "daily").items()
    ]
    return {row["case"]: row for row in spark.createDataFrame(rows, FORM).select("case", *modes).collect()}


@pytest.mark.parametrize("case", CASES)
def test_in_backfill_mode_only_invalid_input_is_skipped(skips: dict[str, Row], case: str) -> None:
    assert (skips[case]["backfill_skip_reason"], skips[case]["backfill_skip_detail"]) == CASES[case][1]


@pytest.mark.parametrize("case", CASES)
def test_in_daily_mode_incomplete_rows_are_skipped_too(skips: dict[str, Row], case: str) -> None:
    assert (skips[case]["daily_skip_reason"], skips[case]["daily_skip_detail"]) == CASES[case][2]


def test_a_null_in_a_key_column_of_context_is_invalid_input_for_each_row(spark: SparkSession) -> None:
    context = spark.createDataFrame(
        [("AAA", DATE, "1"), (None, DATE, "2"), (None, DATE, "3"), ("AAA", None, "4"), (None, None, "5")],
        "player_lookup string, game_date date, game_id string",
    )
    expected = spark.createDataFrame(
        [
            (DATE, None, "invalid_input", "player_lookup is NULL"),
            (DATE, None, "invalid_input", "player_lookup is NULL"),
            (None, "AAA", "invalid_input", "game_date is NULL"),
            (None, None, "invalid_input", "player_lookup and game_date are NULL"),
        ],
        "game_date date, player_lookup string, skip_reason string, skip_detail string",
    )
    assert_df_equality(unkeyed_rows(context), expected, ignore_row_order=True, ignore_nullable=True)


@about(Story(context=[{}, {"player_lookup": None}, {"game_date": None}]))
def test_context_rows_with_a_null_key_are_no_rows_of_features(row: FeatureRow) -> None:
    assert row["skip_reason"] is None


@about(Story(context={"game_id": None}))
def test_a_row_without_a_game_keeps_its_place_as_a_skip(row: FeatureRow) -> None:
    assert (row["skip_reason"], row["skip_detail"]) == NO_GAME


@about(Story(games=[{"days_before": 2, "points": 10}, {"days_before": 2, "player_lookup": None, "points": 60}]))
def test_source_rows_with_a_null_key_are_not_seen(row: FeatureRow) -> None:
    assert row.feature("points_avg_last_10") == (10.0, "phase3")
