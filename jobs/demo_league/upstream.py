"""Rows of the four pre-computed tables for a date, from the games of this season strictly before it.

Reads the history and the context rows of the date only; which dates are left out is decided in `season`.
"""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal

from jobs.demo_league.history import DefenseGame, History
from jobs.demo_league.rosters import Player
from jobs.demo_league.rounding import clamp, mean, ratio, sample_deviation
from jobs.demo_league.write import Row, stamps

_ZONES = ("paint", "mid_range", "three_pt")
_LEAGUE_CONSTANTS = (0.58, 0.41, 0.355)
_LEAGUE_DAYS = 30
_LEAST_LEAGUE_GAMES = _LEAST_LEAGUE_TEAMS = _READY_GAMES = 10
_DEFENSE_GAMES = 15
_LAST_GAMES = 10
_CACHE_GAMES = 5
_READY = 900
_FOUR_DECIMALS = 10_000


def defense_rows(history: History, game_date: datetime.date) -> dict[str, Row]:
    """`team_defense_zone_analysis` of a date: one row per team with a game this season, by abbreviation."""
    league = _league_averages(history, game_date.toordinal())
    rows = {}
    for abbr, record in history.teams_of_season():
        games = record.season[-_DEFENSE_GAMES:]
        row: Row = {"team_abbr": abbr, "analysis_date": game_date, **stamps(game_date, 8)}
        for zone, attempts, makes, average in zip(_ZONES, *_zone_sums(games), league, strict=True):
            row[f"{zone}_pct_allowed_last_15"] = ratio(1000 * makes, attempts)
            difference = Decimal(repr(100 * (makes / attempts - average)))
            row[f"{zone}_defense_vs_league_avg"] = int((100 * difference).quantize(Decimal(1), ROUND_HALF_UP))
        row |= {
            "defensive_rating_last_15": mean([game.rating for game in games], 1),
            "opponent_pace": mean([game.pace for game in games], 1),
            "opponent_points_per_game": mean([game.points_allowed for game in games], 10),
            "games_in_sample": len(games),
            "completeness_percentage": ratio(1000 * len(games), _DEFENSE_GAMES) / 10,
            "is_production_ready": len(games) >= _READY_GAMES,
        }
        rows[abbr] = row
    return rows


def _zone_sums(games: list[DefenseGame]) -> tuple[list[int], list[int]]:
    """Opponents' attempts and makes by zone; a zone in which nobody shot counts one attempt."""
    attempts = [max(1, sum(column)) for column in zip(*(game.attempts for game in games), strict=True)]
    return attempts, [sum(column) for column in zip(*(game.makes for game in games), strict=True)]


def _league_averages(history: History, day: int) -> tuple[float, ...]:
    """The mean share of shots made by zone, over the teams with enough games in the last 30 days."""
    shares = []
    for _, record in history.teams_of_season():
        recent = [game for game in record.season[-_LEAGUE_DAYS:] if game.day >= day - _LEAGUE_DAYS]
        if len(recent) >= _LEAST_LEAGUE_GAMES:
            shares.append([makes / attempts for attempts, makes in zip(*_zone_sums(recent), strict=True)])
    if len(shares) < _LEAST_LEAGUE_TEAMS:
        return _LEAGUE_CONSTANTS
    return tuple(sum(column) / len(shares) for column in zip(*shares, strict=True))


def shot_zone_row(history: History, player: Player, context: Row) -> Row | None:
    """`player_shot_zone_analysis` of a player and date; None before his first game of the season."""
    games = history.player(player).season[-_LAST_GAMES:]
    if not games:
        return None
    attempts = [
        sum(game.paint for game in games),
        sum(game.mid_range for game in games),
        sum(g.three for g in games),
    ]
    shots = sum(attempts)
    rates = [ratio(10_000 * zone, shots) if shots else None for zone in attempts]
    return {
        **_state(history, player, context),
        "analysis_date": context["game_date"],
        **{f"{zone}_rate_last_10": rate for zone, rate in zip(_ZONES, rates, strict=True)},
        "total_shots_last_10": shots,
        "games_in_sample_10": len(games),
        "primary_scoring_zone": _primary_zone(*rates),
    }


def _primary_zone(paint: int | None, mid_range: int | None, three: int | None) -> str | None:
    """Where a player mostly shoots from, by rates in hundredths of a percent."""
    if paint is None or mid_range is None or three is None:
        return None
    if paint >= 4000:
        return "paint"
    if three >= 4000:
        return "perimeter"
    return "mid_range" if mid_range >= 3500 else "balanced"


def daily_cache_row(history: History, player: Player, context: Row, zones: Row | None) -> Row | None:
    """`player_daily_cache` of a player and date; None before his fifth game of the season."""
    season = history.player(player).season
    if len(season) < _CACHE_GAMES:
        return None
    last = season[-_LAST_GAMES:]
    points = [game.points for game in season]
    shooting = [game.true_shooting for game in last if game.true_shooting is not None]
    makes = sum(game.makes for game in last)
    team = history.team(context["team_abbr"]).offense[-_LAST_GAMES:]
    zone_columns = ("primary_scoring_zone", "paint_rate_last_10", "three_pt_rate_last_10")
    context_columns = (
        "games_in_last_7_days",
        "games_in_last_14_days",
        "minutes_in_last_7_days",
        "back_to_backs_last_14_days",
        "player_age",
    )
    return {
        **_state(history, player, context),
        "cache_date": context["game_date"],
        "points_avg_last_5": mean(points[-5:], _FOUR_DECIMALS),
        "points_avg_last_10": mean(points[-_LAST_GAMES:], _FOUR_DECIMALS),
        "points_avg_season": mean(points, _FOUR_DECIMALS),
        "points_std_last_10": sample_deviation(points[-_LAST_GAMES:], _FOUR_DECIMALS),
        "minutes_avg_last_10": mean([game.minutes for game in last], _FOUR_DECIMALS // 10),
        "usage_rate_last_10": mean([game.usage for game in last], _FOUR_DECIMALS // 100),
        "ts_pct_last_10": mean(shooting, _FOUR_DECIMALS // 1000) if shooting else None,
        "games_played_season": len(season),
        "team_pace_last_10": mean([game.pace for game in team], _FOUR_DECIMALS // 10) if team else None,
        "team_off_rating_last_10": mean([game.rating for game in team], _FOUR_DECIMALS // 100) if team else None,
        "assisted_rate_last_10": ratio(_FOUR_DECIMALS * sum(g.assisted_makes for g in last), makes) if makes else None,
        **{column: context[column] for column in context_columns},
        **{column: zones[column] if zones else None for column in zone_columns},
    }


def composite_row(history: History, player: Player, context: Row, zones: Row | None, defense: Row | None) -> Row:
    """`player_composite_factors` of a player and date; `defense` is the row of the opponent."""
    neighbours_ready = all(row is not None and row["is_production_ready"] for row in (zones, defense))
    state = _state(history, player, context)
    return {
        **state,
        "is_production_ready": state["is_production_ready"] and neighbours_ready,
        "game_date": context["game_date"],
        "analysis_date": context["game_date"],
        "game_id": context["game_id"],
        "fatigue_score": _fatigue_score(context),
        "shot_zone_mismatch_score": _mismatch_score(zones, defense) if zones and defense else 0,
        "pace_score": clamp(ratio(context["pace_differential"] or 0, 2), -30, 30),
        "usage_spike_score": _usage_spike_score(context),
    }


def _state(history: History, player: Player, context: Row) -> Row:
    completeness = history.completeness(player, context["team_abbr"])
    return {
        "player_lookup": player.lookup,
        "universal_player_id": player.universal_id,
        "completeness_percentage": completeness / 10,
        "is_production_ready": completeness >= _READY,
        **stamps(context["game_date"], 9),
    }


def _fatigue_score(context: Row) -> int:
    """0 to 100, 100 = rested."""
    days_rest = 1 if context["days_rest"] is None else context["days_rest"]
    minutes = context["avg_minutes_per_game_last_7"]
    back_to_backs = context["back_to_backs_last_14_days"]
    age = context["player_age"]
    score = 100
    score += -15 if context["back_to_back"] else 5 if days_rest >= 3 else 0
    score -= 10 if context["games_in_last_7_days"] >= 4 else 0
    score -= 10 if context["minutes_in_last_7_days"] > 240 else 0
    score -= 8 if minutes is not None and minutes > 350 else 0
    score -= 12 if back_to_backs >= 2 else 5 if back_to_backs == 1 else 0
    score -= 10 if age >= 35 else 5 if age >= 30 else 0
    return clamp(score, 0, 100)


def _mismatch_score(zones: Row, defense: Row) -> int:
    """-10 to 10, in tenths: how the opponent defends the player's favourite zone, against the league."""
    zone = {"perimeter": "three_pt", "mid_range": "mid_range"}.get(zones["primary_scoring_zone"], "paint")
    rate = zones[f"{zone}_rate_last_10"]
    numerator = defense[f"{zone}_defense_vs_league_avg"] * min(5000 if rate is None else rate, 5000)
    unit = 100 * 5000
    if abs(numerator) > 5 * unit:
        numerator, unit = 12 * numerator, 10 * unit
    return clamp(ratio(10 * numerator, unit), -100, 100)


def _usage_spike_score(context: Row) -> int:
    """-3 to 3, in tenths: how much more of the ball a player is about to get than lately."""
    recent, projected = (
        2500 if context[column] is None else context[column]
        for column in ("avg_usage_rate_last_7_games", "projected_usage_rate")
    )
    if recent == 0:
        return 0
    # 0.3 of a difference in hundredths, in tenths: 3 of 100.
    numerator, unit = 3 * (projected - recent), 100
    if numerator > 0:
        stars_out = context["star_teammates_out"]
        numerator, unit = numerator * (130 if stars_out >= 2 else 115 if stars_out == 1 else 100), 100 * unit
    return clamp(ratio(numerator, unit), -30, 30)
