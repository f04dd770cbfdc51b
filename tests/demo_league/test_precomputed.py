"""The league's own pre-computed tables: where they are missing, and that they are of the games before."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from statistics import stdev

from jobs.demo_league.season import MISSING_IN_NOVEMBER
from tests.demo_league.league import (
    DATES,
    DAY,
    KEYS,
    OPENING,
    REPROCESSED,
    UPSTREAM,
    Row,
    Tables,
    average,
    before,
    rounded,
    share,
    total,
)


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
        assert row["assisted_rate_last_10"] == share(total(last, "assisted_fg_makes"), total(last, "fg_makes"), 4, 1)
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
