"""What the tables of a league are like in the field, laid over the clean ones: gaps, wrong values, players who sat out.

Has dice of its own, so that the league is played the same with and without; nothing that a game depends on changes.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jobs.demo_league import tables
from jobs.demo_league.rosters import Player, Team
from jobs.demo_league.schedule import Game
from jobs.demo_league.write import Row, stamps_of_a_game

THIN_DAY_OF_NOVEMBER = 13
"""The day on which the job of `player_daily_cache` broke off after the first rows."""
THIN_ROWS = 2
OUT_OF_RANGE_FATIGUE = 140
_OUT_OF_RANGE_SHARE = 1 / 300
_LATE_SIGNINGS_PER_GAME = 1 / 12
_CONSTANT_FLAG = {"back_to_back": False}


@dataclass(frozen=True)
class FieldTraits:
    """The traits of one league."""

    rng: random.Random

    @classmethod
    def of_seed(cls, seed: int) -> FieldTraits:
        """The same seed has the same traits."""
        return cls(random.Random(f"{seed}:field"))

    def forgotten(self, dressed: Collection[Player]) -> set[Player]:
        """Players of a game who will play and whom context does not list: signed after it was written."""
        if self.rng.random() >= _LATE_SIGNINGS_PER_GAME:
            return set()
        return {self.rng.choice(sorted(dressed, key=lambda player: player.lookup))}

    def context(self, row: Row) -> Row:
        """A row of context whose flag is never set, whatever the calendar says."""
        return {**row, **_CONSTANT_FLAG}

    def precomputed(self, game: Game, rows: Sequence[tuple[str, Row]]) -> list[tuple[str, Row]]:
        """The rows of a date, each with its table: few of one table on one day, and now and then a wrong value."""
        thin = (game.game_date.month, game.game_date.day) == (11, THIN_DAY_OF_NOVEMBER)
        kept, cached = [], 0
        for table, row in rows:
            if table == tables.PLAYER_DAILY_CACHE:
                cached += 1
                if thin and cached > THIN_ROWS:
                    continue
            wrong = table == tables.PLAYER_COMPOSITE_FACTORS and self.rng.random() < _OUT_OF_RANGE_SHARE
            kept.append((table, {**row, "fatigue_score": OUT_OF_RANGE_FATIGUE} if wrong else row))
        return kept


def sat_out_rows(game: Game, team: Team, dressed: Collection[Player], *, won: bool) -> list[Row]:
    """The rows of the game log of players on the roster who did not dress: everything of the game is NULL."""
    opponent = game.away if team.abbr == game.home else game.home
    known = {
        "game_id": game.game_id,
        "game_date": game.game_date,
        "team_abbr": team.abbr,
        "opponent_team_abbr": opponent,
        "season_year": game.season_year,
        "season_phase": game.season_phase,
        "win_flag": won,
        "starter_flag": False,
        "is_active": False,
        **stamps_of_a_game(game.game_date),
    }
    nothing = dict.fromkeys(tables.SCHEMAS[tables.PLAYER_GAME_SUMMARY].names)
    return [
        {
            **nothing,
            **known,
            "player_lookup": player.lookup,
            "universal_player_id": player.universal_id,
            "player_full_name": player.name,
        }
        for player in team.roster
        if player not in dressed
    ]
