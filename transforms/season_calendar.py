"""Seasons of game dates: which season a date belongs to and how far into it the date is.

Depends on the schedule's dates, seasons and phases only, which are known in advance; never on a result.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

BOOTSTRAP_DAYS = 14
BOOTSTRAP_MODE_DAYS = 30
FIRST_MONTH = 10


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
