"""The columns of one row of each pre-computed table, as its line in the specification says, from lists of games.

Which games were known is decided by the caller; every list is of this season, oldest first, strictly before the date.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle.exact import clamped, mean, mean_of_ratios, ratio, rounded, sample_deviation
from tests.oracle.newest import Row

ZONES = ("paint", "mid_range", "three_pt")
LEAGUE_CONSTANTS = {"paint": Fraction("0.58"), "mid_range": Fraction("0.41"), "three_pt": Fraction("0.355")}
CONTEXT_OF_CACHE = (
    *("games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days", "back_to_backs_last_14_days"),
    "player_age",
)
DEFENDED_ZONE = {"perimeter": "three_pt", "mid_range": "mid_range", "paint": "paint"}


def shot_zone_row(context: Row, games: Sequence[Row], complete: Row) -> Row:
    """The row of player_shot_zone_analysis of a player with these season games."""
    last_10 = games[-10:]
    attempts = _sums(last_10, [f"{zone}_attempts" for zone in ZONES])
    rates = [_percentage(zone, sum(attempts)) for zone in attempts]
    return {
        "player_lookup": context["player_lookup"],
        "analysis_date": context["game_date"],
        **{f"{zone}_rate_last_10": rate for zone, rate in zip(ZONES, rates, strict=True)},
        "total_shots_last_10": sum(attempts) if _counted(last_10, [f"{zone}_attempts" for zone in ZONES]) else None,
        "games_in_sample_10": len(last_10),
        "primary_scoring_zone": _primary_zone(*rates),
        **complete,
    }


def cache_row(context: Row, games: Sequence[Row], team_games: Sequence[Row], shots: Row, complete: Row) -> Row:
    """The row of player_daily_cache; `team_games` are the team's last 10 of any season, `shots` the row of the day."""
    points, last_10 = [game["points"] for game in games], games[-10:]
    makes, assisted = (_sums(last_10, [column])[0] for column in ("fg_makes", "assisted_fg_makes"))
    return {
        "player_lookup": context["player_lookup"],
        "universal_player_id": context["universal_player_id"],
        "cache_date": context["game_date"],
        "points_avg_last_5": rounded(mean(points[-5:]), 4),
        "points_avg_last_10": rounded(mean(points[-10:]), 4),
        "points_avg_season": rounded(mean(points), 4),
        "points_std_last_10": sample_deviation(points[-10:], 4),
        "minutes_avg_last_10": _mean_of(last_10, "minutes_played", 4),
        "usage_rate_last_10": _mean_of(last_10, "usage_rate", 4),
        "ts_pct_last_10": _mean_of(last_10, "ts_pct", 4),
        "games_played_season": len(games),
        "team_pace_last_10": _mean_of(team_games, "pace", 4),
        "team_off_rating_last_10": _mean_of(team_games, "offensive_rating", 4),
        **{name: context[name] for name in CONTEXT_OF_CACHE},
        **{name: shots[name] for name in ("primary_scoring_zone", "paint_rate_last_10", "three_pt_rate_last_10")},
        "assisted_rate_last_10": rounded(ratio(assisted, makes), 4),
        **complete,
    }


def defense_row(team: str, date: datetime.date, games: Sequence[Row], league: dict[str, Fraction]) -> Row:
    """The row of team_defense_zone_analysis of a team with these games of the season."""
    last_15 = games[-15:]
    allowed = {zone: _allowed(last_15, zone) for zone in ZONES}
    count = len(last_15)
    return {
        "team_abbr": team,
        "analysis_date": date,
        **{f"{zone}_pct_allowed_last_15": rounded(share, 3) for zone, share in allowed.items()},
        **{
            f"{zone}_defense_vs_league_avg": None if share is None else rounded(100 * (share - league[zone]), 2)
            for zone, share in allowed.items()
        },
        "defensive_rating_last_15": _mean_of(last_15, "defensive_rating", 2),
        "opponent_pace": _mean_of(last_15, "opponent_pace", 1),
        "opponent_points_per_game": _mean_of(last_15, "points_allowed", 1),
        "games_in_sample": count,
        "completeness_percentage": float(rounded(Fraction(100 * count, 15), 1) or 0),
        "is_production_ready": count >= 10,
    }


def league_average(games_of_teams: Iterable[Sequence[Row]], date: datetime.date) -> dict[str, Fraction]:
    """What a team allows by zone: the mean over the teams with 10 games in the 30 days before the date."""
    month_ago = date - datetime.timedelta(days=30)
    recent = [[game for game in games if game["game_date"] >= month_ago] for games in games_of_teams]
    teams = [games for games in recent if len(games) >= 10]
    if len(teams) < 10:
        return dict(LEAGUE_CONSTANTS)
    averages = {zone: mean_of_ratios([_allowed(games, zone) for games in teams]) for zone in ZONES}
    return {zone: LEAGUE_CONSTANTS[zone] if average is None else average for zone, average in averages.items()}


def composite_row(context: Row, own: Row, shots: Row | None, defense: Row | None) -> Row:
    """The row of player_composite_factors: with the player's own columns, and the rows of the day of the two tables."""
    both_ready = [row is not None and row["is_production_ready"] for row in (shots, defense)]
    return {
        **{name: context[name] for name in ("player_lookup", "universal_player_id", "game_date", "game_id")},
        "analysis_date": context["game_date"],
        "shot_zone_mismatch_score": rounded(_mismatch(shots, defense), 1),
        "pace_score": rounded(clamped(Fraction(_known(context["pace_differential"], 0)) / 2, 3), 1),
        "usage_spike_score": rounded(_usage_spike(context), 1),
        **own,
        "is_production_ready": own["is_production_ready"] and all(both_ready),
    }


def _sums(games: Sequence[Row], columns: Sequence[str]) -> list[int]:
    counted = _counted(games, columns)
    return [sum(game[column] for game in counted) for column in columns]


def _counted(games: Sequence[Row], columns: Sequence[str]) -> list[Row]:
    """The games that know all of these columns."""
    return [game for game in games if all(game[column] is not None for column in columns)]


def _percentage(part: int, whole: int) -> Decimal | None:
    share = ratio(part, whole)
    return None if share is None else rounded(100 * share, 2)


def _mean_of(games: Sequence[Row], column: str, decimals: int) -> Decimal | None:
    return rounded(mean([game[column] for game in games]), decimals)


def _primary_zone(paint: Decimal | None, mid_range: Decimal | None, three: Decimal | None) -> str | None:
    if paint is None or mid_range is None or three is None:
        return None
    if paint >= 40:
        return "paint"
    if three >= 40:
        return "perimeter"
    return "mid_range" if mid_range >= 35 else "balanced"


def _allowed(games: Sequence[Row], zone: str) -> Fraction | None:
    makes, attempts = _sums(games, [f"opp_{zone}_makes", f"opp_{zone}_attempts"])
    return ratio(makes, attempts)


def _known(value: Any, missing: int) -> Any:
    return missing if value is None else value


def fatigue(context: Row, played: Sequence[Row], games: Sequence[Row]) -> int:
    """100 for a rested player; `played` are his games of all seasons, `games` those of this one."""
    score, date = 100, context["game_date"]
    if context["back_to_back"] or (played and (date - played[-1]["game_date"]).days == 1):
        score -= 15
    elif _days_since(games, context) >= 3:
        score += 5
    if _known(context["games_in_last_7_days"], 3) >= 4:
        score -= 10
    if _known(context["minutes_in_last_7_days"], 200) > 240:
        score -= 10
    if _known(context["avg_minutes_per_game_last_7"], 30) > 35:
        score -= 8
    back_to_backs = _known(context["back_to_backs_last_14_days"], 0)
    if back_to_backs >= 2:
        score -= 12
    elif back_to_backs == 1:
        score -= 5
    age = _known(context["player_age"], 25)
    if age >= 35:
        score -= 10
    elif age >= 30:
        score -= 5
    return max(0, min(score, 100))


def _days_since(games: Sequence[Row], context: Row) -> int:
    if games:
        days: int = (context["game_date"] - games[-1]["game_date"]).days
        return days
    return int(_known(context["days_rest"], 1))


def _mismatch(shots: Row | None, defense: Row | None) -> Fraction:
    if shots is None or defense is None:
        return Fraction(0)
    zone = DEFENDED_ZONE.get(shots["primary_scoring_zone"], "paint")
    weight = min(Fraction(_known(shots[f"{zone}_rate_last_10"], 50)) / 50, Fraction(1))
    score = Fraction(_known(defense[f"{zone}_defense_vs_league_avg"], 0)) * weight
    if abs(score) > 5:
        score *= Fraction("1.2")
    return clamped(score, 10)


def _usage_spike(context: Row) -> Fraction:
    average, projected = context["avg_usage_rate_last_7_games"], context["projected_usage_rate"]
    if projected is None or not average:
        return Fraction(0)
    score = Fraction("0.3") * Fraction(projected - average)
    stars_out = _known(context["star_teammates_out"], 0)
    if score > 0 and stars_out >= 1:
        score *= Fraction("1.30") if stars_out >= 2 else Fraction("1.15")
    return clamped(score, 3)
