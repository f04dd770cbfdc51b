"""A league as in the field: what its tables have that clean ones have not, and that the games are the same."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.demo_league import generate
from jobs.demo_league.field_traits import OUT_OF_RANGE_FATIGUE, THIN_DAY_OF_NOVEMBER, THIN_ROWS
from tests.demo_league.league import KEYS, Row, Tables, newest, read_league

UNTIL = datetime.date(2021, 11, 24)
SIZE = {"teams": 6, "players_per_team": 16, "until": UNTIL}
THIN = datetime.date(2021, 11, THIN_DAY_OF_NOVEMBER)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("clean")
    generate(folder, **SIZE)  # type: ignore[arg-type]
    return read_league(folder)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("field")
    generate(folder, **SIZE, as_in_the_field=True)  # type: ignore[arg-type]
    return read_league(folder)


def log(league: Tables) -> list[Row]:
    return newest(league["player_game_summary"], KEYS["player_game_summary"])


def key(row: Row) -> tuple[str, datetime.date]:
    return row["player_lookup"], row["game_date"]


def test_the_games_are_the_same(clean: Tables, field: Tables) -> None:
    statistics = ("player_lookup", "game_date", "team_abbr", "points", "minutes_played", "fg_attempts")
    played = sorted(tuple(row[name] for name in statistics) for row in log(field) if row["points"] is not None)
    assert played == sorted(tuple(row[name] for name in statistics) for row in log(clean))


def test_players_who_sat_out_have_rows_without_statistics(field: Tables) -> None:
    sat_out = [row for row in log(field) if not row["is_active"]]
    assert len(sat_out) > 20
    for row in sat_out:
        assert (row["points"], row["minutes_played"], row["fg_attempts"], row["usage_rate"]) == (None,) * 4
        assert row["team_abbr"]
        assert row["season_year"] == 2021


def test_some_who_played_have_no_row_of_context(clean: Tables, field: Tables) -> None:
    in_context = {key(row) for row in field["upcoming_player_game_context"]}
    missing = {key(row) for row in log(field) if row["points"] is not None} - in_context
    assert 1 <= len(missing) < len(in_context) / 50
    assert missing < {key(row) for row in clean["upcoming_player_game_context"]}


def test_a_flag_of_context_is_never_set(clean: Tables, field: Tables) -> None:
    assert any(row["back_to_back"] for row in clean["upcoming_player_game_context"])
    assert not any(row["back_to_back"] for row in field["upcoming_player_game_context"])


def test_one_date_of_the_daily_cache_is_thin(clean: Tables, field: Tables) -> None:
    def players(league: Tables) -> int:
        return len({row["player_lookup"] for row in league["player_daily_cache"] if row["cache_date"] == THIN})

    assert (players(field), players(clean) > 5 * THIN_ROWS) == (THIN_ROWS, True)


def test_some_values_are_out_of_range(field: Tables) -> None:
    scores = [row["fatigue_score"] for row in field["player_composite_factors"]]
    assert 0 < scores.count(OUT_OF_RANGE_FATIGUE) < len(scores) / 50
    assert max(score for score in scores if score != OUT_OF_RANGE_FATIGUE) <= 100


@pytest.mark.parametrize("seed", range(1, 7))
def test_the_seed_chooses_the_form_of_the_schedule(seed: int, tmp_path: Path) -> None:
    generate(tmp_path, seed=seed, teams=4, players_per_team=10, until=datetime.date(2021, 10, 19), as_in_the_field=True)
    names = set(pq.read_schema(tmp_path / "nba_raw" / "nbac_schedule.parquet").names)
    forms = (
        {"season_phase"},
        {"is_regular_season", "is_playoffs"},
        {"season_phase", "is_regular_season", "is_playoffs"},
    )
    assert names & forms[2] in forms


def test_every_form_of_the_schedule_is_chosen_by_some_seed(tmp_path: Path) -> None:
    found = set()
    for seed in range(12):
        folder = tmp_path / str(seed)
        generate(
            folder, seed=seed, teams=4, players_per_team=10, until=datetime.date(2021, 10, 1), as_in_the_field=True
        )
        names = pq.read_schema(folder / "nba_raw" / "nbac_schedule.parquet").names
        found.add(("season_phase" in names, "is_playoffs" in names))
    assert found == {(True, False), (False, True), (True, True)}
