"""Coverage: what the source tables hold of the requested dates, and what each date would become.

Works on a plan and the counts that it carries; reads nothing, and shows nothing.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from jobs.planning.plan import ACTIONS, Plan, PlannedDate
from jobs.planning.source_counts import SourceCounts
from jobs.schemas.tables import PHASE4_TABLES, SOURCES

_PHASE4 = [table.name for table in PHASE4_TABLES]


@dataclass(frozen=True)
class TableCoverage:
    """What one table holds of the requested dates.

    `missing` are game days without it, `missing_early` those of the early season, which needs no pre-computed table.
    `rows` are those of any requested date, on `dates` dates; `unkeyed_rows` have a NULL in the key, or no date at all.
    """

    name: str
    first: datetime.date | None
    last: datetime.date | None
    present: int
    missing: tuple[datetime.date, ...]
    missing_early: tuple[datetime.date, ...]
    dates: int
    rows: int
    least_rows: int | None
    duplicated_rows: int
    unkeyed_rows: int

    @property
    def mean_rows(self) -> float | None:
        """Rows a date, of the dates that have rows; None without any."""
        return self.rows / self.dates if self.dates else None


@dataclass(frozen=True)
class Coverage:
    """The source tables over the dates of a plan, and the plan."""

    plan: Plan
    tables: tuple[TableCoverage, ...]

    @property
    def needing(self) -> int:
        """How many game days need the pre-computed tables."""
        return sum(planned.state != "early_season" for planned in self.plan.dates)

    @property
    def most_missing(self) -> int:
        """On how many game days that need it the bottleneck is missing."""
        return max((len(table.missing) for table in self.tables if table.name in _PHASE4), default=0)

    @property
    def bottleneck(self) -> list[str]:
        """The pre-computed table that is missing on most game days; several that tie; none when all are there."""
        most = self.most_missing
        return [table.name for table in self.tables if most and table.name in _PHASE4 and len(table.missing) == most]

    @property
    def actions(self) -> dict[str, int]:
        """Game dates by what they would become."""
        counts = Counter(planned.action for planned in self.plan.dates)
        return {action: counts[action] for action in ACTIONS}

    @property
    def rows_expected(self) -> int:
        """Rows that a run would leave in the target for these dates."""
        return sum(planned.rows_expected for planned in self.plan.dates)


def coverage_of(plan: Plan) -> Coverage:
    """The coverage of the plan's dates by the tables that were counted for it, from their counts."""
    counts: dict[str, list[SourceCounts]] = defaultdict(list)
    for count in plan.counts:
        counts[count.source].append(count)
    names = [table.name for table in SOURCES if not plan.source_rows or table.name in plan.source_rows]
    return Coverage(plan, tuple(_table_coverage(name, counts[name], plan.dates) for name in names))


def needed_and_missing(planned: PlannedDate) -> tuple[str, ...]:
    """The tables that a date lacks and needs: a date of the early season needs none."""
    return () if planned.state == "early_season" else planned.missing_tables


def game_day_ranges(dates: Collection[datetime.date], game_days: Sequence[datetime.date]) -> str:
    """Dates in one line: consecutive game days are one range, whatever days without a game lie between them.

    `dates` are some of `game_days`, which are in order.
    """
    ranges: list[list[datetime.date]] = []
    follows = False
    for game_day in game_days:
        if game_day in dates:
            if follows:
                ranges[-1].append(game_day)
            else:
                ranges.append([game_day])
        follows = game_day in dates
    return ", ".join(str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}" for days in ranges)


def _table_coverage(name: str, counts: Sequence[SourceCounts], planned_dates: Sequence[PlannedDate]) -> TableCoverage:
    rows, usable = Counter[datetime.date](), Counter[datetime.date]()
    for count in counts:
        # The schedule has one count per season; rows without a date are of no date that was asked for.
        if count.game_date is not None and count.rows:
            rows[count.game_date] += count.rows
            usable[count.game_date] += count.usable_rows
    keyed = [game_date for game_date, number in usable.items() if number]
    lacking = [
        planned
        for planned in planned_dates
        if (name in planned.missing_tables if name in _PHASE4 else not usable[planned.game_date])
    ]
    early = [planned.game_date for planned in lacking if name in _PHASE4 and planned.state == "early_season"]
    return TableCoverage(
        name,
        first=min(keyed, default=None),
        last=max(keyed, default=None),
        present=len(planned_dates) - len(lacking),
        missing=tuple(planned.game_date for planned in lacking if planned.game_date not in early),
        missing_early=tuple(early),
        dates=len(rows),
        rows=rows.total(),
        least_rows=min(rows.values(), default=None),
        duplicated_rows=sum(count.duplicated_rows for count in counts),
        unkeyed_rows=sum(count.unkeyed_rows for count in counts),
    )
