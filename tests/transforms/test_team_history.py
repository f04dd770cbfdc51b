"""Features 13, 14 and 22 to 24: what the opponent allowed, and what the own team did."""

from __future__ import annotations

from tests.transforms.rows import FeatureRow, Story, about, log

DEFENSE = ("opponent_def_rating", "opponent_pace")
OFFENSE = ("team_pace", "team_off_rating")


@about(Story(opponent=log(defensive_rating=[200, *[110] * 14, 125], opponent_pace=[50, *[98] * 14, 113])))
def test_the_opponent_is_the_mean_of_its_last_15_games(row: FeatureRow) -> None:
    assert row.feature("opponent_def_rating") == (111.0, "phase3")
    assert row.feature("opponent_pace") == (99.0, "phase3")


@about(
    Story(opponent=log(defensive_rating=[200, 200, 105], opponent_pace=[50, 50, 101.5], season_year=[2020, None, 2021]))
)
def test_the_opponent_is_known_by_its_games_of_this_season_and_needs_one(row: FeatureRow) -> None:
    assert row.feature("opponent_def_rating") == (105.0, "phase3")
    assert row.feature("opponent_pace") == (101.5, "phase3")


@about(Story(opponent=log(defensive_rating=[104, None, 106], opponent_pace=[90, 100, None])))
def test_means_of_the_opponent_skip_nulls(row: FeatureRow) -> None:
    assert row.feature("opponent_def_rating") == (105.0, "phase3")
    assert row.feature("opponent_pace") == (95.0, "phase3")


@about(Story(opponent=log(defensive_rating=[200, *[None] * 15], opponent_pace=[50, *[None] * 15])))
def test_a_null_game_still_is_one_of_the_last_15(row: FeatureRow) -> None:
    assert row.feature("opponent_def_rating") == (112.0, "default")
    assert row.feature("opponent_pace") == (100.0, "default")


@about(
    Story(opponent=[{"days_before": days, "defensive_rating": 90, "opponent_pace": 90} for days in (0, -1)]),
    Story(opponent=[{"defending_team_abbr": "OWN", "days_before": 2, "defensive_rating": 90, "opponent_pace": 90}]),
    Story(context={"opponent_team_abbr": None}, opponent=log(defensive_rating=[90], opponent_pace=[90])),
)
def test_only_the_opponents_games_before_the_date_are_seen(row: FeatureRow) -> None:
    assert row.feature("opponent_def_rating") == (112.0, "default")
    assert row.feature("opponent_pace") == (100.0, "default")


@about(
    Story(
        opponent=[
            *log(defensive_rating=[100, 110], opponent_pace=[90, 92]),
            {"days_before": 2, "defensive_rating": 190, "opponent_pace": 190, "processed_at": None},
        ]
    )
)
def test_an_opponents_game_that_stands_twice_counts_once(row: FeatureRow) -> None:
    assert row.feature("opponent_def_rating") == (105.0, "phase3")
    assert row.feature("opponent_pace") == (91.0, "phase3")


@about(Story(own_team=log(pace=[50, *[98] * 9, 108], offensive_rating=[50, *[110] * 9, 120])))
def test_the_own_team_is_the_mean_of_its_last_10_games(row: FeatureRow) -> None:
    assert row.feature("team_pace") == (99.0, "phase3")
    assert row.feature("team_off_rating") == (111.0, "phase3")


@about(Story(own_team=log(pace=[98, 99, 100], offensive_rating=[108, 109, 110], season_year=[2020, None, 2021])))
def test_the_own_teams_last_10_games_cross_seasons(row: FeatureRow) -> None:
    assert row.feature("team_pace") == (99.0, "phase3")
    assert row.feature("team_off_rating") == (109.0, "phase3")


@about(Story(own_team=log(pace=[98, None, 100], offensive_rating=[None, 109, 110.5])))
def test_means_of_the_own_team_skip_nulls(row: FeatureRow) -> None:
    assert row.feature("team_pace") == (99.0, "phase3")
    assert row.feature("team_off_rating") == (109.75, "phase3")


@about(Story(own_team=log(pace=[50, *[None] * 10], offensive_rating=[50, *[None] * 10])))
def test_a_null_game_still_is_one_of_the_last_10(row: FeatureRow) -> None:
    assert row.feature("team_pace") == (100.0, "default")
    assert row.feature("team_off_rating") == (112.0, "default")


@about(
    Story(own_team=[{"days_before": days, "pace": 90, "offensive_rating": 90} for days in (0, -1)]),
    Story(own_team=[{"team_abbr": "OPP", "days_before": 2, "pace": 90, "offensive_rating": 90}]),
)
def test_only_the_own_teams_games_before_the_date_are_seen(row: FeatureRow) -> None:
    assert row.feature("team_pace") == (100.0, "default")
    assert row.feature("team_off_rating") == (112.0, "default")


@about(
    Story(
        games=[{"days_before": 3, "team_abbr": "OLD"}],
        own_team=[
            {"days_before": 2, "pace": 97, "offensive_rating": 107},
            {"days_before": 2, "pace": 80, "offensive_rating": 80, "team_abbr": "OLD"},
        ],
    )
)
def test_the_team_is_that_of_context_also_after_a_trade(row: FeatureRow) -> None:
    assert row.feature("team_pace") == (97.0, "phase3")
    assert row.feature("team_off_rating") == (107.0, "phase3")


@about(Story(own_team=log(win_flag=[True, False, True, None, True])))
def test_team_win_pct_is_wins_per_game_and_a_null_is_no_win(row: FeatureRow) -> None:
    assert row.feature("team_win_pct") == (0.6, "calculated")


@about(Story(own_team=log(win_flag=[False, None, False, False, False])))
def test_a_team_that_never_won_has_a_win_pct_of_0(row: FeatureRow) -> None:
    assert row.feature("team_win_pct") == (0.0, "calculated")


@about(Story(own_team=log(win_flag=[False] * 12 + [True] * 3)))
def test_team_win_pct_is_of_the_whole_season(row: FeatureRow) -> None:
    assert row.feature("team_win_pct") == (0.2, "calculated")


@about(
    Story(own_team=log(win_flag=[True] * 4)),
    Story(own_team=log(win_flag=[True] * 6, season_year=[2020, None, *[2021] * 4])),
    Story(own_team=[*log(win_flag=[True] * 4), {"days_before": 0, "win_flag": True}]),
    Story(own_team=[*log(win_flag=[True] * 4), {"days_before": 2, "win_flag": True, "processed_at": None}]),
)
def test_team_win_pct_needs_five_games_this_season_before_the_date(row: FeatureRow) -> None:
    assert row.feature("team_win_pct") == (0.5, "default")
