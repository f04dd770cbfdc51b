"""What to do about a season: each thing that is wrong, in the order in which to mend it, with its command.

Decides on facts that others have gathered; reads nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.ledger.history import ROLLBACK, LoggedDate, LoggedRun
from jobs.planning.coverage import Coverage, game_day_ranges
from jobs.planning.run_warnings import RunWarning
from jobs.reports.season import ConstantColumn, FeatureStory, ToDo, WrittenDate
from jobs.reports.status import RunStatus
from jobs.schemas.tables import PHASE4_TABLES

Command = Callable[[str], str]
"""How a job of a name is started on the same warehouse, as a shell takes it."""

_PHASE4 = [table.name for table in PHASE4_TABLES]


@dataclass(frozen=True)
class Facts:
    """What is known of the dates; `logged` is the newest word of the ledger on each date of the feature store.

    `unended` are the runs that stopped without an end, or failed, and that nobody has written over; `warnings` are
    those of the runs that wrote the dates last, `constant` the columns of source tables with one value.
    """

    coverage: Coverage
    written: Sequence[WrittenDate]
    logged: Mapping[datetime.date, LoggedDate]
    unended: Sequence[RunStatus]
    features: Sequence[FeatureStory]
    warnings: Sequence[RunWarning] = ()
    constant: Sequence[ConstantColumn] = ()

    @property
    def game_dates(self) -> list[datetime.date]:
        """All game dates, in order."""
        return [planned.game_date for planned in self.coverage.plan.dates]

    @property
    def from_fallback(self) -> list[datetime.date]:
        """The dates whose rows were computed without the pre-computed tables: once these are filled, they change."""
        written = {date.game_date for date in self.written}
        failed = {day for day, date in self.logged.items() if date.status == "failed"}
        return [
            planned.game_date
            for planned in self.coverage.plan.dates
            if planned.state == "missing_upstream" and planned.game_date in written - failed
        ]

    def jumps(self, *, on_fallback: bool) -> list[RunWarning]:
        """The features whose defaults jump: most on a date that waits for the pre-computed tables, or on another."""
        waiting = {str(day) for day in self.from_fallback}
        jumps = [warning for warning in self.warnings if warning.kind == "default_jump"]
        return [warning for warning in jumps if (warning.values.get("game_date") in waiting) == on_fallback]


def what_to_do(facts: Facts, command: Command) -> list[ToDo]:
    """What to do, first what others wait for."""
    return [
        *_unended_runs(facts, command),
        *_other_sources(facts),
        *_precomputed(facts, command),
        *_failed_dates(facts, command),
        *_from_fallback(facts, command),
        *_unwritten_dates(facts, command),
        *_played(facts, command),
        *_warnings(facts, command),
        *_features(facts, command),
    ]


def last_words(dates: Iterable[LoggedDate], runs: Mapping[str, LoggedRun]) -> dict[datetime.date, LoggedDate]:
    """What the ledger says last of each date, of the dates of these runs."""
    of_runs = [date for date in dates if date.run_id in runs]
    # Claims are counted, since clocks of hosts differ.
    in_order = sorted(of_runs, key=lambda date: (runs[date.run_id].order, date.recorded_at))
    return {date.game_date: date for date in in_order}


def _unended_runs(facts: Facts, command: Command) -> list[ToDo]:
    return [
        ToDo(
            f"run {of_run.run.run_id} ({of_run.run.row.job}) is {of_run.status}: fix the cause, then resume it",
            f"{command(str(of_run.run.row.job))} {_again(of_run.run)}",
        )
        for of_run in facts.unended
    ]


def _again(run: LoggedRun) -> str:
    return str(run.rolled_back) if run.row.job == ROLLBACK else f"--resume {run.run_id}"


def _other_sources(facts: Facts) -> list[ToDo]:
    return [
        ToDo(f"{table.name} has no row on {_of(table.missing, facts)}: bring them into the table")
        for table in facts.coverage.tables
        if table.missing and table.name not in _PHASE4
    ]


def _precomputed(facts: Facts, command: Command) -> list[ToDo]:
    tables = [table for table in facts.coverage.tables if table.missing and table.name in _PHASE4]
    if not tables:
        return []
    dates = sorted({date for table in tables for date in table.missing})
    told = "; ".join(f"{table.name} on {_of(table.missing, facts)}" for table in tables)
    fill = f"{command('backfill_upstream')} {_range(dates)} --only-missing"
    return [ToDo(f"Pre-computed rows are missing or too few: {told}", fill)]


def _failed_dates(facts: Facts, command: Command) -> list[ToDo]:
    by_run: dict[str, list[LoggedDate]] = {}
    for date in facts.logged.values():
        if date.status == "failed":
            by_run.setdefault(date.run_id, []).append(date)
    found = []
    for run_id, dates in by_run.items():
        reasons = "; ".join(dict.fromkeys(date.reason for date in dates if date.reason))
        days = [date.game_date for date in dates]
        found.append(
            ToDo(
                f"{_of(days, facts)} failed in run {run_id} ({reasons}). When that is mended (or at once, from "
                "fallback data, with --on-missing fallback)",
                f"{command('backfill_features')} --only-failed {run_id}",
            )
        )
    return found


def _from_fallback(facts: Facts, command: Command) -> list[ToDo]:
    dates = facts.from_fallback
    if not dates:
        return []
    names = ", ".join(warning.name for warning in facts.jumps(on_fallback=True))
    jumps = f", where {names} are mostly defaults" if names else ""
    again = f"{command('backfill_features')} {_range(dates)} --changed"
    told = f"Rows from fallback data on {_of(dates, facts)}{jumps}. Once the tables are filled, write them again"
    return [ToDo(told, again)]


def _unwritten_dates(facts: Facts, command: Command) -> list[ToDo]:
    known = {date.game_date for date in facts.written}
    known |= {day for day, date in facts.logged.items() if date.status == "failed"}
    dates = [day for day in facts.game_dates if day not in known]
    if not dates:
        return []
    return [
        ToDo(
            f"No row in the feature store on {_of(dates, facts)}",
            f"{command('backfill_features')} {_range(dates)} --only-missing",
        )
    ]


def _played(facts: Facts, command: Command) -> list[ToDo]:
    played = facts.coverage.plan.played_without_context
    if not played:
        return []
    dates = sorted(played)
    return [
        ToDo(
            f"{sum(played.values()):,} players played on {_of(dates, facts)} and have no context row: bring them into "
            "context, or give them rows by",
            f"{command('backfill_features')} {_range(dates)} --add-played",
        )
    ]


def _warnings(facts: Facts, command: Command) -> list[ToDo]:
    """Warnings that nothing else here tells of; defaults that jump on the same dates are one."""
    where = _range(facts.game_dates) if facts.game_dates else ""
    found = _constant_columns(facts)
    for warning in facts.warnings:
        if warning.kind == "out_of_range":
            table = warning.name.split(".")[0]
            fill = f"{command('backfill_upstream')} --table {table} {where}" if table in _PHASE4 else None
            found.append(ToDo(f"{warning.text}. Fill the table again", fill))
    alike: dict[tuple[Any, Any], list[RunWarning]] = {}
    for warning in facts.jumps(on_fallback=False):
        alike.setdefault((warning.values.get("game_date"), warning.values.get("dates")), []).append(warning)
    for jumps in alike.values():
        others = f"; the same of {', '.join(warning.name for warning in jumps[1:])}" if jumps[1:] else ""
        told = f"{jumps[0].text}{others}. Look at where the values come from"
        found.append(ToDo(told, f"{command('validate')} {where}"))
    return found


def _constant_columns(facts: Facts) -> list[ToDo]:
    """A column that nobody computes is its owner's to mend: there is no command for it."""
    by_table: dict[tuple[str, int], list[str]] = {}
    for column in facts.constant:
        by_table.setdefault((column.table, column.rows), []).append(column.told)
    return [
        ToDo(f"{table} has one value in all {rows:,} rows: {', '.join(told)}. Ask whoever fills the table")
        for (table, rows), told in by_table.items()
    ]


def _features(facts: Facts, command: Command) -> list[ToDo]:
    """A fault of a feature lies in its source: the command shows where its values come from. One for each month."""
    constant = [story.name for story in facts.features if story.constant]
    found = [_look(f"{', '.join(constant)}: one value in every row", facts.game_dates, command)] if constant else []
    by_month: dict[str, list[FeatureStory]] = {}
    for story in facts.features:
        if story.drifts and not story.constant and story.distance is not None:
            by_month.setdefault(story.distance.month or "", []).append(story)
    for month, stories in sorted(by_month.items()):
        stories.sort(key=lambda story: -story.distance.index if story.distance else 0.0)
        names = ", ".join(f"{story.name} {story.distance.index:.2f}" for story in stories if story.distance)
        where = f"In {month} far from the other months" if month else "Far from the baseline"
        dates = [day for day in facts.game_dates if not month or f"{day:%Y-%m}" == month]
        waiting = len(set(dates) & set(facts.from_fallback))
        first = f". {waiting} of its dates were computed from fallback data: write those again first" if waiting else ""
        found.append(_look(f"{where} (population stability index): {names}{first}", dates, command))
    return found


def _look(reason: str, dates: Sequence[datetime.date], command: Command) -> ToDo:
    look = f"{command('validate')} {_range(dates)}" if dates else None
    return ToDo(f"{reason}. Look at where the values come from", look)


def _of(dates: Collection[datetime.date], facts: Facts) -> str:
    days = "1 game date" if len(dates) == 1 else f"{len(dates)} game dates"
    return f"{days} ({game_day_ranges(dates, facts.game_dates)})"


def _range(dates: Sequence[datetime.date]) -> str:
    return f"--start {min(dates)} --end {max(dates)}"
