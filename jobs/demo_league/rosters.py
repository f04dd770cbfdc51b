"""Players and the teams that they are on: talents, ageing, injuries, who dresses for a game, trades.

What a player does in a game is in `box_scores`; what is known of him before one in `history`.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.demo_league.names import NameRegister

DRESSED = 13
FEWEST_DRESSED = 8
_ROLES = {
    # Shares of shots in the paint, from mid-range and from three, chance of an offensive rebound, playmaking.
    "guard": (0.33, 0.15, 0.52, 0.5, 2.2),
    "wing": (0.42, 0.14, 0.44, 1.0, 1.0),
    "big": (0.68, 0.12, 0.20, 2.4, 0.7),
}


@dataclass(eq=False)
class Player:
    """A player for life; `out_for` is the number of his team's games that an injury still costs him."""

    lookup: str
    universal_id: str
    name: str
    born: datetime.date
    skill: float
    usage: float
    zones: tuple[float, float]
    finishing: tuple[float, float, float]
    ft_pct: float
    rebounding: float
    playmaking: float
    out_for: int = 0

    def age(self, day: datetime.date) -> int:
        """Age in whole years."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


@dataclass
class Team:
    """A team of one season: its style, and its roster from the most to the least skilled."""

    abbr: str
    roster: list[Player]
    pace: float
    offense: float
    defense: tuple[float, float, float]

    @property
    def stars(self) -> list[Player]:
        """The two most skilled players."""
        return self.roster[:2]


class League:
    """All teams of a season; rosters go on into the next one, with rookies for those who stop."""

    def __init__(self, rng: random.Random, abbreviations: Sequence[str], players_per_team: int, year: int) -> None:
        self._rng = rng
        self._names = NameRegister(rng)
        self._next_number = 100_001
        rosters = [[self._new_player(year, rookie=False) for _ in range(players_per_team)] for _ in abbreviations]
        self.teams = {abbr: self._new_team(abbr, roster) for abbr, roster in zip(abbreviations, rosters, strict=True)}

    def next_season(self, year: int) -> None:
        """Everybody is healthy and a little better or worse; some stop, and rookies take their places."""
        for team in list(self.teams.values()):
            roster = []
            for player in team.roster:
                player.skill += self._rng.gauss(0.1 if player.age(datetime.date(year, 10, 1)) < 27 else -0.1, 0.2)
                player.out_for = 0
                stops = player.age(datetime.date(year, 10, 1)) >= 37 or self._rng.random() < 0.06
                roster.append(self._new_player(year, rookie=True) if stops else player)
            self.teams[team.abbr] = self._new_team(team.abbr, roster)

    def trade(self) -> None:
        """Two players of two teams change places, whichever the dice say; no star is traded."""
        one, other = self._rng.sample(list(self.teams.values()), 2)
        position = self._rng.randrange(2, len(one.roster))
        one.roster[position], other.roster[position] = other.roster[position], one.roster[position]
        for team in (one, other):
            team.roster.sort(key=lambda player: -player.skill)

    def _new_team(self, abbr: str, roster: list[Player]) -> Team:
        rng = self._rng
        defense = (rng.gauss(1, 0.03), rng.gauss(1, 0.04), rng.gauss(1, 0.02))
        ranked = sorted(roster, key=lambda player: -player.skill)
        return Team(abbr, ranked, pace=rng.gauss(98.5, 2), offense=rng.gauss(1, 0.028), defense=defense)

    def _new_player(self, year: int, *, rookie: bool) -> Player:
        rng = self._rng
        name = self._names.new_name()
        lookup = name.replace(" ", "").lower()
        born = datetime.date(year - (20 if rookie else rng.randint(20, 36)), rng.randint(1, 12), rng.randint(1, 28))
        skill = rng.gauss(-0.3 if rookie else 0.0, 0.9)
        paint, mid_range, three, rebounding, playmaking = _ROLES[rng.choice(list(_ROLES))]
        weights = [share * rng.uniform(0.6, 1.4) for share in (paint, mid_range, three)]
        self._next_number += 1
        return Player(
            lookup=lookup,
            universal_id=f"{lookup}_{self._next_number}",
            name=name,
            born=born,
            skill=skill,
            usage=max(9.0, 20 + 4.5 * skill + rng.gauss(0, 2)),
            zones=(weights[0] / sum(weights), (weights[0] + weights[1]) / sum(weights)),
            finishing=(rng.gauss(0.57, 0.03), rng.gauss(0.41, 0.03), rng.gauss(0.36, 0.02)),
            ft_pct=min(0.93, rng.gauss(0.78, 0.08)),
            rebounding=rebounding,
            playmaking=playmaking,
        )


@dataclass(frozen=True)
class Availability:
    """A team before a game: each player's listed status, and who will play, from most to least skilled."""

    statuses: dict[Player, str | None]
    dressed: list[Player]

    def stars_out(self, team: Team, player: Player) -> int:
        """How many other stars of the team are listed out."""
        listed_out = [star for star in team.stars if (self.statuses[star] or "").lower() == "out"]
        return sum(star is not player for star in listed_out)


def availability(rng: random.Random, team: Team) -> Availability:
    """Rolls the statuses and the lineup of a team for its next game; injuries heal by one game."""
    statuses: dict[Player, str | None] = {}
    healthy = []
    for player in team.roster:
        statuses[player], plays = _status(rng, player)
        if plays:
            healthy.append(player)
    missing = FEWEST_DRESSED - len(healthy)
    if missing > 0:
        # A team never takes the floor with fewer: whoever is left plays hurt.
        healthy += [player for player in team.roster if player not in healthy][:missing]
    return Availability(statuses, healthy[:DRESSED])


def _status(rng: random.Random, player: Player) -> tuple[str | None, bool]:
    """A player's status before a game, and whether he can play it."""
    roll, spelling = rng.random(), rng.random()
    if player.out_for > 0:
        player.out_for -= 1
        last_one = player.out_for == 0
        return ("doubtful" if last_one and roll < 0.4 else "OUT" if spelling < 0.3 else "out"), False
    if roll < 0.012:
        player.out_for = int(rng.expovariate(1 / 7))
        return ("questionable" if spelling < 0.3 else "out"), False
    if roll < 0.035:
        return "questionable", spelling < 0.7
    if roll < 0.06:
        return ("Probable" if spelling < 0.5 else "probable"), True
    return (None if roll < 0.085 else "available"), True
