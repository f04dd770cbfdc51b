"""Small leagues in which everything goes wrong at once: NULLs, ties, duplicates, postponements, trades, odd text.

Rows of all nine source tables, made from a seed and a few shares; the same seed gives the same league.
"""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import cycle
from typing import Any

from jobs.schemas.tables import SOURCES, Column, Table
from tests.oracle.newest import Row

TEAMS = ("AAA", "BBB", "CCC", "DD D", "éàü")
ODD_TEXT = (
    'quo"te',
    "back\\slash",
    "tab\tnew\nline\r",
    "\x00\x01\x0b\x1f\b\f",
    "\x7f€",
    "李😀",
    "",
    " ",
    "\\u000B",
    "0E-9",
)
STATUSES = ("available", "Probable", "QUESTIONABLE", "doubtful", "oUt", "out ", "unknown", "")
PHASES = ("regular_season", "Regular_Season", "playoffs", "PLAYOFFS", "play_in", "preseason")
FLOATS = (0.0, -0.0, 100.0, 66.666, 89.95, 12.345, 12.355, 0.005, -0.004, 999.994999, 999.995, 1e300)
NOT_FINITE = (math.nan, math.inf, -math.inf)
WHOLE_NUMBERS = {"points": (-3, 60), "game_status": (1, 3), "days_rest": (0, 6), "opponent_days_rest": (0, 6)}
# Of the columns that only the upstream job reads: around the values at which a score changes.
WHOLE_NUMBERS |= {"minutes_in_last_7_days": (225, 245), "back_to_backs_last_14_days": (0, 2), "player_age": (25, 36)}
WHOLE_NUMBERS |= {"star_teammates_out": (0, 3), "points_allowed": (80, 140), "opp_paint_attempts": (30, 50)}
WHOLE_NUMBERS |= {"opp_paint_makes": (18, 28), "opp_mid_range_attempts": (10, 20), "opp_mid_range_makes": (3, 9)}
WHOLE_NUMBERS |= {"opp_three_pt_attempts": (25, 45), "opp_three_pt_makes": (8, 16)}
HUNDREDTHS = {
    "avg_minutes_per_game_last_7": (3_350, 3_550),
    "avg_usage_rate_last_7_games": (1_500, 2_500),
    "projected_usage_rate": (1_500, 2_500),
    "pace_differential": (-900, 900),
    "ts_pct": (0, 150),
}
FIRST_YEAR = 2021
YEARS_APART = 2


@dataclass(frozen=True)
class Disorder:
    """What a league is made of; shares are of cells or of rows, 0 to 1.

    `benched` is the share of a player's games that he sat out, some with NULLs, some with no points in no minutes; 10
    teams more make a league average. `by_flags`: the schedule tells the phase by its two flags alone. `constant`:
    context's flags say nothing, back_to_back false and opponent_days_rest 0. `thin`: of dates on which a pre-computed
    table has a tenth of its rows.
    """

    seed: int
    players: int
    nulls: float
    duplicates: float
    odd_text: float
    wild: float
    holes: float
    regular_season: bool = True
    benched: float = 0.0
    more_teams: int = 0
    by_flags: bool = False
    constant: bool = False
    thin: float = 0.0


@dataclass(frozen=True)
class Digits:
    """How many digits a NUMERIC has before its point, and how many decimals."""

    whole: int
    decimals: int


OF_THE_CONTRACT = (Digits(29, 9),)


def digits_by_column(table: Table, digits: Sequence[Digits]) -> dict[str, Digits]:
    """The digits of each NUMERIC of a table: its columns take turns."""
    numerics = [column.name for column in table.columns if column.type == "NUMERIC"]
    return dict(zip(numerics, cycle(digits), strict=False))


def day_0(year: int) -> datetime.date:
    """Day 0 of the season that begins in the year."""
    return datetime.date(year, 10, 5)


def game_dates(year: int) -> list[datetime.date]:
    """Dates on which games may be played: the end of one season, the first 14 days of the next, and the days after."""
    late_spring = [datetime.date(year, 4, 20) + datetime.timedelta(days=day) for day in range(0, 36, 3)]
    days = (-3, 0, 1, 3, 6, 9, 12, 13, 14, 15, 17, 18, 21, 24, 26, 29, 30)
    autumn = [day_0(year) + datetime.timedelta(days=day) for day in days]
    return [*late_spring, *autumn, *(datetime.date(year + 1, month, 2) for month in (1, 9))]


def random_tables(
    disorders: Sequence[Disorder], digits: Sequence[Digits] = OF_THE_CONTRACT, sources: Sequence[Table] = SOURCES
) -> dict[str, list[Row]]:
    """The rows of every source table: a league after the other, years apart, in one set of tables.

    The teams and a few players go on from league to league; NUMERICs have `digits` in turn.
    """
    tables: dict[str, list[Row]] = {table.name: [] for table in sources}
    for number, disorder in enumerate(disorders):
        maker = _LeagueMaker(disorder, FIRST_YEAR + YEARS_APART * number, digits, sources)
        for name, rows in maker.tables().items():
            tables[name] += rows
    return tables


class _LeagueMaker:
    def __init__(self, disorder: Disorder, year: int, digits: Sequence[Digits], sources: Sequence[Table]) -> None:
        self._is = disorder
        self._sources = sources
        self._teams = (*TEAMS, *(f"T{number}" for number in range(disorder.more_teams)))
        self._year = year
        self._digits = {table.name: digits_by_column(table, digits) for table in sources}
        self._rng = random.Random(disorder.seed)
        self._dates = game_dates(year)
        # Names that break the JSON of the hash, and two that differ by case only.
        self._players = ['o"neal\\\n', "\x0b\x1f李", "Player0", "player0"]
        self._players += [f"player{year}{number}" for number in range(disorder.players)]

    def tables(self) -> dict[str, list[Row]]:
        """Rows by table: for each a key of almost every player (or team) and date, with what is wrong about it."""
        tables = {}
        for table in self._sources:
            rows = [] if table.name == "nbac_schedule" else self._keyed_rows(table)
            tables[table.name] = rows or self._schedule(table)
            self._rng.shuffle(tables[table.name])
        return tables

    def _keyed_rows(self, table: Table) -> list[Row]:
        rows = []
        names: Sequence[str] = self._players if table.key[0] == "player_lookup" else self._teams
        is_precomputed = table.dataset == "nba_precompute"
        missing_dates = set(self._rng.sample(self._dates, 4)) if is_precomputed else set()
        thin = [date for date in self._dates if self._chance(self._is.thin)] if is_precomputed and self._is.thin else []
        for name in names:
            # Some play seldom, some always: fewer than 2, 5, 10 and 15 games, and more.
            holes = self._rng.choice((self._is.holes, 0.9, 0.5))
            for date in self._dates:
                if date in missing_dates or self._rng.random() < holes or (date in thin and self._chance(0.9)):
                    continue
                row = self._row(table, {table.key[0]: name, table.key[1]: date})
                rows.append(row)
                while self._rng.random() < self._is.duplicates:
                    rows.append(self._duplicate(table, row))
        return rows

    def _duplicate(self, table: Table, row: Row) -> Row:
        """The same key again: a whole new row, or one that ties in all but the last columns."""
        again = self._row(table, {name: row[name] for name in table.key})
        tied = self._rng.randrange(len(table.columns))
        columns = (*table.key, "processed_at", "created_at", *table.column_names)
        return {**again, **{name: row[name] for name in columns[: tied + 2]}}

    def _row(self, table: Table, key: Row) -> Row:
        row = {column.name: self._cell(column, self._digits[table.name]) for column in table.columns}
        row.update(key)
        if self._chance(0.02):
            row[self._rng.choice(table.key)] = None
        date = key[table.key[1]]
        if "season_year" in row and date is not None and not self._chance(self._is.nulls):
            season = date.year if date.month >= 10 else date.year - 1
            # Now and then a game is in a season that its date does not suggest.
            row["season_year"] = season - 1 if self._chance(self._is.wild / 4) else season
        if table.name == "player_game_summary" and self._is.benched and self._chance(self._is.benched):
            self._sit_out(row)
        if self._is.constant and table.name == "upcoming_player_game_context":
            row.update(back_to_back=False, opponent_days_rest=0)
        return row

    def _sit_out(self, row: Row) -> None:
        """Some sources write NULLs for a player who sat out, some zeros."""
        statistics = [name for name in row if name not in ("player_lookup", "game_date", "team_abbr", "season_year")]
        for name in statistics:
            if name not in ("processed_at", "created_at", "universal_player_id"):
                row[name] = None
        if self._chance(0.3):
            row["points"], row["minutes_played"] = 0, Decimal(0) if self._chance(0.5) else None

    def _cell(self, column: Column, digits: Mapping[str, Digits]) -> Any:
        if self._chance(self._is.nulls):
            return None
        if column.type == "STRING":
            return self._text(column.name)
        if column.type == "INT64":
            low, high = WHOLE_NUMBERS.get(column.name, (0, 12))
            return (
                self._rng.randint(-100_000, 100_000)
                if self._chance(self._is.wild / 20)
                else self._rng.randint(low, high)
            )
        if column.type == "NUMERIC":
            return self._decimal(column.name, digits[column.name])
        if column.type == "FLOAT64":
            return self._rng.choice(NOT_FINITE if self._chance(self._is.wild) else FLOATS)
        if column.type == "BOOL":
            return self._chance(0.85)
        if column.type == "TIMESTAMP":
            hours = datetime.timedelta(hours=self._rng.randint(0, 3), microseconds=self._rng.choice((0, 1, 999_999)))
            return datetime.datetime(2022, 5, 1, tzinfo=datetime.timezone.utc) + hours
        return self._rng.choice(self._dates)

    def _text(self, column: str) -> str:
        if column in ("team_abbr", "opponent_team_abbr", "home_team_tricode", "away_team_tricode"):
            return self._rng.choice(self._teams)
        if column == "season_phase":
            return self._rng.choice(PHASES)
        if column == "player_status":
            return self._rng.choice(STATUSES)
        return self._rng.choice(ODD_TEXT) if self._chance(self._is.odd_text) else f"{column}{self._rng.randint(0, 3)}"

    def _decimal(self, column: str, digits: Digits) -> Decimal:
        """Mostly like a rating; wild ones are tiny, negative, of nine digits, or of as many decimals as fit.

        Of a number that is too long the last whole digits are kept.
        """
        if self._chance(self._is.wild):
            tiny, large = Decimal(self._rng.randint(-1_500, 1_500)).scaleb(-9), Decimal(self._rng.randint(0, 10**9 - 1))
            precise = Decimal(self._rng.randint(0, 10**12)).scaleb(-10)
            value = self._rng.choice((Decimal(0), tiny, -large, large, precise))
        else:
            value = Decimal(self._rng.randint(*HUNDREDTHS.get(column, (0, 12_500)))).scaleb(-2)
        return (value % Decimal(1).scaleb(digits.whole)).quantize(Decimal(1).scaleb(-digits.decimals), ROUND_DOWN)

    def _schedule(self, table: Table) -> list[Row]:
        rows = []
        for date in self._dates[:-2]:
            season = date.year if date.month >= 10 else date.year - 1
            for home, away in zip(self._teams, self._rng.sample(self._teams, len(self._teams)), strict=True):
                regular = self._is.regular_season and date >= day_0(self._year)
                game = {
                    "game_id": f"{date}{home}",
                    "game_date": date,
                    "home_team_tricode": home,
                    "away_team_tricode": away,
                    "game_status": 3 if self._chance(0.8) else self._rng.randint(1, 2),
                    "season_year": season,
                    **self._phase("regular_season" if regular else self._rng.choice(PHASES[1:])),
                }
                rows.append(game)
                if self._chance(0.1):  # postponed: again on the same date, with the same id or another
                    rows.append({**game, "game_status": 3, "game_id": self._rng.choice((game["game_id"], "again"))})
                if self._chance(self._is.nulls / 4):
                    column = self._rng.choice(table.columns)
                    rows.append({**game, column.name: None})
        return rows

    def _phase(self, phase: str) -> Row:
        """By name, by the two flags, or by all three, which then need not agree."""
        flags = {"is_regular_season": phase == "regular_season", "is_playoffs": phase.lower() == "playoffs"}
        if self._is.by_flags:
            return {"season_phase": None, **flags}
        if self._chance(0.5):
            return {"season_phase": phase, "is_regular_season": None, "is_playoffs": None}
        return {"season_phase": phase, "is_regular_season": self._chance(0.5), "is_playoffs": self._chance(0.5)}

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share
