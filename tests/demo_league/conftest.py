"""One league for all tests, as it is written, as it is read, and each player's games."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from jobs.demo_league import generate
from tests.demo_league.league import (
    KEYS,
    PLAYERS,
    TEAMS,
    Row,
    Tables,
    newest,
    read_league,
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo_league")
    generate(folder, teams=TEAMS, players_per_team=PLAYERS)
    return folder


@pytest.fixture(scope="session")
def written(folder: Path) -> Tables:
    return read_league(folder)


@pytest.fixture(scope="session")
def tables(written: Tables) -> Tables:
    """The newest row of each key; the schedule as it stands."""
    return {name: rows if name == "nbac_schedule" else newest(rows, KEYS[name]) for name, rows in written.items()}


@pytest.fixture(scope="session")
def games_of(tables: Tables) -> dict[str, list[Row]]:
    """The games with minutes of each player, by date."""
    games: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(tables["player_game_summary"], key=lambda row: row["game_date"]):
        if row["minutes_played"] > 0:
            games[row["player_lookup"]].append(row)
    return games
