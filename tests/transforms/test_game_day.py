"""Features 4, 9, 10 and 15 to 17: what context, schedule and log say of the day, and the games of the week before."""

from __future__ import annotations

from typing import Any

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


def rest(own: int | None, opponent: int | None, **more: Any) -> Story:
    """A player who played so many days before, and an opponent that did; context has seen neither."""
    games = [] if own is None else [{"days_before": own}]
    final = [] if opponent is None else [{"days_before": opponent, "home_team_tricode": "OPP"}]
    return Story(games=games, schedule=final, context={"days_rest": 0, "opponent_days_rest": 0}, **more)


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


OPPONENT_RESTED_1 = {"days_before": 1, "home_team_tricode": "FAR", "away_team_tricode": "OPP"}
TEAM_RESTED_2 = [{"days_before": 2}, {"days_before": 1, "game_status": 2}, {"days_before": 9}]
SAT_OUT_YESTERDAY = {"days_before": 1, "points": None}
OTHER_SEASON = {"days_before": 1, "season_year": 2020}


@about(
    Story(schedule=[*TEAM_RESTED_2, OPPONENT_RESTED_1]),
    Story(schedule=[*TEAM_RESTED_2, OPPONENT_RESTED_1, OTHER_SEASON], games=[OTHER_SEASON]),
    Story(schedule=[*TEAM_RESTED_2, OPPONENT_RESTED_1], games=[SAT_OUT_YESTERDAY]),
    Story(schedule=[{"days_before": 3}, OPPONENT_RESTED_1], games=[{"days_before": 2}, SAT_OUT_YESTERDAY]),
)
def test_who_has_not_played_this_season_has_rested_since_his_teams_last_final_game(row: FeatureRow) -> None:
    assert row.feature("rest_advantage") == (1.0, "calculated")


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


YESTERDAY = {"days_before": 1}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (Story(context={"back_to_back": True}), 1.0),
        (Story(context={"back_to_back": False}), 0.0),
        (Story(context={"back_to_back": None}), 0.0),
        (Story(context={"back_to_back": False}, games=[YESTERDAY]), 1.0),
        (Story(games=[YESTERDAY]), 1.0),
        (Story(games=[{"days_before": 2}]), 0.0),
        (Story(games=[{"days_before": 0}]), 0.0),
        (Story(games=[{"days_before": 3}, {**YESTERDAY, "points": None}]), 0.0),
        (Story(context={"back_to_back": True}, games=[{"days_before": 3}]), 1.0),
    ],
)
def test_back_to_back_is_1_after_a_game_of_the_day_before_or_when_context_says_so(
    row: FeatureRow, expected: float
) -> None:
    assert row.feature("back_to_back") == (expected, "phase3")


IN_PHASE = [
    ("playoffs", 1.0),
    ("Playoffs", 1.0),
    ("play_in", 0.0),
    ("playoffs ", 0.0),
    ("regular_season", 0.0),
    (None, 0.0),
]


@pytest.mark.parametrize(
    ("story", "expected"), [(Story(context={"season_phase": phase}), value) for phase, value in IN_PHASE]
)
def test_without_a_scheduled_game_the_playoffs_are_those_of_context_in_any_case(
    row: FeatureRow, expected: float
) -> None:
    assert row.feature("playoff_game") == (expected, "phase3")


def scheduled(*games: dict[str, Any], game_id: str | None = "2") -> Story:
    """A request whose context says the contrary of the first game; the team is at home unless the game says else."""
    is_playoffs = str(games[0].get("season_phase")).lower() == "playoffs" or games[0].get("is_playoffs") is True
    contrary = "regular_season" if is_playoffs else "playoffs"
    today = [{"days_before": 0, "game_id": "2", **game} for game in games]
    return Story(context={"season_phase": contrary, "game_id": game_id}, schedule=today)


BY_FLAGS = {"season_phase": None}
PLAYOFFS, REGULAR = {"season_phase": "playoffs"}, {"season_phase": "regular_season"}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        *[(scheduled({"season_phase": phase}), value) for phase, value in IN_PHASE],
        (scheduled({**BY_FLAGS, "is_playoffs": True, "is_regular_season": False}), 1.0),
        (scheduled({**BY_FLAGS, "is_playoffs": False, "is_regular_season": True}), 0.0),
        (scheduled({**BY_FLAGS, "is_playoffs": False, "is_regular_season": False}), 0.0),
        (scheduled({**REGULAR, "is_playoffs": True}), 0.0),
        (scheduled({**PLAYOFFS, "home_team_tricode": "FAR", "away_team_tricode": "OWN"}), 1.0),
        (scheduled({**PLAYOFFS, "game_status": 1}), 1.0),
        (scheduled({**PLAYOFFS, "game_id": "2"}, {**REGULAR, "game_id": "1"}), 1.0),
        (scheduled({**PLAYOFFS, "game_id": "1"}, {**REGULAR, "game_id": "3"}), 1.0),
        (scheduled({**PLAYOFFS, "game_id": "1"}, {**REGULAR, "game_id": "3"}, game_id=None), 1.0),
        (scheduled({**REGULAR, "game_id": "3"}, {**PLAYOFFS, "game_id": "7"}, {**PLAYOFFS, "game_id": None}), 0.0),
        (scheduled({**PLAYOFFS, "game_id": None}), 1.0),
        (scheduled(REGULAR, PLAYOFFS), 1.0),
        (scheduled(PLAYOFFS, REGULAR), 1.0),
        (Story(context=REGULAR, schedule=[{"days_before": 1, **PLAYOFFS}]), 0.0),
        (Story(context=REGULAR, schedule=[{"days_before": 0, "home_team_tricode": "OPP", **PLAYOFFS}]), 0.0),
    ],
)
def test_playoff_game_is_by_the_schedules_game_of_the_team(row: FeatureRow, expected: float) -> None:
    assert row.feature("playoff_game") == (expected, "phase3")
