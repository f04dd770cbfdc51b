"""The catalogue: the features in their order, with names, weights and ranges that hold together."""

from __future__ import annotations

import pytest

from jobs.schemas import tables as schemas
from transforms.catalogue import (
    FEATURE_NAMES,
    FEATURE_VERSION,
    FEATURES,
    MINUTES_AVG_LAST_10,
    SOURCE_WEIGHTS,
    WITH_PHASE4,
    Feature,
    computed_features,
)

BASELINE = [
    *("points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10", "games_in_last_7_days"),
    *("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score"),
    *("rest_advantage", "injury_risk", "recent_trend", "minutes_change", "opponent_def_rating", "opponent_pace"),
    *("home_away", "back_to_back", "playoff_game", "pct_paint", "pct_mid_range", "pct_three", "pct_free_throw"),
    *("team_pace", "team_off_rating", "team_win_pct"),
]
TABLES = {
    "daily_cache": schemas.PLAYER_DAILY_CACHE,
    "composite": schemas.PLAYER_COMPOSITE_FACTORS,
    "shot_zones": schemas.PLAYER_SHOT_ZONE_ANALYSIS,
    "team_defense": schemas.TEAM_DEFENSE_ZONE_ANALYSIS,
}
OF_BASELINE = FEATURES[: len(BASELINE)]
each_feature = pytest.mark.parametrize("feature", FEATURES, ids=FEATURE_NAMES)


def test_the_features_begin_with_the_25_of_the_baseline_in_their_order() -> None:
    assert list(FEATURE_NAMES[: len(BASELINE)]) == BASELINE
    assert len(set(FEATURE_NAMES)) == len(FEATURES)
    assert [feature.index for feature in FEATURES] == list(range(len(FEATURES)))


def test_the_version_says_how_many_features_there_are() -> None:
    assert f"v1_baseline_{len(FEATURES)}" == FEATURE_VERSION


def test_the_features_with_a_phase_4_source_are_the_16_of_the_data_source_rule() -> None:
    assert [feature.index for feature in OF_BASELINE if feature in WITH_PHASE4] == [
        *range(9),
        13,
        14,
        18,
        19,
        20,
        22,
        23,
    ]


def test_the_weights_of_the_sources() -> None:
    assert SOURCE_WEIGHTS == {"phase4": 100, "calculated": 100, "phase3": 75, "default": 40}


def test_the_calculated_features() -> None:
    calculated = [feature.index for feature in OF_BASELINE if feature.computed_kind == "calculated"]
    assert calculated == [9, 10, 11, 12, 21, 24]


@each_feature
def test_a_feature_has_a_source(feature: Feature) -> None:
    assert feature.phase4 or feature.computed
    assert feature.default is not None or feature.computed


@each_feature
def test_the_constant_lies_in_the_features_range(feature: Feature) -> None:
    assert feature.lowest is not None
    assert feature.highest is not None
    assert feature.lowest < feature.highest
    assert feature.default is None or feature.lowest <= feature.default <= feature.highest


@each_feature
def test_a_phase_4_source_is_a_column_of_its_table(feature: Feature) -> None:
    assert {source.column for source in feature.phase4} <= {
        name for source in feature.phase4 for name in TABLES[source.source].column_names
    }


@each_feature
def test_a_feature_says_what_it_means(feature: Feature) -> None:
    assert feature.meaning


NEVER_COMPUTED = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score")
RANGES = {
    **dict.fromkeys((0, 1, 2), (0, 120)),
    3: (0, 90),
    4: (0, 7),
    5: (0, 100),
    6: (-10, 10),
    **dict.fromkeys((7, 8), (-3, 3)),
    **dict.fromkeys((13, 23), (50, 200)),
    **dict.fromkeys((14, 22), (50, 160)),
    **dict.fromkeys((18, 19, 20), (0, 1)),
}
OF_CALCULATED = {
    **dict.fromkeys((9, 11, 12), (-2, 2)),
    10: (0, 3),
    **dict.fromkeys((15, 16, 17, 24), (0, 1)),
    21: (0, 0.5),
}


def test_the_range_of_every_feature_is_that_of_its_values() -> None:
    found = {feature.index: (feature.lowest, feature.highest) for feature in OF_BASELINE}
    assert found == {**RANGES, **OF_CALCULATED}


def test_the_ranges_of_pre_computed_values() -> None:
    found = {
        feature.index: {(source.lowest, source.highest) for source in feature.phase4}
        for feature in WITH_PHASE4
        if feature in OF_BASELINE
    }
    assert found == {index: {bounds} for index, bounds in RANGES.items()}
    assert (MINUTES_AVG_LAST_10.lowest, MINUTES_AVG_LAST_10.highest) == (0, 60)
    assert [feature.name for feature in OF_BASELINE if feature.also_read] == ["minutes_change"]


def test_only_the_playoffs_may_be_constant() -> None:
    assert [feature.name for feature in OF_BASELINE if feature.may_be_constant] == ["playoff_game"]


@pytest.mark.usefixtures("spark")
def test_every_feature_of_the_baseline_that_is_computed_has_its_expression() -> None:
    computed = [name for name in BASELINE if name not in NEVER_COMPUTED]
    assert list(computed_features())[: len(computed)] == computed
