"""The demo league: that it is the same league every time, adds up, looks like the field, and never looks ahead."""

from __future__ import annotations

import datetime
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from statistics import stdev
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.demo_league import generate
from jobs.demo_league.postseason import postseason
from jobs.demo_league.rounding import mean, ratio, sample_deviation
from jobs.demo_league.schedule import opening_day, regular_season
from jobs.demo_league.season import MISSING_IN_NOVEMBER
from jobs.schemas import tables as schemas

Row = dict[str, Any]
Tables = dict[str, list[Row]]

TEAMS, PLAYERS = 6, 12
OPENING = datetime.date(2021, 10, 19)
DAY = datetime.timedelta(days=1)
REPROCESSED = {
    "player_daily_cache",
    "player_composite_factors",
    "upcoming_player_game_context",
    "player_game_summary",
}
KEYS = {table.name: table.key for table in schemas.SOURCES}
DATES = {table.name: table.date_column for table in schemas.SOURCES}
UPSTREAM = [table.name for table in schemas.PHASE4_TABLES]


def read(folder: Path) -> Tables:
    return {
        table.name: pq.read_table(folder / table.dataset / f"{table.name}.parquet").to_pylist()
        for table in schemas.SOURCES
    }


def newest(rows: Iterable[Row], key: tuple[str, ...]) -> list[Row]:
    best: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        found = best.setdefault(tuple(row[column] for column in key), row)
        if row["processed_at"] > found["processed_at"]:
            best[tuple(row[column] for column in key)] = row
    return list(best.values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo_league")
    generate(folder, teams=TEAMS, players_per_team=PLAYERS)
    return folder


@pytest.fixture(scope="module")
def written(folder: Path) -> Tables:
    return read(folder)


@pytest.fixture(scope="module")
def tables(written: Tables) -> Tables:
    """The newest row of each key; the schedule as it stands."""
    return {name: rows if name == "nbac_schedule" else newest(rows, KEYS[name]) for name, rows in written.items()}


@pytest.fixture(scope="module")
def games_of(tables: Tables) -> dict[str, list[Row]]:
    """The games with minutes of each player, by date."""
    games: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(tables["player_game_summary"], key=lambda row: row["game_date"]):
        if row["minutes_played"] > 0:
            games[row["player_lookup"]].append(row)
    return games


def before(rows: Iterable[Row], game_date: datetime.date, last: int | None = None) -> list[Row]:
    earlier = [row for row in rows if row["game_date"] < game_date]
    return earlier[-last:] if last else earlier


def rounded(value: Fraction | float, decimals: int) -> Decimal:
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(value)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def average(rows: list[Row], column: str, decimals: int = 4) -> Decimal | None:
    values = [Fraction(row[column]) for row in rows if row[column] is not None]
    return rounded(sum(values, Fraction()) / len(values), decimals) if values else None


def share(part: int, whole: int, decimals: int, scale: int = 100) -> Decimal | None:
    return rounded(Fraction(scale * part, whole), decimals) if whole else None


def total(rows: Iterable[Row], column: str) -> int:
    return sum(row[column] for row in rows)


# The same league every time


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
        {row["player_lookup"] for row in tables["player_game_summary"]} for tables in (written, read(tmp_path))
    )
    assert there
    assert here.isdisjoint(there)


def test_until_cuts_off_and_changes_nothing_before(tmp_path: Path, written: Tables) -> None:
    until = datetime.date(2021, 12, 5)
    counts = generate(tmp_path, teams=TEAMS, players_per_team=PLAYERS, until=until)
    short = read(tmp_path)
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
    assert all(rows == [] for rows in read(tmp_path).values())


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


# Contracts


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
    wrong = [
        f"{column.name}: {found.field(column.name).type}, not {column.type}"
        for column in table.columns
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


# The schedule


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


# Box scores


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


# Context


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
        assert row["days_rest"] == ((game_date - games[-1]["game_date"]).days - 1 if games else None)
        assert row["back_to_back"] == (row["days_rest"] == 0)
        assert row["games_in_last_7_days"] == len(week)
        assert row["games_in_last_14_days"] == len(fortnight)
        assert row["back_to_backs_last_14_days"] == sum(day + DAY in fortnight for day in fortnight)
        assert row["avg_minutes_per_game_last_7"] == average(week, "minutes_played", 1)
        assert row["projected_usage_rate"] == average(games, "usage_rate", 2)


# Phase 4


def test_phase_4_begins_after_14_days(tables: Tables) -> None:
    for name in UPSTREAM:
        assert min(row[DATES[name]] for row in tables[name]) >= OPENING + 14 * DAY, name


def test_phase_4_has_gaps_in_november_and_no_others(tables: Tables) -> None:
    game_dates = {
        row["game_date"] for row in tables["upcoming_player_game_context"] if row["game_date"] >= OPENING + 14 * DAY
    }
    gaps = {path.split("/")[1]: days for path, days in MISSING_IN_NOVEMBER.items()}
    assert set(gaps) == {"player_daily_cache", "player_composite_factors", "player_shot_zone_analysis"}
    for name in UPSTREAM:
        missing = game_dates - {row[DATES[name]] for row in tables[name]}
        expected = {datetime.date(2021, 11, day) for day in gaps.get(name, ())} & game_dates
        assert missing == expected, name
        assert len(expected) >= 2 or name not in gaps


def test_rows_processed_twice(written: Tables) -> None:
    for name, rows in written.items():
        if name == "nbac_schedule":
            continue
        versions = defaultdict(list)
        for row in rows:
            versions[tuple(row[column] for column in KEYS[name])].append(row)
        twice = [pair for pair in versions.values() if len(pair) > 1]
        if name not in REPROCESSED:
            assert twice == [], name
            continue
        assert 1 / 300 < len(twice) / len(versions) < 1 / 100, name
        first_is_newer = set()
        for one, other in twice:
            assert abs(one["processed_at"] - other["processed_at"]) == datetime.timedelta(minutes=40)
            first_is_newer.add(one["processed_at"] > other["processed_at"])
        assert first_is_newer == {False, True}, f"{name}: neither order may be relied on"
        assert any(
            {column: value for column, value in one.items() if column not in ("processed_at", "created_at")}
            != {column: other[column] for column in one if column not in ("processed_at", "created_at")}
            for one, other in twice
        ), name


def season_share(row: Row, games_of: dict[str, list[Row]], tables: Tables, date_column: str) -> Decimal:
    """The player's completeness, from the box scores and the context."""
    game_date = row[date_column]
    games = before(games_of[row["player_lookup"]], game_date)
    team = (
        games[-1]["team_abbr"]
        if games
        else next(
            context["team_abbr"]
            for context in tables["upcoming_player_game_context"]
            if context["player_lookup"] == row["player_lookup"] and context["game_date"] == game_date
        )
    )
    final = {game["game_date"] for game in tables["team_offense_game_summary"] if game["team_abbr"] == team}
    expected = min(10, sum(day < game_date for day in final))
    return min(Decimal(100), share(min(10, len(games)), expected, 1) or Decimal(0))


def test_daily_cache_is_of_the_games_before(tables: Tables, games_of: dict[str, list[Row]]) -> None:
    contexts = {(row["player_lookup"], row["game_date"]): row for row in tables["upcoming_player_game_context"]}
    for row in tables["player_daily_cache"][::97]:
        game_date = row["cache_date"]
        games = before(games_of[row["player_lookup"]], game_date)
        last = games[-10:]
        context = contexts[row["player_lookup"], game_date]
        team = before(
            (game for game in tables["team_offense_game_summary"] if game["team_abbr"] == context["team_abbr"]),
            game_date,
            10,
        )
        assert len(games) >= 5
        assert row["games_played_season"] == len(games)
        assert row["points_avg_last_5"] == average(games[-5:], "points")
        assert row["points_avg_last_10"] == average(last, "points")
        assert row["points_avg_season"] == average(games, "points")
        assert row["points_std_last_10"] == rounded(stdev(game["points"] for game in last), 4)
        assert row["minutes_avg_last_10"] == average(last, "minutes_played")
        assert row["usage_rate_last_10"] == average(last, "usage_rate")
        assert row["ts_pct_last_10"] == average(last, "ts_pct")
        assert row["team_pace_last_10"] == average(team, "pace")
        assert row["team_off_rating_last_10"] == average(team, "offensive_rating")
        assert row["assisted_rate_last_10"] == share(total(last, "assisted_fg_makes"), total(last, "fg_makes"), 2)
        completeness = season_share(row, games_of, tables, "cache_date")
        assert row["completeness_percentage"] == float(completeness)
        assert row["is_production_ready"] == (completeness >= 90)


def test_shot_zones_are_of_the_games_before(tables: Tables, games_of: dict[str, list[Row]]) -> None:
    for row in tables["player_shot_zone_analysis"][::97]:
        last = before(games_of[row["player_lookup"]], row["analysis_date"], 10)
        assert row["games_in_sample_10"] == len(last) > 0
        assert row["total_shots_last_10"] == total(last, "fg_attempts")
        for zone in ("paint", "mid_range", "three_pt"):
            expected = share(total(last, f"{zone}_attempts"), total(last, "fg_attempts"), 2)
            assert row[f"{zone}_rate_last_10"] == expected
        assert row["completeness_percentage"] == float(season_share(row, games_of, tables, "analysis_date"))


def test_team_defense_is_of_the_games_before(tables: Tables) -> None:
    for row in tables["team_defense_zone_analysis"][::29]:
        season = (
            game for game in tables["team_defense_game_summary"] if game["defending_team_abbr"] == row["team_abbr"]
        )
        last = before(season, row["analysis_date"], 15)
        # Fewer than ten teams: the league's averages are constants.
        league = {"paint": Fraction("0.58"), "mid_range": Fraction("0.41"), "three_pt": Fraction("0.355")}
        for zone, constant in league.items():
            attempts, makes = total(last, f"opp_{zone}_attempts"), total(last, f"opp_{zone}_makes")
            assert row[f"{zone}_pct_allowed_last_15"] == share(makes, attempts, 3, 1)
            assert row[f"{zone}_defense_vs_league_avg"] == rounded(100 * (Fraction(makes, attempts) - constant), 2)
        assert row["defensive_rating_last_15"] == average(last, "defensive_rating", 2)
        assert row["opponent_pace"] == average(last, "opponent_pace", 1)
        assert row["opponent_points_per_game"] == average(last, "points_allowed", 1)
        assert row["is_production_ready"] == (len(last) >= 10)


def test_composite_factors_follow_from_the_rows_of_the_date(tables: Tables) -> None:
    contexts = {(row["player_lookup"], row["game_date"]): row for row in tables["upcoming_player_game_context"]}
    zones = {(row["player_lookup"], row["analysis_date"]): row for row in tables["player_shot_zone_analysis"]}
    defenses = {(row["team_abbr"], row["analysis_date"]): row for row in tables["team_defense_zone_analysis"]}
    mismatches = set()
    for row in tables["player_composite_factors"][::13]:
        context = contexts[row["player_lookup"], row["game_date"]]
        shots = zones.get((row["player_lookup"], row["game_date"]))
        defense = defenses[context["opponent_team_abbr"], row["game_date"]]
        expected = Fraction()
        if shots:
            primary = shots["primary_scoring_zone"]
            zone = {"perimeter": "three_pt", "mid_range": "mid_range"}.get(primary, "paint")
            rate = shots[f"{zone}_rate_last_10"]
            weight = min(Fraction(50 if rate is None else rate) / 50, Fraction(1))
            expected = Fraction(defense[f"{zone}_defense_vs_league_avg"]) * weight
            expected *= Fraction("1.2") if abs(expected) > 5 else 1
        mismatches.add(row["shot_zone_mismatch_score"])
        assert row["shot_zone_mismatch_score"] == rounded(max(Fraction(-10), min(Fraction(10), expected)), 1)
        pace = max(Fraction(-3), min(Fraction(3), Fraction(context["pace_differential"]) / 2))
        assert row["pace_score"] == rounded(pace, 1)
        assert row["fatigue_score"] <= (85 if context["back_to_back"] else 100)
        assert row["is_production_ready"] <= (
            shots is not None and shots["is_production_ready"] and defense["is_production_ready"]
        )
    assert len(mismatches) > 20


# Several seasons


def test_a_second_season_starts_from_nothing_with_most_of_the_players(tmp_path: Path) -> None:
    until = datetime.date(2022, 11, 25)
    generate(tmp_path, teams=4, players_per_team=10, seasons=(2022, 2021), until=until)
    tables = read(tmp_path)
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


# Rounding


def test_halves_are_rounded_away_from_zero() -> None:
    assert [ratio(number, 2) for number in (-3, -1, 0, 1, 3, 4)] == [-2, -1, 0, 1, 2, 2]
    assert mean([1, 2], 1) == 2
    assert sample_deviation([3, 3, 3], 10_000) == 0
    assert sample_deviation([10, 12, 23, 23, 16], 10_000) == 60581
