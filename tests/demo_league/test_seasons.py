"""A second season begins anew."""

from __future__ import annotations

import datetime
from pathlib import Path

from jobs.demo_league import generate
from jobs.demo_league.schedule import opening_day
from tests.demo_league.league import (
    DAY,
    read_league,
)


def test_a_second_season_starts_from_nothing_with_most_of_the_players(tmp_path: Path) -> None:
    until = datetime.date(2022, 11, 25)
    generate(tmp_path, teams=4, players_per_team=10, seasons=(2022, 2021), until=until)
    tables = read_league(tmp_path)
    assert {row["season_year"] for row in tables["nbac_schedule"]} == {2021, 2022}
    second = opening_day(2022)
    players = [
        {row["player_lookup"] for row in tables["player_game_summary"] if row["season_year"] == year}
        for year in (2021, 2022)
    ]
    assert 20 < len(players[0] & players[1]) < len(players[1])
    ages = {row["player_age"] for row in tables["upcoming_player_game_context"] if row["game_date"] >= second}
    assert 19 <= min(ages) < max(ages) <= 38
    caches = [row for row in tables["player_daily_cache"] if row["cache_date"] >= second]
    assert min(row["cache_date"] for row in caches) >= second + 14 * DAY
    assert min(row["games_played_season"] for row in caches) >= 5
    assert max(row["games_played_season"] for row in caches) < 25
