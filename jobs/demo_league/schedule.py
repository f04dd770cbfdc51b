"""The regular season on the calendar: who plays whom on which date, and the games that were postponed.

No results here, and nothing after the regular season (see `postseason`).
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

GAMES_PER_TEAM = 82
FINAL = 3
SCHEDULED = 1
_DAY = datetime.timedelta(days=1)
_ALL_STAR_BREAK = range(122, 128)
_POSTPONED_SHARE = 1 / 200
_FEWEST_POSTPONED = 3
_POSTPONED_FROM, _POSTPONED_BEFORE = 16, 140
_EARLIEST_REPLAY = 5

Pair = tuple[str, str]


@dataclass(frozen=True)
class Game:
    """One line of the schedule; a postponed game has two, and the one on its first date stays `SCHEDULED`."""

    game_id: str
    game_date: datetime.date
    home: str
    away: str
    season_year: int
    season_phase: str = "regular_season"
    game_status: int = FINAL

    @property
    def teams(self) -> Pair:
        """Both teams, home first."""
        return self.home, self.away


def new_game(game_date: datetime.date, home: str, away: str, season_year: int, season_phase: str) -> Game:
    """A game with the id `YYYYMMDD_AWAY_HOME`."""
    return Game(f"{game_date:%Y%m%d}_{away}_{home}", game_date, home, away, season_year, season_phase)


def opening_day(season_year: int) -> datetime.date:
    """Day 0 of a season: the first Tuesday on or after October 17."""
    earliest = datetime.date(season_year, 10, 17)
    return earliest + _DAY * ((1 - earliest.weekday()) % 7)


def regular_season(rng: random.Random, teams: Sequence[str], season_year: int) -> tuple[list[Game], list[Game]]:
    """The games played, by date, and the unplayed lines of the postponed ones.

    `teams` are an even number. Each plays once in each of 82 windows of two days, so never twice a day.
    """
    days = _playing_days(season_year)
    homes = dict.fromkeys(teams, 0)
    played_yesterday: set[str] = set()
    games: list[Game] = []
    rounds = islice(_rounds(rng, teams), GAMES_PER_TEAM)
    for first_day, second_day, pairs in zip(days[::2], days[1::2], rounds, strict=True):
        on_first_day = round(len(pairs) * rng.uniform(0.25, 0.75))
        # A team that played the day before waits for the second day more often than not.
        tired = [sum(team in played_yesterday for team in pair) + 1.5 * rng.random() for pair in pairs]
        rested_first = [pair for _, pair in sorted(zip(tired, pairs, strict=True))]
        for position, (one, other) in enumerate(rested_first):
            game_date = first_day if position < on_first_day else second_day
            one_hosts = homes[one] < homes[other] or (homes[one] == homes[other] and rng.random() < 0.5)
            home, away = (one, other) if one_hosts else (other, one)
            homes[home] += 1
            games.append(new_game(game_date, home, away, season_year, "regular_season"))
        played_yesterday = {team for pair in rested_first[on_first_day:] for team in pair}
    played, unplayed = _postpone(rng, games, days)
    return sorted(played, key=lambda game: (game.game_date, game.game_id)), unplayed


def _playing_days(season_year: int) -> list[datetime.date]:
    """164 dates from opening day on, without Thanksgiving, Christmas Eve and the All-Star break."""
    first = opening_day(season_year)
    november = datetime.date(season_year, 11, 1)
    thanksgiving = november + _DAY * ((3 - november.weekday()) % 7 + 21)
    free = {
        thanksgiving,
        datetime.date(season_year, 12, 24),
        *(first + _DAY * day for day in _ALL_STAR_BREAK),
    }
    days = (first + _DAY * offset for offset in range(365))
    return list(islice((day for day in days if day not in free), 2 * GAMES_PER_TEAM))


def _rounds(rng: random.Random, teams: Sequence[str]) -> Iterator[list[Pair]]:
    """Rounds in which every team plays once, without end; all pairs meet before any meets again."""
    while True:
        circle = list(teams)
        rng.shuffle(circle)
        cycle = []
        for _ in range(len(circle) - 1):
            half = len(circle) // 2
            cycle.append(list(zip(circle[:half], reversed(circle[half:]), strict=True)))
            circle.insert(1, circle.pop())
        rng.shuffle(cycle)
        yield from cycle


def _postpone(
    rng: random.Random, games: Sequence[Game], days: Sequence[datetime.date]
) -> tuple[list[Game], list[Game]]:
    """A few games moved to a later date on which both teams are free; every other one keeps its first id."""
    busy = {(team, game.game_date) for game in games for team in game.teams}
    played = list(games)
    unplayed: list[Game] = []
    candidates = [
        i for i, game in enumerate(games) if days[_POSTPONED_FROM] <= game.game_date < days[_POSTPONED_BEFORE]
    ]
    wanted = max(_FEWEST_POSTPONED, round(len(games) * _POSTPONED_SHARE))
    # One of the early ones is always among them, so that a short league has a postponed game too.
    early = rng.choice(candidates[: max(1, len(candidates) // 12)])
    for index in [early, *(i for i in rng.sample(candidates, wanted) if i != early)]:
        game = games[index]
        later = (day for day in days[days.index(game.game_date) + _EARLIEST_REPLAY :])
        replay = next((day for day in later if not any((team, day) in busy for team in game.teams)), None)
        if replay is None:
            continue
        busy.update((team, replay) for team in game.teams)
        moved = new_game(replay, game.home, game.away, game.season_year, game.season_phase)
        keeps_id = len(unplayed) % 2 == 0
        played[index] = replace(game, game_date=replay) if keeps_id else moved
        unplayed.append(replace(game, game_status=SCHEDULED))
    return played, unplayed
