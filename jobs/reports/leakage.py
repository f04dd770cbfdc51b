"""The report of an audit: which columns leak on which dates, as tables for a person or one JSON object.

Shows what was found; decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from jobs.errors import ExitCode
from jobs.planning.plan import RequestedDates
from jobs.reports.fitted_table import FittedTable
from transforms.leaks import OUTCOMES

_MOST_DATES = 6


@dataclass(frozen=True)
class AuditedColumn:
    """How many rows agree with which recomputation, and the dates on which more agree with the later one."""

    name: str
    counts: Mapping[str, int]
    leaking_dates: tuple[datetime.date, ...]


@dataclass(frozen=True)
class AuditedTable:
    """One table: its rows on the audited dates, its columns in order."""

    name: str
    rows: int
    dates: int
    columns: tuple[AuditedColumn, ...]

    @property
    def leaking(self) -> list[AuditedColumn]:
        """The columns that leak on some date."""
        return [column for column in self.columns if column.leaking_dates]


@dataclass(frozen=True)
class Altered:
    """What became of one date when every game on or after it was altered: how many of its rows moved."""

    game_date: datetime.date
    rows: int
    moved: int


@dataclass
class Audit:
    """Everything that was found."""

    requested: RequestedDates
    seconds: Mapping[str, float]
    dates: list[datetime.date] = field(default_factory=list)
    tables: list[AuditedTable] = field(default_factory=list)
    altered: list[Altered] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def leaks(self) -> bool:
        """Whether anything leaks."""
        return any(table.leaking for table in self.tables) or any(altered.moved for altered in self.altered)

    @property
    def exit_code(self) -> ExitCode:
        """PARTIAL on a leak."""
        return ExitCode.PARTIAL if self.leaks else ExitCode.DONE

    def as_json(self) -> dict[str, Any]:
        """Lists all dates."""
        return {
            "job": "audit_leaks",
            "status": "failed" if self.leaks else "succeeded",
            "exit_code": int(self.exit_code),
            "requested": str(self.requested),
            "audited_dates": [str(day) for day in self.dates],
            "tables": [
                {
                    "table": table.name,
                    "rows": table.rows,
                    "game_dates": table.dates,
                    "leaking_columns": [column.name for column in table.leaking],
                    "columns": [
                        {
                            "column": column.name,
                            **column.counts,
                            "leaking_dates": [str(day) for day in column.leaking_dates],
                        }
                        for column in table.columns
                    ],
                }
                for table in self.tables
            ],
            "altered_future": [
                {"game_date": str(altered.game_date), "rows": altered.rows, "moved": altered.moved}
                for altered in self.altered
            ],
            "notes": self.notes,
            "seconds": {name: round(seconds, 2) for name, seconds in self.seconds.items()},
        }

    def render(self, console: Console) -> None:
        """Names each column that leaks, with its first dates."""
        for table in self.tables:
            console.print(_table(table))
        for altered in self.altered:
            console.print(
                f"altered  every game on or after {altered.game_date}: {altered.moved} of {altered.rows} rows move",
                markup=False,
            )
        for note in self.notes:
            console.print(f"note     {note}", markup=False)
        for table in self.tables:
            for column in table.leaking:
                console.print(f"leak     {table.name}.{column.name} on {_listed(column.leaking_dates)}", markup=False)
        rows = sum(table.rows for table in self.tables)
        verdict = "leakage found" if self.leaks else "no leakage found"
        console.print(f"{rows:,} rows of {len(self.dates)} game dates: {verdict}", markup=False)


def _table(audited: AuditedTable) -> FittedTable:
    title = f"{audited.name}: {audited.rows:,} rows agree with what was known"
    table = FittedTable(title)
    table.add_columns("column")
    table.add_columns("before\nthe date", "including\nit", right=True)
    table.add_columns("both", "neither", room="spare", right=True)
    table.add_columns("leaks on")
    for column in audited.columns:
        counts = [f"{column.counts[outcome]:,}" for outcome in OUTCOMES]
        days = f"{len(column.leaking_dates)} dates" if column.leaking_dates else ""
        table.add_row(column.name, *counts, days)
    return table


def _listed(dates: Sequence[datetime.date]) -> str:
    more = f" and {len(dates) - _MOST_DATES} more dates" if len(dates) > _MOST_DATES else ""
    return ", ".join(map(str, dates[:_MOST_DATES])) + more
