"""Seasons of game dates: which season a date belongs to and how far into it the date is.

Depends on the schedule's dates, seasons and phases only, which are known in advance; never on a result.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

BOOTSTRAP_DAYS = 14
BOOTSTRAP_MODE_DAYS = 30
REGULAR_SEASON = "regular_season"
FIRST_MONTH = 10


def season_by_month(game_date: Column) -> Column:
    """The season year of a date that the schedule does not know: from October this year, before it last year."""
    return F.year(game_date) - F.when(F.month(game_date) >= 10, F.lit(0)).otherwise(F.lit(1))


def calendar(dates: DataFrame, schedule: DataFrame, season_start: Mapping[int, datetime.date]) -> DataFrame:
    """The season of each date.

    Input: `dates` with one row a `game_date`; `schedule` with one row a scheduled game (`game_date`, `season_year`,
    `season_phase`); `season_start` gives day 0 of seasons that the schedule has no regular-season game of.
    Output: one row a game_date: `season_year` (int), `season_start` (day 0; NULL when nobody knows it).
    """
    known = schedule.where(F.col("game_date").isNotNull() & F.col("season_year").isNotNull())
    by_date = known.groupBy("game_date").agg(F.max("season_year").alias("scheduled_season"))
    first_games = (
        known.where(F.col("season_phase") == REGULAR_SEASON)
        .groupBy("season_year")
        .agg(F.min("game_date").alias("first_game_date"))
    )
    configured = F.create_map(*[F.lit(value) for pair in season_start.items() for value in pair])
    season_of_date = F.coalesce("scheduled_season", season_by_month(F.col("game_date")).cast("bigint"))
    configured_start = configured[F.col("season_year").cast("int")] if season_start else F.lit(None).cast("date")
    return (
        dates.join(F.broadcast(by_date), on="game_date", how="left")
        .select(*dates.columns, season_of_date.alias("season_year"))
        .join(F.broadcast(first_games), on="season_year", how="left")
        .select(
            *dates.columns,
            "season_year",
            F.coalesce("first_game_date", configured_start).alias("season_start"),
        )
    )


class SeasonCalendar:
    """The season of any date, by the schedule's dates, seasons and phases, else by month and configuration.

    `scheduled` are (game_date, season_year, whether a regular-season game) of the schedule, in any order and number;
    `season_start` gives day 0 of seasons that the schedule has no regular-season game of.
    """

    def __init__(
        self,
        scheduled: Iterable[tuple[datetime.date | None, int | None, bool | None]],
        season_start: Mapping[int, datetime.date],
    ) -> None:
        self._seasons: dict[datetime.date, int] = {}
        first_games: dict[int, datetime.date] = {}
        for game_date, season_year, regular_season in scheduled:
            if game_date is None or season_year is None:
                continue
            self._seasons[game_date] = max(season_year, self._seasons.get(game_date, season_year))
            if regular_season:
                first_games[season_year] = min(game_date, first_games.get(season_year, game_date))
        self._starts = {**season_start, **first_games}

    def season_year(self, game_date: datetime.date) -> int:
        """The season of the schedule's games on this date, the larger of two; else this year from October on."""
        by_month = game_date.year if game_date.month >= FIRST_MONTH else game_date.year - 1
        return self._seasons.get(game_date, by_month)

    def season_start(self, season_year: int) -> datetime.date | None:
        """Day 0 of a season; None when nobody knows it."""
        return self._starts.get(season_year)


def is_bootstrap(game_date: datetime.date, season_start: datetime.date) -> bool:
    """True in days 0 to 13 of the season and before day 0."""
    return (game_date - season_start).days < BOOTSTRAP_DAYS


def bootstrap_columns(game_date: Column, season_start: Column) -> tuple[Column, Column]:
    """Two conditions on a date: inside the bootstrap period; in days 0 to 29 of its season, or inside it."""
    day_of_season = F.datediff(game_date, season_start)
    return day_of_season < BOOTSTRAP_DAYS, day_of_season < BOOTSTRAP_MODE_DAYS
