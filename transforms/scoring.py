"""The scoring and minutes family: points, their trend and spread, free throws, and minutes against the season.

Columns over one row of `player_history`, of games that the player played; a NULL is a value that they cannot give.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.as_of import mean
from transforms.player_history import games_in_last, in_last

TREND_STEPS = ((5, 2), (2, 1))
MINUTES_STEPS = ((0.20, 2), (0.10, 1))
FREE_THROW_SHARE_MOST = 0.5


def steps(value: Column, thresholds: tuple[tuple[float, int], ...]) -> Column:
    """A value as steps: the step of the first threshold that it reaches in size, with its sign; else 0."""
    size = F.lit(0)
    for threshold, step in reversed(thresholds):
        size = F.when(value >= threshold, F.lit(step)).when(value <= -threshold, F.lit(-step)).otherwise(size)
    return F.when(value.isNotNull(), size)


def points_avg_last_5() -> Column:
    """Mean points of the last 5 games; NULL with fewer than 5."""
    return F.when(F.col("games") >= 5, mean(in_last(5, "points"), F.lit(5)))


def points_avg_last_10() -> Column:
    """Mean points of the last 10 games, or of all when fewer; NULL with none."""
    return mean(in_last(10, "points"), games_in_last(10))


def points_avg_season() -> Column:
    """Mean points of this season's games; NULL with none."""
    return mean(F.col("season_points"), F.col("season_games"))


def points_std_last_10() -> Column:
    """Sample standard deviation of points over the last 10 games; NULL with fewer than 2. Exact up to the root."""
    games = games_in_last(10)
    total = in_last(10, "points")
    spread = games * in_last(10, "points_squared") - total * total
    return F.when(games >= 2, F.sqrt(mean(spread, games * (games - F.lit(1)))))


def measures(recent_minutes: Column) -> dict[str, Column]:
    """What the steps are taken of, by name: columns of their own, since each is compared several times.

    `trend_in_sixths`: six times the mean points of the 2 newest games minus those of the 3 before, a whole number, so
    that nothing is rounded at a threshold. `minutes_share`: recent minutes against the mean of this season, as a
    share of it with 9 decimals; NULL when either is missing or 0.
    """
    newest, before = in_last(2, "points"), in_last(5, "points") - in_last(2, "points")
    season = mean(F.col("season_minutes"), F.col("season_minutes_games"))
    known = (recent_minutes != 0) & (season != 0)
    return {
        "trend_in_sixths": F.lit(3) * newest - F.lit(2) * before,
        "minutes_share": F.when(known, F.round(F.try_divide(recent_minutes - season, season), 9)),
    }


def recent_trend() -> Column:
    """Mean of the 2 newest games minus mean of the 3 before, in steps; NULL with fewer than 5 games."""
    in_sixths = tuple((6 * threshold, step) for threshold, step in TREND_STEPS)
    return F.when(F.col("games") >= 5, steps(F.col("trend_in_sixths"), in_sixths))


def minutes_avg_last_10() -> Column:
    """Mean minutes of the last 10 games, those of unknown minutes left out; NULL with none."""
    return mean(in_last(10, "minutes"), in_last(10, "minutes_games"))


def minutes_change() -> Column:
    """Recent minutes against the mean of this season, in steps; NULL when either is missing or 0."""
    return steps(F.col("minutes_share"), MINUTES_STEPS)


def pct_free_throw() -> Column:
    """Free throws made per point of the last 10 games, 0 to 0.5; NULL with fewer than 5 games or no points."""
    share = mean(in_last(10, "ft_makes"), in_last(10, "points"))
    enough = (F.col("games") >= 5) & (in_last(10, "points") > 0)
    return F.when(enough, F.greatest(F.lit(0.0), F.least(share, F.lit(FREE_THROW_SHARE_MOST))))
