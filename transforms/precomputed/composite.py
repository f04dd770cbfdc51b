"""player_composite_factors: fatigue, shot zone against defence, pace and usage, from context and two rows of the date.

Columns over one row of `player_season` with the opponent's row as the struct `defense`.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.game_day import is_back_to_back
from transforms.precomputed.exact import mean_of_decimals, nearest, with_decimals
from transforms.precomputed.shot_zone import PERIMETER

MISMATCH_MOST = 10
SPIKE_MOST = PACE_MOST = 3
_TENTHS = 10
_DEFENSE_OF = {"mid_range": "mid_range", PERIMETER: "three_pt"}


def composite_columns() -> dict[str, Column]:
    """The columns of the table that are its own, but for `game_id` and `analysis_date`."""
    return {
        "fatigue_score": fatigue_score().cast("bigint"),
        "shot_zone_mismatch_score": with_decimals(shot_zone_mismatch(), 1),
        "pace_score": pace_score(),
        "usage_spike_score": usage_spike(),
    }


def fatigue_score() -> Column:
    """0 (tired) to 100 (rested), from the player's games and the row of context."""
    days = F.coalesce(F.col("day") - F.col("season_newest_day"), F.col("request.days_rest"), F.lit(1))
    back_to_backs, age = _known("back_to_backs_last_14_days", 0), _known("player_age", 25)
    minutes = _known("avg_minutes_per_game_last_7", 30)
    parts = [
        F.when(is_back_to_back(), F.lit(-15)).when(days >= 3, F.lit(5)),
        F.when(_known("games_in_last_7_days", 3) >= 4, F.lit(-10)),
        F.when(_known("minutes_in_last_7_days", 200) > 240, F.lit(-10)),
        F.when(minutes > 35, F.lit(-8)),
        F.when(back_to_backs >= 2, F.lit(-12)).when(back_to_backs == 1, F.lit(-5)),
        F.when(age >= 35, F.lit(-10)).when(age >= 30, F.lit(-5)),
    ]
    score = F.lit(100)
    for part in parts:
        score = score + F.coalesce(part, F.lit(0))
    return _clamped(score, F.lit(0), F.lit(100))


def _known(name: str, missing: int) -> Column:
    return F.coalesce(F.col(f"request.{name}"), F.lit(missing))


def shot_zone_mismatch() -> Column:
    """Tenths of -10 to 10: what the opponent allows in the player's zone against the league, by how much he uses it.

    0 without a row of either. In hundredths times hundredths, so that nothing is rounded before the end.
    """
    defense, zone_rate = F.col("defense.paint_defense_vs_league_avg"), F.col("paint_rate")
    for primary, zone in _DEFENSE_OF.items():
        in_zone = F.col("primary_scoring_zone") == primary
        defense = F.when(in_zone, F.col(f"defense.{zone}_defense_vs_league_avg")).otherwise(defense)
        zone_rate = F.when(in_zone, F.col(f"{zone}_rate")).otherwise(zone_rate)
    hundredths = F.coalesce((defense * F.lit(100)).cast("bigint"), F.lit(0))
    share = F.least(F.coalesce(zone_rate, F.lit(5000)), F.lit(5000))
    # A score of 1 is 100 hundredths times a share of 5000.
    score, one = hundredths * share, 100 * 5000
    tenths = F.when(
        F.abs(score) > 5 * one, nearest(score * F.lit(12 * _TENTHS), F.lit(10 * one).cast("bigint"))
    ).otherwise(nearest(score * F.lit(_TENTHS), F.lit(one).cast("bigint")))
    both = (F.col("season_games") > 0) & F.col("defense").isNotNull()
    most = MISMATCH_MOST * _TENTHS
    return F.when(both, _clamped(tenths, F.lit(-most), F.lit(most))).otherwise(F.lit(0).cast("bigint"))


def pace_score() -> Column:
    """-3 to 3: half the pace differential; 0 when it is missing."""
    half = mean_of_decimals(F.col("request.pace_differential"), F.lit(2), 1)
    return _clamped(F.coalesce(half, _tenths(0)), _tenths(-PACE_MOST), _tenths(PACE_MOST))


def usage_spike() -> Column:
    """-3 to 3: how much more the player is expected to be used, and more so without star teammates.

    0 when either usage is missing or the average is 0.
    """
    projected, average = F.col("request.projected_usage_rate"), F.col("request.avg_usage_rate_last_7_games")
    stars_out = F.col("request.star_teammates_out")
    factor = F.when(stars_out >= 2, F.lit(130)).when(stars_out == 1, F.lit(115)).otherwise(F.lit(100))
    more = projected - average
    # 0.3 of the difference, times hundredths of a factor.
    weight = F.lit(3) * F.when(more > 0, factor).otherwise(F.lit(100))
    spike = mean_of_decimals(more.cast("decimal(29,18)") * weight.cast("decimal(3,0)"), F.lit(1000), 1)
    clamped = _clamped(spike, _tenths(-SPIKE_MOST), _tenths(SPIKE_MOST))
    is_known = projected.isNotNull() & (average != 0)
    return F.when(is_known, clamped).otherwise(_tenths(0))


def _tenths(value: int) -> Column:
    return F.lit(value).cast("decimal(18,1)")


def _clamped(value: Column, least: Column, most: Column) -> Column:
    return F.greatest(F.least(value, most), least)
