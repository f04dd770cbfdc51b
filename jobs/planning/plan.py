"""Planning: the dates of a run, the state of each, and what becomes of it under the policy.

Decides on rows that were collected, one per date; knows no table beyond the names of the pre-computed ones.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from jobs.config.settings import OnMissing
from jobs.errors import ConfigurationError
from jobs.planning.source_counts import SourceCounts
from jobs.planning.thin_tables import ThinTable, is_thin

State = Literal["early_season", "ready", "missing_upstream"]
Action = Literal["write", "fail", "skip"]
STATES = ("no_games", "early_season", "ready", "missing_upstream")
ACTIONS: tuple[Action, ...] = ("write", "fail", "skip")

# BigQuery lets one statement change 4,000 partitions, and a date is one.
_MOST_DATES = 4_000
_ACTIONS: dict[OnMissing, Action] = {"fail": "fail", "skip": "skip", "fallback": "write"}


@dataclass(frozen=True)
class PlannedDate:
    """One game date: `context_rows` after de-duplication, of which `unkeyed_rows` have no player.

    Of the `missing_tables` those in `thin_tables` have rows of too few players. `played_without_context` are players
    who played on the date by the game log and have no context row.
    """

    game_date: datetime.date
    state: State
    action: Action
    missing_tables: tuple[str, ...]
    context_rows: int
    unkeyed_rows: int
    season_year: int
    season_start: datetime.date
    thin_tables: tuple[ThinTable, ...] = ()
    played_without_context: int = 0

    @property
    def players(self) -> int:
        """How many players have a context row of this date."""
        return self.context_rows - self.unkeyed_rows

    @property
    def rows_expected(self) -> int:
        """How many rows the date will have in the target, if it is written."""
        return self.players if self.action == "write" else 0

    @property
    def reason(self) -> str | None:
        """Why the date is not written, or is written from less; None when nothing is missing."""
        if self.state == "early_season" and self.action == "skip":
            return "early season: no row is due"
        return f"missing {', '.join(self.described_missing)}" if self.missing_tables else None

    @property
    def described_missing(self) -> list[str]:
        """The missing tables; of one that is thin, how many of how many it has."""
        thin = {of_table.table: str(of_table) for of_table in self.thin_tables}
        return [thin.get(table, table) for table in self.missing_tables]


@dataclass(frozen=True)
class RequestedDates:
    """What was asked for: every date of a range, or some dates."""

    start: datetime.date
    end: datetime.date
    listed: tuple[datetime.date, ...] | None = None

    def __contains__(self, game_date: datetime.date) -> bool:
        return game_date in self.listed if self.listed is not None else self.start <= game_date <= self.end

    def overlap(self, other: RequestedDates) -> list[datetime.date]:
        """The days that both ask for, in order."""
        if self.listed is not None:
            return [day for day in self.listed if day in other]
        if other.listed is not None:
            return [day for day in other.listed if day in self]
        first, last = max(self.start, other.start), min(self.end, other.end)
        return [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]

    def as_json(self) -> dict[str, Any]:
        """What `from_json` makes the same dates of."""
        listed = None if self.listed is None else [str(day) for day in self.listed]
        return {"start": str(self.start), "end": str(self.end), "listed": listed}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RequestedDates:
        """The dates of `as_json`."""
        day = datetime.date.fromisoformat
        listed = content["listed"]
        return cls(day(content["start"]), day(content["end"]), None if listed is None else tuple(map(day, listed)))

    @property
    def days(self) -> int:
        """How many calendar days were asked for."""
        return len(set(self.listed)) if self.listed is not None else (self.end - self.start).days + 1

    def __str__(self) -> str:
        if self.listed is not None:
            return ", ".join(map(str, self.listed))
        return str(self.start) if self.start == self.end else f"{self.start} to {self.end}"


def requested_dates(
    start: datetime.date | None, end: datetime.date | None, listed: Sequence[datetime.date] | None
) -> RequestedDates:
    """The dates of `--start` and `--end` or of `--dates`; ConfigurationError when they make no sense."""
    if listed:
        if start or end:
            raise ConfigurationError("--dates cannot be combined with --start or --end; give one of the two")
        return RequestedDates(min(listed), max(listed), tuple(sorted(set(listed))))
    if start is None or end is None:
        raise ConfigurationError("which dates? give --start and --end (both included), or --dates a,b,c")
    if end < start:
        raise ConfigurationError(f"--end {end} is before --start {start}; give the earlier date as --start")
    return RequestedDates(start, end)


def baseline_dates(start: datetime.date | None, end: datetime.date | None) -> RequestedDates | None:
    """The dates of `--baseline-start` and `--baseline-end`, None without both; ConfigurationError for one alone."""
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise ConfigurationError("which baseline? give both --baseline-start and --baseline-end")
    if end < start:
        raise ConfigurationError(
            f"--baseline-end {end} is before --baseline-start {start}; give the earlier date first"
        )
    return RequestedDates(start, end)


class Played(NamedTuple):
    """Players who played on a date and have no context row: how many, and the first and the last of them by name."""

    players: int
    examples: tuple[str, ...] = ()

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Played:
        """A row with `players`, `first_player` and `last_player`."""
        return cls(row["players"], tuple(dict.fromkeys((row["first_player"], row["last_player"]))))


@dataclass(frozen=True)
class Plan:
    """The game dates of a run in order; dates without a game are not among them.

    `players` are distinct over all dates; `counts` are those of the requested dates, and of the rows without a date.
    `played_on_no_game_date` are the players who played on requested dates of which context has no row at all;
    `played_examples` are some who played without a context row, by date.
    """

    requested: RequestedDates
    dates: tuple[PlannedDate, ...]
    undated_rows: int = 0
    players: int = 0
    counts: tuple[SourceCounts, ...] = ()
    source_rows: Mapping[str, int] = field(default_factory=dict)
    unkeyed_source_rows: Mapping[str, int] = field(default_factory=dict)
    played_on_no_game_date: Mapping[datetime.date, int] = field(default_factory=dict)
    played_examples: Mapping[datetime.date, Sequence[str]] = field(default_factory=dict)

    def by_action(self, action: Action) -> list[PlannedDate]:
        """The dates that are written, that fail, or that are skipped."""
        return [planned for planned in self.dates if planned.action == action]

    @property
    def rows_to_write(self) -> dict[datetime.date, int]:
        """The context rows of each date that is written."""
        return {planned.game_date: planned.context_rows for planned in self.by_action("write")}

    @property
    def states(self) -> dict[str, int]:
        """Dates by state, those without a game included."""
        counts = Counter(planned.state for planned in self.dates)
        no_games = self.requested.days - len(self.dates)
        return {state: no_games if state == "no_games" else counts[state] for state in STATES}  # type: ignore[index]

    @property
    def unkeyed_rows(self) -> int:
        """Context rows without a player or without a date."""
        return sum(planned.unkeyed_rows for planned in self.dates) + self.undated_rows

    def described(self) -> str:
        """Dates by state and the rows expected, in a line."""
        states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in self.states.items() if count)
        expected = sum(planned.rows_expected for planned in self.dates)
        return f"{len(self.dates)} game dates ({states}), {expected:,} rows expected"

    def notes(self) -> list[str]:
        """What a person should know of the sources."""
        notes = [
            f"{rows} rows of {table} have a NULL in their key and are not used"
            for table, rows in self.unkeyed_source_rows.items()
            if rows
        ]
        for game_date, players in self.played_on_no_game_date.items():
            notes.append(f"{players:,} players played on {game_date}, of which context has no row at all")
        return notes

    @property
    def played_without_context(self) -> dict[datetime.date, int]:
        """Players who played and have no context row, by date; dates without one are left out."""
        played = {planned.game_date: planned.played_without_context for planned in self.dates}
        return {game_date: players for game_date, players in played.items() if players}

    @property
    def context_rows(self) -> int:
        """Context rows of the planned dates after de-duplication, and those without a date."""
        return sum(planned.context_rows for planned in self.dates) + self.undated_rows


class Seasons(Protocol):
    """Which season a date is in, and when a season began."""

    def season_year(self, game_date: datetime.date) -> int:
        """The season of a date."""

    def season_start(self, season_year: int) -> datetime.date | None:
        """The first day of a season; None when nobody knows it."""


def plan_dates(
    context: Iterable[SourceCounts],
    counts: Mapping[tuple[str, datetime.date], SourceCounts],
    requested: RequestedDates,
    seasons: Seasons,
    *,
    on_missing: OnMissing,
    upstream: Sequence[str],
    minimum_rows: Mapping[str, int],
    is_bootstrap: Callable[[datetime.date, datetime.date], bool],
    minimum_share: Mapping[str, float] | None = None,
    played_without_context: Mapping[datetime.date, int] | None = None,
    add_played: bool = False,
) -> tuple[list[PlannedDate], int]:
    """The state and fate of each date, and how many context rows have no date.

    `context` are the counts of context, one per game_date; `counts` are those of each `upstream`
    table by date. With `add_played` players without a context row count as context rows. ConfigurationError for a date
    whose season has no known beginning.
    """
    planned, undated = [], 0
    shares, played = minimum_share or {}, played_without_context or {}
    for row in sorted(context, key=lambda row: row.game_date or datetime.date.min):
        game_date = row.game_date
        if game_date is None:
            undated = row.unkeyed_rows
            continue
        if game_date not in requested:
            continue
        season_year = seasons.season_year(game_date)
        season_start = seasons.season_start(season_year)
        if season_start is None:
            raise ConfigurationError(
                f"{game_date} is in season {season_year}, of which the schedule has no regular-season game and the "
                f"configuration no first day; add season_start: {{{season_year}: YYYY-MM-DD}}"
            )
        of_date = {table: counts[table, game_date] for table in upstream if (table, game_date) in counts}
        thin = [ThinTable(t, c.answered, c.asked) for t, c in of_date.items() if is_thin(c, shares.get(t))]
        few = [t for t in upstream if t not in of_date or of_date[t].usable_rows < minimum_rows.get(t, 1)]
        missing = tuple(t for t in upstream if t in few or t in [table.table for table in thin])
        early = is_bootstrap(game_date, season_start)
        state: State = "early_season" if early else "missing_upstream" if missing else "ready"
        planned.append(
            PlannedDate(
                game_date=game_date,
                state=state,
                action=_ACTIONS[on_missing] if state == "missing_upstream" else "write",
                missing_tables=missing,
                context_rows=row.keyed_rows + row.unkeyed_rows + (played.get(game_date, 0) if add_played else 0),
                unkeyed_rows=row.unkeyed_rows,
                season_year=season_year,
                season_start=season_start,
                thin_tables=tuple(thin),
                played_without_context=played.get(game_date, 0),
            )
        )
    return planned, undated


def merge_slices(rows_by_date: Mapping[datetime.date, int], slice_rows: int) -> list[list[datetime.date]]:
    """The dates of each MERGE: as many whole calendar months as hold `slice_rows` rows, at least one.

    At most `_MOST_DATES` dates, however few rows they have.
    """
    months: dict[tuple[int, int], list[datetime.date]] = {}
    for game_date in sorted(rows_by_date):
        months.setdefault((game_date.year, game_date.month), []).append(game_date)
    slices: list[list[datetime.date]] = []
    rows = 0
    for month in months.values():
        rows_of_month = sum(rows_by_date[game_date] for game_date in month)
        if slices and rows + rows_of_month <= slice_rows and len(slices[-1]) + len(month) <= _MOST_DATES:
            slices[-1] += month
            rows += rows_of_month
        else:
            slices.append(month)
            rows = rows_of_month
    return slices
