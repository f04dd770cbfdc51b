"""Box scores add up, by player and by team, and look like basketball."""

from __future__ import annotations

from collections import defaultdict

from tests.demo_league.league import (
    PLAYERS,
    Tables,
    total,
)


def test_points_follow_from_shots_and_free_throws(tables: Tables) -> None:
    for row in tables["player_game_summary"]:
        assert row["points"] == 2 * row["fg_makes"] + row["three_pt_makes"] + row["ft_makes"]
        zones = ("paint", "mid_range", "three_pt")
        for made in ("attempts", "makes"):
            assert row[f"fg_{made}"] == sum(row[f"{zone}_{made}"] for zone in zones)
        for kind in (*zones, "ft"):
            assert 0 <= row[f"{kind}_makes"] <= row[f"{kind}_attempts"]
        assert row["assisted_fg_makes"] + row["unassisted_fg_makes"] == row["fg_makes"]


def test_team_summaries_are_the_sums_of_the_players(tables: Tables) -> None:
    players = defaultdict(list)
    for row in tables["player_game_summary"]:
        players[row["team_abbr"], row["game_date"]].append(row)
    offense = {(row["team_abbr"], row["game_date"]): row for row in tables["team_offense_game_summary"]}
    defense = {(row["opponent_team_abbr"], row["game_date"]): row for row in tables["team_defense_game_summary"]}
    assert players.keys() == offense.keys() == defense.keys()
    for key, rows in players.items():
        team, against = offense[key], defense[key]
        for column in ("fg_attempts", "fg_makes", "three_pt_makes", "ft_attempts", "ft_makes", "assists"):
            assert total(rows, column) == team[column] == against[f"opp_{column}"]
        for column in ("paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes"):
            assert total(rows, column) == team[f"team_{column}"] == against[f"opp_{column}"]
        assert total(rows, "points") == team["points_scored"] == against["points_allowed"]
        assert total(rows, "turnovers") == team["turnovers"] == against["turnovers_forced"]
        assert team["margin_of_victory"] == -against["margin_of_victory"] != 0
        assert team["win_flag"] == (team["margin_of_victory"] > 0) != against["win_flag"]
        assert (team["pace"], team["offensive_rating"]) == (
            against["opponent_pace"],
            against["defensive_rating"],
        )
        minutes = sum(row["minutes_played"] for row in rows)
        assert minutes >= 240
        assert (minutes - 240) % 25 == 0, "overtimes add 25 minutes each"


def test_numbers_look_like_basketball(tables: Tables) -> None:
    offense, players = tables["team_offense_game_summary"], tables["player_game_summary"]
    assert 100 < total(offense, "points_scored") / len(offense) < 120
    assert 90 < sum(row["pace"] for row in offense) / len(offense) < 105
    assert 100 < sum(row["offensive_rating"] for row in offense) / len(offense) < 120
    assert max(row["points"] for row in players) < 75
    assert max(row["minutes_played"] for row in players) < 60
    playing = len(players) / len(offense)
    assert PLAYERS - 2 < playing < PLAYERS
    home = [row["win_flag"] for row in offense if row["home_game"]]
    assert 0.45 < sum(home) / len(home) < 0.68
