"""The schedule looks like the league's: games per team and day, postponed games, the postseason."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from typing import Any

import pytest

from jobs.demo_league.postseason import postseason
from jobs.demo_league.schedule import regular_season
from tests.demo_league.league import (
    OPENING,
    TEAMS,
    Tables,
)


def test_no_team_plays_twice_a_day(tables: Tables) -> None:
    appearances = Counter(
        (row[side], row["game_date"])
        for row in tables["nbac_schedule"]
        for side in ("home_team_tricode", "away_team_tricode")
    )
    assert max(appearances.values()) == 1


def test_regular_season_has_82_final_games_a_team_from_october_to_april(tables: Tables) -> None:
    final = [
        row for row in tables["nbac_schedule"] if row["season_phase"] == "regular_season" and row["game_status"] == 3
    ]
    games = Counter(row[side] for row in final for side in ("home_team_tricode", "away_team_tricode"))
    assert len(games) == TEAMS
    assert set(games.values()) == {82}
    assert min(row["game_date"] for row in final) == OPENING
    assert datetime.date(2022, 4, 1) <= max(row["game_date"] for row in final) <= datetime.date(2022, 4, 20)
    assert len({row["game_id"] for row in final}) == len(final)


def test_postponed_games_stand_twice(tables: Tables) -> None:
    schedule = tables["nbac_schedule"]
    postponed = [row for row in schedule if row["game_status"] != 3]
    assert 3 <= len(postponed) <= 8
    played = {(row["game_id"], row["game_date"]) for row in schedule if row["game_status"] == 3}
    keeping_id = [row for row in postponed if row["game_id"] in {game_id for game_id, _ in played}]
    assert 0 < len(keeping_id) < len(postponed), "some replays keep the game_id, others have a new one"
    contexts = {(row["game_id"], row["game_date"]) for row in tables["upcoming_player_game_context"]}
    assert contexts == played


def test_a_league_of_30_plays_4_to_11_games_a_day() -> None:
    teams = [f"T{number:02}" for number in range(30)]
    played, unplayed = regular_season(random.Random(1), teams, 2023)
    a_day = Counter(game.game_date for game in played)
    assert len(played) == 1230
    assert 3 <= min(a_day.values()) <= max(a_day.values()) <= 13
    assert len(unplayed) >= 5
    homes = Counter(game.home for game in played)
    assert all(39 <= homes[team] <= 43 for team in teams)


@pytest.mark.parametrize(("size", "play_in_games", "series"), [(15, 6, 15), (3, 0, 3), (2, 0, 3)])
def test_postseason_has_a_play_in_and_best_of_seven_series(size: int, play_in_games: int, series: int) -> None:
    standings = [[f"{side}{seed:02}" for seed in range(size)] for side in "EW"]
    dice = random.Random(3)
    upcoming = postseason(standings, datetime.date(2022, 4, 10), 2021)
    games: list[Any] = []
    winners: dict[Any, Any] = {}
    due = next(upcoming)
    while due:
        assert len({team for game in due for team in game.teams}) == 2 * len(due)
        assert not games or due[0].game_date > games[-1].game_date
        games += due
        winners.update({game.game_id: dice.choice(game.teams) for game in due})
        try:
            due = upcoming.send(winners)
        except StopIteration:
            due = []
    playoffs = [game for game in games if game.season_phase == "playoffs"]
    meetings = Counter(frozenset(game.teams) for game in playoffs)
    assert len(games) - len(playoffs) == play_in_games
    assert len(meetings) == series
    assert set(meetings.values()) <= {4, 5, 6, 7}
    assert len(meetings) + 1 == len({team for game in playoffs for team in game.teams}), "all but one are out"
