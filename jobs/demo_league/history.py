"""What has been played so far, by player and by team: everything that a row for a date may know.

Filled after the games of a date; whoever asks before them cannot look ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from jobs.demo_league.rosters import Player
from jobs.demo_league.rounding import ratio

COUNTED_GAMES = 10


class PlayerGame(NamedTuple):
    """A game with minutes (in tenths); `usage` in hundredths, `true_shooting` in thousandths."""

    day: int
    points: int
    minutes: int
    usage: int
    true_shooting: int | None
    paint: int
    mid_range: int
    three: int
    makes: int
    assisted_makes: int


class DefenseGame(NamedTuple):
    """A game from the defence's side; `rating` in hundredths, `pace` in tenths, opponents' shots by zone."""

    day: int
    rating: int
    pace: int
    points_allowed: int
    attempts: tuple[int, int, int]
    makes: tuple[int, int, int]


class OffenseGame(NamedTuple):
    """A game from the offence's side; `pace` in tenths, `rating` in hundredths."""

    pace: int
    rating: int


@dataclass
class PlayerRecord:
    """A player's games of this season, and the team that he last played for in any."""

    season: list[PlayerGame] = field(default_factory=list)
    newest_team: str | None = None
    rows: int = 0
    """Of the game log this season, played or not."""

    def since(self, first_day: int) -> list[PlayerGame]:
        """This season's games on or after a day."""
        games = []
        for game in reversed(self.season):
            if game.day < first_day:
                break
            games.append(game)
        return games[::-1]


@dataclass
class TeamRecord:
    """A team's games: the defence's of this season, the offence's of all; this season's wins and margin."""

    season: list[DefenseGame] = field(default_factory=list)
    offense: list[OffenseGame] = field(default_factory=list)
    wins: int = 0
    margin: int = 0

    def days_rest(self, day: int) -> int | None:
        """Days from the last game of this season to a day, 1 on consecutive days; None before the first."""
        return day - self.season[-1].day if self.season else None


class History:
    """The records of all players and teams, as of the last date played."""

    def __init__(self) -> None:
        self._players: dict[Player, PlayerRecord] = {}
        self._teams: dict[str, TeamRecord] = {}

    def player(self, player: Player) -> PlayerRecord:
        """The record of a player; empty for one who never played."""
        return self._players.setdefault(player, PlayerRecord())

    def team(self, abbr: str) -> TeamRecord:
        """The record of a team; empty for one that never played."""
        return self._teams.setdefault(abbr, TeamRecord())

    def teams_of_season(self) -> Iterator[tuple[str, TeamRecord]]:
        """The teams that have played this season, by abbreviation."""
        return ((abbr, record) for abbr, record in sorted(self._teams.items()) if record.season)

    def new_season(self) -> None:
        """Forgets what is counted by season."""
        for player in self._players.values():
            player.season, player.rows = [], 0
        for team in self._teams.values():
            team.season, team.wins, team.margin = [], 0, 0

    def logged(self, player: Player, team: str) -> None:
        """The game log has one more row of a player, whether he played or sat out."""
        record = self.player(player)
        record.newest_team = team
        record.rows += 1

    def completeness(self, player: Player, team: str) -> int:
        """A player's rows of the game log for each game of his current team, both at most 10, in tenths of a percent.

        `team` is the team of a player who has never played.
        """
        record = self.player(player)
        expected = min(COUNTED_GAMES, len(self.team(record.newest_team or team).season))
        actual = min(COUNTED_GAMES, record.rows)
        return min(1000, ratio(1000 * actual, expected)) if expected else 0
