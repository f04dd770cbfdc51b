"""The 25 features as data: index, name, sources in order, default, valid range.

The only place that lists the features; names, order, defaults, documentation and range checks come from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

FEATURE_VERSION = "v1_baseline_25"

SourceKind = Literal["phase4", "phase3", "calculated", "default"]
SOURCE_KINDS: tuple[SourceKind, ...] = ("phase4", "phase3", "calculated", "default")
SOURCE_WEIGHTS: dict[SourceKind, int] = {"phase4": 100, "phase3": 75, "calculated": 100, "default": 40}


@dataclass(frozen=True)
class Phase4Source:
    """A pre-computed value: `column` of the upstream row called `source`, divided by `divisor`."""

    source: Literal["daily_cache", "composite", "shot_zones", "team_defense"]
    column: str
    divisor: float = 1.0


@dataclass(frozen=True)
class Feature:
    """One feature of the vector.

    `phase4` are tried in order, then the column `computed` of the per-player frame (its kind is `computed_kind`),
    then `default`. `default` is None where the computed value is never missing. `lowest` and `highest` bound
    every plausible value (None: unbounded).
    """

    index: int
    name: str
    default: float | None
    phase4: tuple[Phase4Source, ...] = ()
    computed: str | None = None
    computed_kind: SourceKind = "phase3"
    lowest: float | None = None
    highest: float | None = None
    meaning: str = ""


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
    computed: str | None = None,
    kind: SourceKind = "phase3",
) -> Feature:
    return Feature(-1, name, default, phase4, computed, kind, lowest, highest, meaning)


def _numbered(*features: Feature) -> tuple[Feature, ...]:
    return tuple(replace(feature, index=index) for index, feature in enumerate(features))


# fmt: off
FEATURES: tuple[Feature, ...] = _numbered(
    _feature(
        "points_avg_last_5", 10.0, 0, 120, "mean points, last 5 games; needs 5",
        phase4=(_cache("points_avg_last_5"),), computed="points_avg_last_5",
    ),
    _feature(
        "points_avg_last_10", 10.0, 0, 120, "mean points, last 10 games; needs 1",
        phase4=(_cache("points_avg_last_10"),), computed="points_avg_last_10",
    ),
    _feature(
        "points_avg_season", 10.0, 0, 120, "mean points, games of this season",
        phase4=(_cache("points_avg_season"),), computed="points_avg_season",
    ),
    _feature(
        "points_std_last_10", 5.0, 0, 90, "sample standard deviation of points, last 10 games; needs 2",
        phase4=(_cache("points_std_last_10"),), computed="points_std_last_10",
    ),
    _feature(
        "games_in_last_7_days", 3.0, 0, 7, "games in the 7 days before; needs 1 game ever",
        phase4=(_cache("games_in_last_7_days"),), computed="games_in_last_7_days",
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
        "rest_advantage", 0.0, -2, 2, "days of rest minus the opponent's, clamped",
        computed="rest_advantage", kind="calculated",
    ),
    _feature(
        "injury_risk", None, 0, 3, "available 0, probable 1, questionable 2, doubtful or out 3",
        computed="injury_risk", kind="calculated",
    ),
    _feature(
        "recent_trend", 0.0, -2, 2, "mean points of the 2 newest games against the 3 before, in steps",
        computed="recent_trend", kind="calculated",
    ),
    _feature(
        "minutes_change", 0.0, -2, 2, "minutes of the last 10 games against the season's, in steps",
        computed="minutes_change", kind="calculated",
    ),
    _feature(
        "opponent_def_rating", 112.0, 50, 200, "points allowed per 100 possessions, opponent's last 15 this season",
        phase4=(Phase4Source("team_defense", "defensive_rating_last_15"),), computed="opponent_def_rating",
    ),
    _feature(
        "opponent_pace", 100.0, 50, 160, "possessions a game, opponent's last 15 this season",
        phase4=(Phase4Source("team_defense", "opponent_pace"),), computed="opponent_pace",
    ),
    _feature("home_away", None, 0, 1, "1 at home", computed="home_away"),
    _feature("back_to_back", None, 0, 1, "1 on the second of two days", computed="back_to_back"),
    _feature("playoff_game", None, 0, 1, "1 in the playoffs", computed="playoff_game"),
    _feature(
        "pct_paint", 0.30, 0, 1, "share of shots from the paint, last 10 games",
        phase4=(_zones("paint_rate_last_10"), _cache("paint_rate_last_10", 100.0)), computed="pct_paint",
    ),
    _feature(
        "pct_mid_range", 0.20, 0, 1, "share of shots from mid-range, last 10 games",
        phase4=(_zones("mid_range_rate_last_10"),), computed="pct_mid_range",
    ),
    _feature(
        "pct_three", 0.35, 0, 1, "share of shots from three, last 10 games",
        phase4=(_zones("three_pt_rate_last_10"), _cache("three_pt_rate_last_10", 100.0)), computed="pct_three",
    ),
    _feature(
        "pct_free_throw", 0.15, 0, 0.5, "free throws made per point, last 10 games; needs 5",
        computed="pct_free_throw", kind="calculated",
    ),
    _feature(
        "team_pace", 100.0, 50, 160, "possessions a game, own team's last 10",
        phase4=(_cache("team_pace_last_10"),), computed="team_pace",
    ),
    _feature(
        "team_off_rating", 112.0, 50, 200, "points per 100 possessions, own team's last 10",
        phase4=(_cache("team_off_rating_last_10"),), computed="team_off_rating",
    ),
    _feature(
        "team_win_pct", 0.5, 0, 1, "wins per game of the own team this season; needs 5",
        computed="team_win_pct", kind="calculated",
    ),
)
# fmt: on

FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
WITH_PHASE4: tuple[Feature, ...] = tuple(feature for feature in FEATURES if feature.phase4)
