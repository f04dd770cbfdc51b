"""The context of a game knows its players, and of their work only what was before it."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.demo_league.league import (
    DAY,
    PLAYERS,
    Row,
    Tables,
    average,
    before,
)


def test_context_has_every_rostered_player_of_a_game(tables: Tables) -> None:
    contexts = tables["upcoming_player_game_context"]
    listed = {(row["player_lookup"], row["game_date"], row["team_abbr"]) for row in contexts}
    played = {(row["player_lookup"], row["game_date"], row["team_abbr"]) for row in tables["player_game_summary"]}
    assert played < listed
    a_side = Counter((row["team_abbr"], row["game_date"]) for row in contexts)
    assert set(a_side.values()) == {PLAYERS}
    teams_of = defaultdict(set)
    for row in contexts:
        teams_of[row["player_lookup"]].add(row["team_abbr"])
    assert 4 <= sum(len(teams) > 1 for teams in teams_of.values()) <= PLAYERS, "traded players"
    statuses = Counter((row["player_status"] or "NULL").lower() for row in contexts)
    assert set(statuses) == {"available", "probable", "questionable", "doubtful", "out", "null"}
    assert statuses["available"] / len(contexts) > 0.7


def test_context_workload_counts_only_games_before(tables: Tables, games_of: dict[str, list[Row]]) -> None:
    for row in tables["upcoming_player_game_context"][::41]:
        game_date = row["game_date"]
        games = before(games_of[row["player_lookup"]], game_date)
        week = [game for game in games if game["game_date"] >= game_date - 7 * DAY]
        fortnight = [game["game_date"] for game in games if game["game_date"] >= game_date - 14 * DAY]
        team = [game for game in tables["team_offense_game_summary"] if game["team_abbr"] == row["team_abbr"]]
        last = before(games or team, game_date)[-1:]
        assert row["days_rest"] == ((game_date - last[0]["game_date"]).days if last else None)
        assert row["back_to_back"] == (bool(games) and row["days_rest"] == 1)
        assert row["games_in_last_7_days"] == len(week)
        assert row["games_in_last_14_days"] == len(fortnight)
        assert row["back_to_backs_last_14_days"] == sum(day + DAY in fortnight for day in fortnight)
        assert row["avg_minutes_per_game_last_7"] == average(week, "minutes_played", 1)
        assert row["projected_usage_rate"] == average(games, "usage_rate", 2)
