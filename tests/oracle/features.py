"""The features of one row, each as its line in the specification says, from lists of games.

Sums and counts are exact; a feature becomes a double at its one division, and nowhere before.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from tests.oracle.histories import PHASE4, Histories
from tests.oracle.newest import Row
from tests.oracle.row_hash import fixed

NAMES = (
    *("points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10", "games_in_last_7_days"),
    *("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", "rest_advantage"),
    *("injury_risk", "recent_trend", "minutes_change", "opponent_def_rating", "opponent_pace"),
    *("home_away", "back_to_back", "playoff_game", "pct_paint", "pct_mid_range"),
    *("pct_three", "pct_free_throw", "team_pace", "team_off_rating", "team_win_pct"),
)
SHOTS = ("paint_attempts", "mid_range_attempts", "three_pt_attempts")
INJURY = {"available": 0, "probable": 1, "questionable": 2, "doubtful": 3, "out": 3}


# The feature's range, in its unit: a pre-computed value outside of it counts as missing.
RANGES = {
    **dict.fromkeys(("points_avg_last_5", "points_avg_last_10", "points_avg_season"), (0, 120)),
    "points_std_last_10": (0, 90),
    "games_in_last_7_days": (0, 7),
    "minutes_avg_last_10": (0, 60),
    "fatigue_score": (0, 100),
    "shot_zone_mismatch_score": (-10, 10),
    **dict.fromkeys(("pace_score", "usage_spike_score"), (-3, 3)),
    **dict.fromkeys(("defensive_rating_last_15", "team_off_rating_last_10"), (50, 200)),
    **dict.fromkeys(("opponent_pace", "team_pace_last_10"), (50, 160)),
    **dict.fromkeys(("paint_rate_last_10", "mid_range_rate_last_10", "three_pt_rate_last_10"), (0, 1)),
}


class Chosen(NamedTuple):
    """The value of a feature and the source that it came from."""

    value: float
    source: str


class Asked(NamedTuple):
    """One row that is asked for: its context, its date and season, and the pre-computed rows that it has (else empty).

    `out_of_range` collects the pre-computed columns whose value was not taken for that.
    """

    context: Row
    date: datetime.date
    season: int
    upstream: dict[str, Row]
    out_of_range: list[str]


def features_of(asked: Asked, histories: Histories) -> list[Chosen]:
    """The features in order."""
    date, context = asked.date, asked.context
    played = histories.played.before(context["player_lookup"], date)
    chosen = {
        **_points(asked, played),
        **_composite(asked),
        **_game_day(asked, played, histories),
        **_opponent(asked, histories.defense.before(context["opponent_team_abbr"], date)),
        **_shot_zones(asked, played[-10:]),
        **_own_team(asked, histories.offense.before(context["team_abbr"], date)),
        "minutes_change": _minutes_change(asked, played),
    }
    return [Chosen(chosen[name].value + 0.0, chosen[name].source) for name in NAMES]


def first_of(phase4: Iterable[float | None], computed: float | None, default: float) -> Chosen:
    """The first of the sources that is there; none is looked at after it."""
    for value in phase4:
        if value is not None:
            return Chosen(value, "phase4")
    return Chosen(default, "default") if computed is None else Chosen(computed, "phase3")


def calculated(value: float | None, constant: float) -> Chosen:
    """A calculated feature, or its constant for lack of input."""
    return Chosen(constant, "default") if value is None else Chosen(float(value), "calculated")


def quotient(total: int | Decimal, count: int) -> float | None:
    """The one division of a mean or a share; missing over nothing."""
    return float(total) / float(count) if count else None


def mean(values: Sequence[Any]) -> float | None:
    """The mean of the values that are not NULL."""
    known = [value for value in values if value is not None]
    return quotient(sum(known), len(known))


def _phase4(asked: Asked, source: str, column: str, divisor: float = 1.0) -> float | None:
    """A pre-computed value in the feature's unit; missing when it is NULL, NaN or out of range."""
    stored = asked.upstream[source].get(column)
    if stored is None or math.isnan(stored):
        return None
    value = float(stored) / divisor
    lowest, highest = RANGES[column]
    if lowest <= value <= highest:
        return value
    asked.out_of_range.append(f"{PHASE4[source][0]}.{column}")
    return None


def _percentages(asked: Asked, column: str, *sources: str) -> Iterator[float | None]:
    """The shares of several sources, each looked at when its turn comes."""
    return (_phase4(asked, source, column, 100.0) for source in sources)


def _zero(value: Any) -> Any:
    return 0 if value is None else value


def _of_season(games: Sequence[Row], season: int) -> list[Row]:
    return [game for game in games if game["season_year"] == season]


def _points(asked: Asked, played: list[Row]) -> dict[str, Chosen]:
    points = [game["points"] for game in played]
    week_ago = asked.date - datetime.timedelta(days=7)
    recent = [game for game in played if game["game_date"] >= week_ago]
    computed: dict[str, tuple[float | None, float]] = {
        "points_avg_last_5": (mean(points[-5:]) if len(points) >= 5 else None, 10.0),
        "points_avg_last_10": (mean(points[-10:]), 10.0),
        "points_avg_season": (mean([game["points"] for game in _of_season(played, asked.season)]), 10.0),
        "points_std_last_10": (_standard_deviation(points[-10:]), 5.0),
        "games_in_last_7_days": (float(len(recent)) if played else None, 3.0),
    }
    chosen = {
        name: first_of([_phase4(asked, "daily_cache", name)], value, default)
        for name, (value, default) in computed.items()
    }
    chosen["recent_trend"] = calculated(_recent_trend(points), 0.0)
    free_throws = sum(_zero(game["ft_makes"]) for game in played[-10:])
    share = quotient(free_throws, sum(points[-10:])) if len(points) >= 5 and sum(points[-10:]) > 0 else None
    chosen["pct_free_throw"] = calculated(None if share is None else min(max(share, 0.0), 0.5), 0.15)
    return chosen


def _standard_deviation(values: list[int]) -> float | None:
    count = len(values)
    if count < 2:
        return None
    # n * sum of squares - square of the sum, over n * (n - 1): whole numbers up to the division.
    spread = count * sum(value * value for value in values) - sum(values) ** 2
    return math.sqrt(float(spread) / float(count * (count - 1)))


def _recent_trend(points: list[int]) -> int | None:
    if len(points) < 5:
        return None
    # Times 6, the difference of a mean of two and a mean of three is a whole number.
    change = 3 * sum(points[-2:]) - 2 * sum(points[-5:-2])
    return _step(change, 6 * 2, 6 * 5)


def _step(change: float | Decimal, low: float | Decimal, high: float | Decimal) -> int:
    if change >= high:
        return 2
    if change >= low:
        return 1
    if change <= -high:
        return -2
    return -1 if change <= -low else 0


def _minutes_change(asked: Asked, played: list[Row]) -> Chosen:
    recent = _phase4(asked, "daily_cache", "minutes_avg_last_10")
    if recent is None:
        recent = mean([game["minutes_played"] for game in played[-10:]])
    season = mean([game["minutes_played"] for game in _of_season(played, asked.season)])
    if not recent or not season:
        return calculated(None, 0.0)
    share = Decimal(fixed((recent - season) / season, 9))
    return calculated(_step(share, Decimal("0.10"), Decimal("0.20")), 0.0)


def _composite(asked: Asked) -> dict[str, Chosen]:
    defaults = {"fatigue_score": 50.0, "shot_zone_mismatch_score": 0.0, "pace_score": 0.0, "usage_spike_score": 0.0}
    return {name: first_of([_phase4(asked, "composite", name)], None, value) for name, value in defaults.items()}


def _game_day(asked: Asked, played: list[Row], histories: Histories) -> dict[str, Chosen]:
    context, date = asked.context, asked.date
    yesterday = date - datetime.timedelta(days=1)
    back_to_back = context["back_to_back"] or (played and played[-1]["game_date"] == yesterday)
    phase = histories.phase_of_game(context["team_abbr"], date, context["game_id"])
    if phase is None:
        phase = context["season_phase"] or ""
    return {
        "rest_advantage": calculated(_rest_advantage(asked, played, histories), 0.0),
        "injury_risk": calculated(INJURY.get((context["player_status"] or "").lower(), 0), 0.0),
        "home_away": Chosen(1.0 if context["home_game"] else 0.0, "phase3"),
        "back_to_back": Chosen(1.0 if back_to_back else 0.0, "phase3"),
        "playoff_game": Chosen(1.0 if phase.lower() == "playoffs" else 0.0, "phase3"),
    }


def _rest_advantage(asked: Asked, played: list[Row], histories: Histories) -> int | None:
    season = _of_season(played, asked.season)
    if season:
        own = season[-1]["game_date"]
    else:
        own = histories.last_final_game(asked.context["team_abbr"], asked.season, asked.date)
    opponent = histories.last_final_game(asked.context["opponent_team_abbr"], asked.season, asked.date)
    if own is None or opponent is None:
        return None
    difference: int = (asked.date - own).days - (asked.date - opponent).days
    return min(max(difference, -2), 2)


def _opponent(asked: Asked, games: list[Row]) -> dict[str, Chosen]:
    last_15 = _of_season(games, asked.season)[-15:]
    rating = _phase4(asked, "team_defense", "defensive_rating_last_15")
    pace = _phase4(asked, "team_defense", "opponent_pace")
    return {
        "opponent_def_rating": first_of([rating], mean([game["defensive_rating"] for game in last_15]), 112.0),
        "opponent_pace": first_of([pace], mean([game["opponent_pace"] for game in last_15]), 100.0),
    }


def _shot_zones(asked: Asked, last_10: list[Row]) -> dict[str, Chosen]:
    counted = [game for game in last_10 if all(game[shot] is not None for shot in SHOTS)]
    sums = [sum(game[shot] for game in counted) for shot in SHOTS]
    paint, mid_range, three = [quotient(zone, sum(sums)) for zone in sums]
    both = ("shot_zones", "daily_cache")
    return {
        "pct_paint": first_of(_percentages(asked, "paint_rate_last_10", *both), paint, 0.30),
        "pct_mid_range": first_of(_percentages(asked, "mid_range_rate_last_10", "shot_zones"), mid_range, 0.20),
        "pct_three": first_of(_percentages(asked, "three_pt_rate_last_10", *both), three, 0.35),
    }


def _own_team(asked: Asked, games: list[Row]) -> dict[str, Chosen]:
    season = _of_season(games, asked.season)
    wins = sum(1 for game in season if game["win_flag"])
    pace = _phase4(asked, "daily_cache", "team_pace_last_10")
    rating = _phase4(asked, "daily_cache", "team_off_rating_last_10")
    return {
        "team_pace": first_of([pace], mean([game["pace"] for game in games[-10:]]), 100.0),
        "team_off_rating": first_of([rating], mean([game["offensive_rating"] for game in games[-10:]]), 112.0),
        "team_win_pct": calculated(quotient(wins, len(season)) if len(season) >= 5 else None, 0.5),
    }
