"""The demo league is the same every time, cut off where it is asked to be, and of the contracts' types."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.demo_league import generate
from jobs.schemas import tables as schemas
from tests.demo_league.league import (
    DATES,
    DAY,
    OPENING,
    PLAYERS,
    TEAMS,
    Tables,
    read_league,
)


def test_same_seed_gives_same_bytes_in_another_process(tmp_path: Path) -> None:
    until = datetime.date(2021, 11, 20)
    rows = generate(tmp_path / "here", teams=4, players_per_team=10, until=until)
    script = (
        "import datetime, pathlib, sys; from jobs.demo_league import generate; "
        "generate(pathlib.Path(sys.argv[1]), teams=4, players_per_team=10, until=datetime.date(2021, 11, 20))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there")], env=environment, check=True)
    files = sorted(path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*.parquet"))
    assert len(files) == len(rows) == 9
    assert all((tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes() for file in files)


def test_another_seed_gives_another_league(tmp_path: Path, written: Tables) -> None:
    generate(tmp_path, seed=8, teams=TEAMS, players_per_team=PLAYERS, until=OPENING + 3 * DAY)
    here, there = (
        {row["player_lookup"] for row in tables["player_game_summary"]} for tables in (written, read_league(tmp_path))
    )
    assert there
    assert here.isdisjoint(there)


def test_until_cuts_off_and_changes_nothing_before(tmp_path: Path, written: Tables) -> None:
    until = datetime.date(2021, 12, 5)
    counts = generate(tmp_path, teams=TEAMS, players_per_team=PLAYERS, until=until)
    short = read_league(tmp_path)
    for name, rows in written.items():
        assert short[name] == [row for row in rows if row[DATES[name]] <= until], name
        assert counts[name] == len(short[name]) > 0
    # What a short demo is for: it has a postponed game and its replay, and a trade.
    replays = Counter((row["home_team_tricode"], row["away_team_tricode"]) for row in short["nbac_schedule"])
    postponed = [row for row in short["nbac_schedule"] if row["game_status"] != 3]
    assert any(replays[row["home_team_tricode"], row["away_team_tricode"]] > 1 for row in postponed)
    assert len({(row["player_lookup"], row["team_abbr"]) for row in short["player_game_summary"]}) > len(
        {row["player_lookup"] for row in short["player_game_summary"]}
    )


def test_until_before_the_season_writes_empty_tables(tmp_path: Path) -> None:
    counts = generate(tmp_path, teams=4, players_per_team=10, until=OPENING - DAY)
    assert set(counts.values()) == {0}
    assert all(rows == [] for rows in read_league(tmp_path).values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"teams": 7}, "teams is 7: take an even number from 4 to 32"),
        ({"teams": 34}, "teams is 34"),
        ({"players_per_team": 9}, "players_per_team is 9: take 10 or more"),
        ({"seasons": ()}, "seasons is"),
        ({"seasons": (2021, 2021)}, "each once"),
    ],
)
def test_a_league_that_cannot_be_played_is_refused(tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        generate(tmp_path, **arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("table", schemas.SOURCES, ids=lambda table: table.name)
def test_columns_have_the_types_of_the_contract(folder: Path, table: schemas.Table) -> None:
    found = pq.read_schema(folder / table.dataset / f"{table.name}.parquet")
    expected = {
        "STRING": pa.types.is_string,
        "INT64": pa.types.is_int64,
        "FLOAT64": pa.types.is_float64,
        "BOOL": pa.types.is_boolean,
        "DATE": pa.types.is_date32,
        "TIMESTAMP": lambda type_: type_ == pa.timestamp("us", tz="UTC"),
        "NUMERIC": pa.types.is_decimal,
    }
    assert not table.choices or any(set(choice) <= set(found.names) for choice in table.choices)
    wrong = [
        f"{column.name}: {found.field(column.name).type}, not {column.type}"
        for column in table.columns
        if column.mode != "alternative" or column.name in found.names
        if not expected[column.type](found.field(column.name).type)
    ]
    assert wrong == []


def test_columns_read_by_the_upstream_job_are_there(written: Tables) -> None:
    expected = {
        "player_game_summary": (
            "universal_player_id usage_rate ts_pct fg_makes paint_makes mid_range_makes three_pt_makes "
            "assisted_fg_makes"
        ),
        "team_defense_game_summary": (
            "points_allowed opp_paint_attempts opp_paint_makes opp_mid_range_attempts opp_mid_range_makes "
            "opp_three_pt_attempts opp_three_pt_makes"
        ),
        "upcoming_player_game_context": (
            "games_in_last_7_days games_in_last_14_days minutes_in_last_7_days avg_minutes_per_game_last_7 "
            "back_to_backs_last_14_days avg_usage_rate_last_7_games projected_usage_rate star_teammates_out "
            "pace_differential player_age"
        ),
    }
    for name, columns in expected.items():
        assert set(columns.split()) <= set(written[name][0]), name
