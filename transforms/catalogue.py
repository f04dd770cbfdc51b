"""The 25 features as data: one entry each, with its sources in order, its default and range, and what computes it.

The only place that lists the features; names, order, defaults, documentation and range checks come from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pyspark.sql import Column

from transforms import game_day, scoring, shot_zones, team_history

SourceKind = Literal["phase4", "phase3", "calculated", "default"]
SOURCE_KINDS: tuple[SourceKind, ...] = ("phase4", "phase3", "calculated", "default")
SOURCE_WEIGHTS: dict[SourceKind, int] = {"phase4": 100, "phase3": 75, "calculated": 100, "default": 40}


@dataclass(frozen=True)
class Phase4Source:
    """A pre-computed value: `column` of the row called `source`, divided by `divisor`.

    A value outside `lowest` to `highest` (None: unbounded), after the division, counts as missing.
    """

    source: Literal["daily_cache", "composite", "shot_zones", "team_defense"]
    column: str
    divisor: float = 1.0
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True)
class Feature:
    """One feature of the vector.

    `phase4` are tried in order, then `computed`, an expression over one row of `assemble.measured_rows` (its kind is
    `computed_kind`), then `default`. `default` is None where the computed value is never missing. `also_read` are the
    pre-computed values that `computed` reads. `lowest` and `highest` bound every plausible value (None: unbounded).
    `may_be_constant` says that one value on all dates of a run is no sign of a fault.
    """

    index: int
    name: str
    default: float | None
    phase4: tuple[Phase4Source, ...] = ()
    computed: Callable[[], Column] | None = None
    computed_kind: SourceKind = "phase3"
    also_read: tuple[Phase4Source, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    may_be_constant: bool = False
    meaning: str = ""


MINUTES_AVG_LAST_10 = Phase4Source("daily_cache", "minutes_avg_last_10", lowest=0, highest=60)


def _cache(column: str, divisor: float = 1.0) -> Phase4Source:
    return Phase4Source("daily_cache", column, divisor)


def _zones(column: str) -> Phase4Source:
    return Phase4Source("shot_zones", column, 100.0)


def _feature(
    name: str,
    default: float | None,
    lowest: float | None,
    highest: float | None,
    meaning: str,
    *,
    phase4: tuple[Phase4Source, ...] = (),
    computed: Callable[[], Column] | None = None,
    kind: SourceKind = "phase3",
    also_read: tuple[Phase4Source, ...] = (),
    may_be_constant: bool = False,
) -> Feature:
    in_range = tuple(replace(source, lowest=lowest, highest=highest) for source in phase4)
    return Feature(-1, name, default, in_range, computed, kind, also_read, lowest, highest, may_be_constant, meaning)


def _numbered(*features: Feature) -> tuple[Feature, ...]:
    return tuple(replace(feature, index=index) for index, feature in enumerate(features))


# fmt: off
FEATURES: tuple[Feature, ...] = _numbered(
    _feature(
        "points_avg_last_5", 10.0, 0, 120, "mean points, last 5 games; needs 5",
        phase4=(_cache("points_avg_last_5"),), computed=scoring.points_avg_last_5,
    ),
    _feature(
        "points_avg_last_10", 10.0, 0, 120, "mean points, last 10 games; needs 1",
        phase4=(_cache("points_avg_last_10"),), computed=scoring.points_avg_last_10,
    ),
    _feature(
        "points_avg_season", 10.0, 0, 120, "mean points, games of this season",
        phase4=(_cache("points_avg_season"),), computed=scoring.points_avg_season,
    ),
    _feature(
        "points_std_last_10", 5.0, 0, 90, "sample standard deviation of points, last 10 games; needs 2",
        phase4=(_cache("points_std_last_10"),), computed=scoring.points_std_last_10,
    ),
    _feature(
        "games_in_last_7_days", 3.0, 0, 7, "games in the 7 days before; needs 1 game ever",
        phase4=(_cache("games_in_last_7_days"),), computed=game_day.games_in_last_7_days,
    ),
    _feature(
        "fatigue_score", 50.0, 0, 100, "0 tired, 100 rested",
        phase4=(Phase4Source("composite", "fatigue_score"),),
    ),
    _feature(
        "shot_zone_mismatch_score", 0.0, -10, 10, "the player's zone against the opponent's defence of it",
        phase4=(Phase4Source("composite", "shot_zone_mismatch_score"),),
    ),
    _feature(
        "pace_score", 0.0, -3, 3, "expected pace against the usual",
        phase4=(Phase4Source("composite", "pace_score"),),
    ),
    _feature(
        "usage_spike_score", 0.0, -3, 3, "projected usage against the recent",
        phase4=(Phase4Source("composite", "usage_spike_score"),),
    ),
    _feature(
        "rest_advantage", 0.0, -2, 2, "days since the last game minus the opponent's, clamped",
        computed=game_day.rest_advantage, kind="calculated",
    ),
    _feature(
        "injury_risk", None, 0, 3, "available 0, probable 1, questionable 2, doubtful or out 3",
        computed=game_day.injury_risk, kind="calculated",
    ),
    _feature(
        "recent_trend", 0.0, -2, 2, "mean points of the 2 newest games against the 3 before, in steps",
        computed=scoring.recent_trend, kind="calculated",
    ),
    _feature(
        "minutes_change", 0.0, -2, 2, "minutes of the last 10 games against the season's, in steps",
        computed=scoring.minutes_change, kind="calculated", also_read=(MINUTES_AVG_LAST_10,),
    ),
    _feature(
        "opponent_def_rating", 112.0, 50, 200, "points allowed per 100 possessions, opponent's last 15 this season",
        phase4=(Phase4Source("team_defense", "defensive_rating_last_15"),), computed=team_history.opponent_def_rating,
    ),
    _feature(
        "opponent_pace", 100.0, 50, 160, "possessions a game, opponent's last 15 this season",
        phase4=(Phase4Source("team_defense", "opponent_pace"),), computed=team_history.opponent_pace,
    ),
    _feature("home_away", None, 0, 1, "1 at home", computed=game_day.home_away),
    _feature("back_to_back", None, 0, 1, "1 on the second of two days", computed=game_day.back_to_back),
    _feature(
        "playoff_game", None, 0, 1, "1 in the playoffs",
        computed=game_day.playoff_game, may_be_constant=True,
    ),
    _feature(
        "pct_paint", 0.30, 0, 1, "share of shots from the paint, last 10 games",
        phase4=(_zones("paint_rate_last_10"), _cache("paint_rate_last_10", 100.0)), computed=shot_zones.pct_paint,
    ),
    _feature(
        "pct_mid_range", 0.20, 0, 1, "share of shots from mid-range, last 10 games",
        phase4=(_zones("mid_range_rate_last_10"),), computed=shot_zones.pct_mid_range,
    ),
    _feature(
        "pct_three", 0.35, 0, 1, "share of shots from three, last 10 games",
        phase4=(_zones("three_pt_rate_last_10"), _cache("three_pt_rate_last_10", 100.0)), computed=shot_zones.pct_three,
    ),
    _feature(
        "pct_free_throw", 0.15, 0, 0.5, "free throws made per point, last 10 games; needs 5",
        computed=scoring.pct_free_throw, kind="calculated",
    ),
    _feature(
        "team_pace", 100.0, 50, 160, "possessions a game, own team's last 10",
        phase4=(_cache("team_pace_last_10"),), computed=team_history.team_pace,
    ),
    _feature(
        "team_off_rating", 112.0, 50, 200, "points per 100 possessions, own team's last 10",
        phase4=(_cache("team_off_rating_last_10"),), computed=team_history.team_off_rating,
    ),
    _feature(
        "team_win_pct", 0.5, 0, 1, "wins per game of the own team this season; needs 5",
        computed=team_history.team_win_pct, kind="calculated",
    ),
)
# fmt: on

FEATURE_VERSION = f"v1_baseline_{len(FEATURES)}"
"""One feature more is another version: rows of different versions do not stand side by side."""

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
WITH_PHASE4: tuple[Feature, ...] = tuple(feature for feature in FEATURES if feature.phase4)


def computed_features() -> dict[str, Column]:
    """The computed value of every feature that has one, by its name; NULL where it is missing."""
    return {feature.name: feature.computed() for feature in FEATURES if feature.computed is not None}
