"""Play-in and playoffs: which games are due on each date, given who won the games before.

A generator that is sent the winners; it knows nothing of how a game is played.
"""

from __future__ import annotations

import datetime
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from jobs.demo_league.schedule import Game, new_game

Winners = dict[str, str]
"""The winning team by game id."""

Dates = Generator[list[Game], Winners, None]
"""Yields the games of one date after the other and is sent their winners."""

_DAY = datetime.timedelta(days=1)
_BRACKET_SIZES = (8, 4, 2, 1)
_WINS_NEEDED = 4
# The games of a series that the better seed hosts, as the first and second, the fifth and the seventh.
_BETTER_SEED_HOSTS = (True, True, False, False, True, False, True)


@dataclass
class Series:
    """A best of seven between two (seed, team); the better seed is first."""

    better: tuple[int, str]
    worse: tuple[int, str]
    wins: dict[str, int] = field(default_factory=dict)

    @property
    def winner(self) -> tuple[int, str] | None:
        """The side with four wins, as soon as there is one."""
        return next((side for side in (self.better, self.worse) if self.wins.get(side[1], 0) == _WINS_NEEDED), None)

    def next_game(self, game_date: datetime.date, season_year: int) -> Game:
        """The next game of the series, on this date."""
        home, away = self.better[1], self.worse[1]
        if not _BETTER_SEED_HOSTS[sum(self.wins.values())]:
            home, away = away, home
        return new_game(game_date, home, away, season_year, "playoffs")


def postseason(standings: Sequence[Sequence[str]], season_end: datetime.date, season_year: int) -> Dates:
    """Yields the games of each date in turn (at least one) and is sent their winners.

    `standings` are the teams of the two conferences, best first; `season_end` is the last date before.
    """
    size = next(size for size in _BRACKET_SIZES if size <= min(map(len, standings)))
    first_day = season_end + 2 * _DAY
    fields = [list(conference[:size]) for conference in standings]
    if size > 1 and min(map(len, standings)) >= size + 2:
        for offset, (conference, seeded) in enumerate(zip(standings, fields, strict=True)):
            seeded[size - 2 :] = yield from _play_in(conference[size - 2 : size + 2], first_day, offset, season_year)
        first_day += 5 * _DAY
    sides = [[(seed, team) for seed, team in enumerate(seeded, 1)] for seeded in fields]
    while len(sides[0]) > 1:
        rounds = [_pair_up(conference) for conference in sides]
        first_day = yield from _round([*rounds[0], *rounds[1]], first_day, season_year)
        sides = [sorted(series.winner for series in conference if series.winner) for conference in rounds]
    better, worse = sorted((sides[0][0], sides[1][0]))
    yield from _round([Series(better, worse)], first_day, season_year)


def _play_in(
    teams: Sequence[str], first_day: datetime.date, offset: int, season_year: int
) -> Generator[list[Game], Winners, list[str]]:
    """Four teams for two places: who wins between the first two is in, who loses meets the others' winner.

    The conferences follow one another (`offset` 0 and 1), two dates each.
    """
    opening_date = first_day + 2 * offset * _DAY
    upper = new_game(opening_date, teams[0], teams[1], season_year, "play_in")
    lower = new_game(opening_date, teams[2], teams[3], season_year, "play_in")
    winners = yield [upper, lower]
    in_already = winners[upper.game_id]
    host = next(team for team in upper.teams if team != in_already)
    last = new_game(opening_date + _DAY, host, winners[lower.game_id], season_year, "play_in")
    winners = yield [last]
    return [in_already, winners[last.game_id]]


def _pair_up(sides: Sequence[tuple[int, str]]) -> list[Series]:
    """Best against worst of what is left in a conference."""
    half = len(sides) // 2
    return [Series(better, worse) for better, worse in zip(sides[:half], reversed(sides[half:]), strict=True)]


def _round(
    all_series: Sequence[Series], first_day: datetime.date, season_year: int
) -> Generator[list[Game], Winners, datetime.date]:
    """Plays the series of a round to their end, each every other day; returns the next round's first date."""
    offset = 0
    while not all(series.winner for series in all_series):
        due = [
            (series, series.next_game(first_day + offset * _DAY, season_year))
            for number, series in enumerate(all_series)
            if not series.winner and (offset + number) % 2 == 0
        ]
        if due:
            winners = yield [game for _, game in due]
            for series, game in due:
                winner = winners[game.game_id]
                series.wins[winner] = series.wins.get(winner, 0) + 1
        offset += 1
    return first_day + (offset + 1) * _DAY
