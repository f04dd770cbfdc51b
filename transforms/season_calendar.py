"""Seasons of game dates: which season a date belongs to and how far into it the date is.

Depends on the schedule's dates, seasons and phases only, which are known in advance; never on a result.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

BOOTSTRAP_DAYS = 14
BOOTSTRAP_MODE_DAYS = 30
FIRST_MONTH = 10


@dataclass(frozen=True)
class ScheduledDate:
    """A date and season of the schedule's games; `regular_season`: whether one of those is a regular-season game."""

    game_date: datetime.date | None
    season_year: int | None
    regular_season: bool | None


class SeasonCalendar:
    """The season of any date, by the schedule's dates, seasons and phases, else by month and configuration.

    `scheduled` are those of the schedule, in any order and number; `season_start` gives day 0 of seasons that the
    schedule has no regular-season game of.
    """

    def __init__(self, scheduled: Iterable[ScheduledDate], season_start: Mapping[int, datetime.date]) -> None:
        self._seasons: dict[datetime.date, int] = {}
        first_games: dict[int, datetime.date] = {}
        for games in scheduled:
            game_date, season_year = games.game_date, games.season_year
            if game_date is None or season_year is None:
                continue
            self._seasons[game_date] = max(season_year, self._seasons.get(game_date, season_year))
            if games.regular_season:
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


def is_in_bootstrap(game_date: Column, season_start: Column) -> Column:
    """`is_bootstrap` of two columns."""
    return F.datediff(game_date, season_start) < BOOTSTRAP_DAYS


def is_in_bootstrap_mode(game_date: Column, season_start: Column) -> Column:
    """True in days 0 to 29 of the season and before day 0."""
    return F.datediff(game_date, season_start) < BOOTSTRAP_MODE_DAYS
