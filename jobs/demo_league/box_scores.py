"""One game, play by play: who shoots, scores, turns the ball over; box scores add up to the team's totals.

Nothing here outlives the game; rows for the tables are made in `summaries`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from jobs.demo_league.rosters import Player, Team
from jobs.demo_league.rounding import ratio

PAINT, MID_RANGE, THREE = range(3)
_MINUTE_WEIGHTS = (35, 34, 32, 30, 27, 24, 20, 16, 12, 8, 5, 3, 2)
_TURNOVERS, _TURNOVERS_AND_TRIPS = 0.125, 0.22
_AND_ONE = 0.05
_ASSISTED = (0.58, 0.5, 0.88)
_OVERTIME_PLAYS = 11
_HOME_ADVANTAGE = 1.018
_REGULATION, _OVERTIME = 2400, 250
_PLAYERS_ON_FLOOR = 5


@dataclass(eq=False)
class Line:
    """One player's box score; `minutes` in tenths; attempts and makes by zone (paint, mid-range, three)."""

    player: Player
    starter: bool
    weight: float
    minutes: int = 0
    attempts: list[int] = field(default_factory=lambda: [0, 0, 0])
    makes: list[int] = field(default_factory=lambda: [0, 0, 0])
    ft_attempts: int = 0
    ft_makes: int = 0
    turnovers: int = 0
    offensive_rebounds: int = 0
    assists: int = 0
    assisted_makes: int = 0

    @property
    def points(self) -> int:
        """What the shots and free throws are worth."""
        return 2 * (self.makes[PAINT] + self.makes[MID_RANGE]) + 3 * self.makes[THREE] + self.ft_makes

    @property
    def plays_used(self) -> int:
        """Shots, 0.44 of the free throws, and turnovers, in hundredths."""
        return 100 * (sum(self.attempts) + self.turnovers) + 44 * self.ft_attempts


@dataclass(eq=False)
class TeamBox:
    """One team's side of a game: its lines, the starters first."""

    team: Team
    lines: list[Line]

    def total(self, name: str) -> int:
        """The sum of a number over the players."""
        return sum(getattr(line, name) for line in self.lines)

    def zone_totals(self, name: str) -> tuple[int, int, int]:
        """The sums of `attempts` or `makes` by zone."""
        columns = [getattr(line, name) for line in self.lines]
        paint, mid_range, three = (sum(column) for column in zip(*columns, strict=True))
        return paint, mid_range, three

    @property
    def possessions(self) -> int:
        """Possessions used, in hundredths."""
        return self.total("plays_used") - 100 * self.total("offensive_rebounds")


@dataclass(frozen=True)
class GameBox:
    """Both sides of a game; `pace` in tenths and `possessions` in hundredths are one number for both."""

    home: TeamBox
    away: TeamBox

    @property
    def possessions(self) -> int:
        """The mean of both teams' possessions, in hundredths."""
        return ratio(self.home.possessions + self.away.possessions, 2)

    @property
    def pace(self) -> int:
        """Possessions in 48 minutes, in tenths."""
        return ratio(48 * self.possessions * _PLAYERS_ON_FLOOR, self.home.total("minutes"))

    @property
    def winner(self) -> TeamBox:
        """The side with more points; there is no draw."""
        return max(self.home, self.away, key=lambda side: side.total("points"))


def play(rng: random.Random, home: Team, away: Team, lineups: Mapping[str, Sequence[Player]]) -> GameBox:
    """Plays a game to its end, overtimes included, with the players dressed by team."""
    sides = [TeamBox(team, _lines(rng, lineups[team.abbr])) for team in (home, away)]
    game = GameBox(*sides)
    possessions = rng.gauss((home.pace + away.pace) / 2, 3)
    length = _REGULATION
    edges = [_HOME_ADVANTAGE * home.offense, away.offense]
    for side, edge, opponent in zip(sides, edges, (away, home), strict=True):
        rebounds = max(3, round(rng.gauss(10, 3)))
        for line in rng.choices(side.lines, [x.weight * x.player.rebounding for x in side.lines], k=rebounds):
            line.offensive_rebounds += 1
        _run_plays(rng, side, edge, opponent, round(possessions) + rebounds)
    while game.home.total("points") == game.away.total("points"):
        length += _OVERTIME
        for side, edge, opponent in zip(sides, edges, (away, home), strict=True):
            _run_plays(rng, side, edge, opponent, _OVERTIME_PLAYS)
    for side in sides:
        _share_minutes(side, length)
    return game


def _lines(rng: random.Random, dressed: Sequence[Player]) -> list[Line]:
    weights = [base * max(0.4, rng.gauss(1, 0.13)) for base in _MINUTE_WEIGHTS[: len(dressed)]]
    lines = [
        Line(player, starter=rank < 5, weight=weight)
        for rank, (player, weight) in enumerate(zip(dressed, weights, strict=True))
    ]
    # Now and then the last man enters for the final whistle: a box score of nothing in no time.
    if len(lines) > 8 and rng.random() < 0.01:
        lines[-1].weight = 0.0
    return lines


def _share_minutes(side: TeamBox, length: int) -> None:
    """Minutes in tenths, by weight, that add up to five times the length of the game."""
    whole = sum(line.weight for line in side.lines)
    for line in side.lines:
        line.minutes = max(1, round(length * line.weight / whole)) if line.weight else 0
    side.lines[0].minutes += length - side.total("minutes")


def _run_plays(rng: random.Random, side: TeamBox, edge: float, opponent: Team, plays: int) -> None:
    """`plays` plays of one side: turnovers, trips to the line and shots, by whoever gets the ball."""
    random_number = rng.random
    users = rng.choices(
        side.lines, cum_weights=list(accumulate(x.weight * x.player.usage for x in side.lines)), k=plays
    )
    passers = list(accumulate(x.weight * x.player.playmaking for x in side.lines))
    form = {line: edge * max(0.5, rng.gauss(1, 0.06)) for line in side.lines}
    for line in users:
        player = line.player
        kind = random_number()
        if kind < _TURNOVERS:
            line.turnovers += 1
            continue
        if kind < _TURNOVERS_AND_TRIPS:
            _free_throws(rng, line, 2)
            continue
        spot = random_number()
        zone = PAINT if spot < player.zones[0] else MID_RANGE if spot < player.zones[1] else THREE
        line.attempts[zone] += 1
        if random_number() >= player.finishing[zone] * form[line] * opponent.defense[zone]:
            continue
        line.makes[zone] += 1
        if zone == PAINT and random_number() < _AND_ONE:
            _free_throws(rng, line, 1)
        if random_number() < _ASSISTED[zone]:
            passer = rng.choices(side.lines, cum_weights=passers)[0]
            # Nobody passes to himself: that make was his own work.
            if passer is not line:
                passer.assists += 1
                line.assisted_makes += 1


def _free_throws(rng: random.Random, line: Line, count: int) -> None:
    line.ft_attempts += count
    line.ft_makes += sum(rng.random() < line.player.ft_pct for _ in range(count))
