"""The project's own demo data: an invented basketball league, played game by game, as the nine source tables.

Nothing here is real, and nothing here needs Spark; the same seed gives the same league anywhere.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from pathlib import Path

from jobs.demo_league.field_traits import FieldTraits
from jobs.demo_league.history import History
from jobs.demo_league.names import TEAM_NAMES
from jobs.demo_league.rosters import DRESSED, FEWEST_DRESSED, League
from jobs.demo_league.season import Season
from jobs.demo_league.tables import SCHEDULE_FORMS
from jobs.demo_league.write import LeagueFiles

__all__ = ["generate"]

_FEWEST_TEAMS = 4


def generate(
    folder: Path,
    *,
    seed: int = 7,
    teams: int = 30,
    players_per_team: int = 15,
    seasons: Sequence[int] = (2021,),
    until: datetime.date | None = None,
    as_in_the_field: bool = False,
) -> dict[str, int]:
    """Plays a league and writes `folder/dataset/table.parquet` for each of the nine source tables.

    `seasons` are the years in which they begin, each a regular season of 82 games a team from mid-October to mid-April,
    a play-in (where the league is large enough for one) and playoffs; nothing after the date `until` is played or
    written. Context and pre-computed rows of a date know the games before it, no others. The tables have what those of
    the field have: trades, injuries, postponed games, rows that were processed twice (the newer one is right), no
    pre-computed rows in a season's first 14 days, dates of November that three of its tables missed. `as_in_the_field`
    adds what else the field has: one of the forms of the schedule, by the seed, rows of players who sat out, a flag
    that is never set, a thin date, values out of range, players whom context does not list.

    Existing files are replaced. Returns the rows by table name; they depend on the arguments alone, not on
    the machine or the time. ValueError for a league that cannot be played.
    """
    _check(teams, players_per_team, seasons)
    rng = random.Random(seed)
    league = League(rng, list(TEAM_NAMES)[:teams], players_per_team, min(seasons))
    history = History()
    form = random.Random(f"{seed}:schedule").choice(sorted(SCHEDULE_FORMS)) if as_in_the_field else "both"
    traits = FieldTraits.of_seed(seed) if as_in_the_field else None
    with LeagueFiles(folder, seed, schedule_form=form) as files:
        for number, season_year in enumerate(sorted(seasons)):
            if number:
                league.next_season(season_year)
                history.new_season()
            Season(league, history, files, rng, season_year, until or datetime.date.max, traits).play()
    return files.rows_by_table()


def _check(teams: int, players_per_team: int, seasons: Sequence[int]) -> None:
    if teams % 2 or not _FEWEST_TEAMS <= teams <= len(TEAM_NAMES):
        raise ValueError(f"teams is {teams}: take an even number from {_FEWEST_TEAMS} to {len(TEAM_NAMES)}")
    if players_per_team < FEWEST_DRESSED + 2:
        raise ValueError(f"players_per_team is {players_per_team}: take {FEWEST_DRESSED + 2} or more ({DRESSED} dress)")
    if not seasons or len(set(seasons)) < len(seasons):
        raise ValueError(f"seasons is {tuple(seasons)}: take one year or more, each once")
