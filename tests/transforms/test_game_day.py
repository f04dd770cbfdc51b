"""Features 4, 9, 10 and 15 to 17: what the row of context says, and the games of the week before."""

from __future__ import annotations

import pytest

from tests.transforms.rows import FeatureRow, Story, about


@about(Story(games=[{"days_before": days} for days in (8, 7, 1, 0)]))
def test_games_in_last_7_days_counts_from_the_seventh_day_to_the_day_before(row: FeatureRow) -> None:
    assert row.feature("games_in_last_7_days") == (2.0, "phase3")


@about(Story(games=[{"days_before": 8}]), Story(games=[{"days_before": 400, "season_year": None}]))
def test_games_in_last_7_days_may_be_0(row: FeatureRow) -> None:
    assert row.feature("games_in_last_7_days") == (0.0, "phase3")


@about(Story(), Story(games=[{"days_before": 0}]))
def test_games_in_last_7_days_needs_one_game_ever(row: FeatureRow) -> None:
    assert row.feature("games_in_last_7_days") == (3.0, "default")


def rest(own: int | None, opponent: int | None) -> Story:
    return Story(context={"days_rest": own, "opponent_days_rest": opponent})


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (rest(2, 1), 1.0),
        (rest(3, 1), 2.0),
        (rest(4, 1), 2.0),
        (rest(1, 1), 0.0),
        (rest(1, 3), -2.0),
        (rest(1, 4), -2.0),
    ],
)
def test_rest_advantage_is_the_difference_clamped_to_2(row: FeatureRow, expected: float) -> None:
    assert row.feature("rest_advantage") == (expected, "calculated")


@about(rest(None, 1), rest(1, None), rest(None, None))
def test_rest_advantage_is_the_constant_when_either_is_missing(row: FeatureRow) -> None:
    assert row.feature("rest_advantage") == (0.0, "default")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (Story(context={"player_status": status}), risk)
        for status, risk in [
            ("available", 0.0),
            ("probable", 1.0),
            ("questionable", 2.0),
            ("doubtful", 3.0),
            ("out", 3.0),
            ("OUT", 3.0),
            ("Questionable", 2.0),
            ("suspended", 0.0),
            ("out ", 0.0),
            ("", 0.0),
            (None, 0.0),
        ]
    ],
)
def test_injury_risk_is_by_status_in_any_case_and_not_trimmed(row: FeatureRow, expected: float) -> None:
    assert row.feature("injury_risk") == (expected, "calculated")


@pytest.mark.parametrize(
    ("story", "expected"),
    [(Story(context={"home_game": home}), value) for home, value in [(True, 1.0), (False, 0.0), (None, 0.0)]],
)
def test_home_away_is_1_at_home_and_is_home_keeps_its_null(row: FeatureRow, story: Story, expected: float) -> None:
    assert row.feature("home_away") == (expected, "phase3")
    assert isinstance(story.context, dict)
    assert row["is_home"] is story.context["home_game"]


@pytest.mark.parametrize(
    ("story", "expected"),
    [(Story(context={"back_to_back": second}), value) for second, value in [(True, 1.0), (False, 0.0), (None, 0.0)]],
)
def test_back_to_back_is_1_when_context_says_so(row: FeatureRow, expected: float) -> None:
    assert row.feature("back_to_back") == (expected, "phase3")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (Story(context={"season_phase": phase}), value)
        for phase, value in [
            ("playoffs", 1.0),
            ("Playoffs", 1.0),
            ("play_in", 0.0),
            ("playoffs ", 0.0),
            ("regular_season", 0.0),
            (None, 0.0),
        ]
    ],
)
def test_playoff_game_is_1_in_the_playoffs_in_any_case(row: FeatureRow, expected: float) -> None:
    assert row.feature("playoff_game") == (expected, "phase3")
