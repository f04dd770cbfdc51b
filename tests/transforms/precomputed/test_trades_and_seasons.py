"""Seasons and trades: players who change teams, who return, play-in games, postponed and doubled games, lone games."""

from __future__ import annotations

from decimal import Decimal

from tests.transforms.precomputed.stories import UpstreamRows, UpstreamStory, told
from tests.transforms.rows import log

PLAYED_BY_OLD_TEAM = [{"days_before": 2 * number, "home_team_tricode": "OLD"} for number in range(1, 6)]
PLAYED_BY_NEW_TEAM = [{"days_before": 3 * number, "home_team_tricode": "OWN"} for number in range(1, 11)]


@told(
    UpstreamStory(
        games=log(points=[10] * 5, team_abbr=["OLD"] * 5), schedule=[*PLAYED_BY_OLD_TEAM, *PLAYED_BY_NEW_TEAM]
    )
)
def test_before_his_first_game_after_a_trade_a_player_is_measured_by_his_old_team(rows: UpstreamRows) -> None:
    assert rows.cache is not None
    assert rows.cache["completeness_percentage"] == 100.0
    assert rows.cache["points_avg_last_5"] == 10


@told(
    UpstreamStory(
        games=log(points=[10] * 5, team_abbr=["OLD"] * 4 + ["OWN"]), schedule=[*PLAYED_BY_OLD_TEAM, *PLAYED_BY_NEW_TEAM]
    )
)
def test_after_it_by_his_new_team_with_the_games_of_both(rows: UpstreamRows) -> None:
    assert rows.cache is not None
    assert rows.cache["completeness_percentage"] == 50.0
    assert rows.cache["games_played_season"] == 5


@told(UpstreamStory(games=log(points=[10] * 5), own_team=[{"days_before": 2, "team_abbr": "OLD", "pace": 90}]))
def test_the_pace_is_that_of_the_team_that_he_is_to_play_for(rows: UpstreamRows) -> None:
    assert rows.cache is not None
    assert rows.cache["team_pace_last_10"] is None


@told(
    UpstreamStory(
        games=[
            *[{"days_before": 400 + day, "season_year": 2020, "points": 30, "paint_attempts": 9} for day in range(20)],
            {"days_before": 2, "points": 8, "paint_attempts": 1, "mid_range_attempts": 1, "three_pt_attempts": 2},
        ]
    )
)
def test_a_player_who_returns_after_a_year_begins_anew(rows: UpstreamRows) -> None:
    assert rows.cache is None
    assert rows.shot_zones is not None
    assert rows.shot_zones["games_in_sample_10"] == 1
    assert rows.shot_zones["three_pt_rate_last_10"] == 50


@told(
    UpstreamStory(
        context={"season_phase": "play_in"},
        games=[
            *log(points=[10] * 5, paint_attempts=[1] * 5, mid_range_attempts=[1] * 5, three_pt_attempts=[2] * 5),
            {"days_before": 1, "points": 16, "three_pt_attempts": 9, "fg_makes": 5},
        ],
    )
)
def test_a_play_in_game_without_shot_locations_counts_for_all_but_the_shots(rows: UpstreamRows) -> None:
    assert rows.cache is not None
    assert rows.cache["games_played_season"] == 6
    assert rows.cache["points_avg_season"] == 11
    assert rows.cache["three_pt_rate_last_10"] == 50
    assert rows.cache["assisted_rate_last_10"] == 0 or rows.cache["assisted_rate_last_10"] is None


@told(
    UpstreamStory(
        games=log(points=[10]),
        schedule=[
            {"days_before": 2, "home_team_tricode": "OWN"},
            {"days_before": 5, "home_team_tricode": "OWN", "game_status": 1},
        ],
    )
)
def test_a_postponed_game_is_not_expected(rows: UpstreamRows) -> None:
    assert rows.shot_zones is not None
    assert rows.shot_zones["completeness_percentage"] == 100.0


@told(
    UpstreamStory(
        games=log(points=[10]),
        schedule=[{"days_before": 2, "home_team_tricode": "OWN", "game_id": game_id} for game_id in ("1", "1", "2")],
    )
)
def test_a_game_that_stands_twice_after_a_new_schedule_is_one(rows: UpstreamRows) -> None:
    assert rows.shot_zones is not None
    assert rows.shot_zones["completeness_percentage"] == 100.0


@told(UpstreamStory(opponent=[{"days_before": 1, "defensive_rating": "99.5"}], games=log(points=[3])))
def test_a_date_after_one_game_of_the_season(rows: UpstreamRows) -> None:
    assert rows.defense is not None
    assert rows.defense["defensive_rating_last_15"] == Decimal("99.5")
    assert (rows.defense["games_in_sample"], rows.defense["completeness_percentage"]) == (1, 6.7)
