"""The summary of a run: tables for a person, or one JSON object.

Shows an outcome; decides nothing.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from jobs.errors import ExitCode
from jobs.planning.coverage import coverage_of, game_day_ranges
from jobs.planning.outcome import DateOutcome, RunOutcome, SkippedRow
from jobs.planning.plan import PlannedDate
from jobs.reports.coverage import coverage_as_json, played_as_json, render_coverage, render_played_without_context
from jobs.reports.fitted_table import FittedTable

_MOST_LISTED = 40


@dataclass(frozen=True)
class Summary:
    """One run; `filled` are the runs that filled the pre-computed tables before it, None where none was asked for."""

    outcome: RunOutcome
    filled: Sequence[RunOutcome] | None = None

    def as_json(self) -> dict[str, Any]:
        """Adds the summaries of the tables that were filled first."""
        content = _as_json(self.outcome)
        return content if self.filled is None else {**content, "upstream": [_as_json(run) for run in self.filled]}

    def render(self, console: Console) -> None:
        """Shows the runs one after the other."""
        for outcome in (*(self.filled or ()), self.outcome):
            _render(outcome, console)


@dataclass(frozen=True)
class Summaries:
    """The runs of one call of a job, one per table; none where there was nothing to do."""

    job: str
    outcomes: Sequence[RunOutcome]

    @property
    def exit_code(self) -> ExitCode:
        """PARTIAL when dates of some run failed."""
        return max((outcome.exit_code for outcome in self.outcomes), default=ExitCode.DONE)

    def as_json(self) -> dict[str, Any]:
        """Puts the summary of each run into `runs`."""
        planned = bool(self.outcomes) and self.outcomes[0].dry_run is not None
        return {
            "job": self.job,
            "status": "nothing_to_do" if not self.outcomes else "planned" if planned else "succeeded",
            "exit_code": int(self.exit_code),
            "runs": [_as_json(outcome) for outcome in self.outcomes],
        }

    def render(self, console: Console) -> None:
        """Shows the runs one after the other."""
        for outcome in self.outcomes:
            _render(outcome, console)
        if not self.outcomes:
            console.print("nothing to do")


@dataclass(frozen=True)
class NothingToDo:
    """A job whose selection left no date."""

    job: str

    def as_json(self) -> dict[str, Any]:
        """Says that the job ended well."""
        return {"job": self.job, "status": "nothing_to_do", "exit_code": 0}

    def render(self, console: Console) -> None:
        """Prints one line."""
        console.print("nothing to do")


def _as_json(outcome: RunOutcome) -> dict[str, Any]:
    rows = outcome.rows
    return {
        "run_id": outcome.run_id,
        "job": outcome.job,
        "status": "planned" if outcome.dry_run is not None else outcome.ledger_status,
        "exit_code": int(outcome.exit_code),
        "table": outcome.table,
        "target": outcome.target,
        "requested": str(outcome.plan.requested),
        "game_dates": len(outcome.plan.dates),
        "dates_by_state": outcome.plan.states,
        "dates_by_outcome": outcome.statuses,
        "rows": rows,
        "accounting": {
            "context_rows": outcome.plan.context_rows,
            "sum_of_outcomes": sum(rows.values()),
            "closes": outcome.row_counts_reconcile,
        },
        "failed_dates": [_date(failed) for failed in outcome.with_status("failed")],
        "fallback_dates": [_date(outcome.dates[planned.game_date]) for planned in _from_fallback(outcome)],
        "skipped_dates": [_date(skipped) for skipped in outcome.with_status("skipped")],
        "skipped_rows_by_reason": dict(Counter(skip.reason for skip in outcome.skips)),
        "mean_quality": outcome.mean_quality,
        "seconds": {name: round(seconds, 2) for name, seconds in outcome.seconds.items()},
        "unkeyed_source_rows": {name: rows for name, rows in outcome.plan.unkeyed_source_rows.items() if rows},
        "played_without_context": played_as_json(outcome.plan),
        "rows_pruned": outcome.merged_rows["pruned"],
        "next_command": outcome.next_command,
        "notes": outcome.notes,
        "warnings": [warning.as_json() for warning in outcome.warnings],
        **_planned_only(outcome),
    }


def _planned_only(outcome: RunOutcome) -> dict[str, Any]:
    if outcome.dry_run is None:
        return {}
    return {"dry_run": outcome.dry_run, "coverage": coverage_as_json(coverage_of(outcome.plan))}


def _date(outcome: DateOutcome) -> dict[str, Any]:
    return {
        "game_date": str(outcome.planned.game_date),
        "missing_tables": list(outcome.planned.missing_tables),
        "reason": outcome.planned.reason,
        "context_rows": outcome.planned.context_rows,
    }


def _render(outcome: RunOutcome, console: Console) -> None:
    for date in outcome.with_status("failed"):
        console.print(f"failed   {date.planned.game_date}  {date.planned.reason}", markup=False)
    early = [date.planned for date in outcome.with_status("skipped") if date.planned.state == "early_season"]
    if early:
        span = f"{early[0].game_date} to {early[-1].game_date}" if len(early) > 1 else str(early[0].game_date)
        console.print(f"skipped  {len(early)} of the dates, {span}: {early[0].reason}", markup=False)
    for date in outcome.with_status("skipped"):
        if date.planned not in early:
            console.print(f"skipped  {date.planned.game_date}  {date.planned.reason}", markup=False)
    for reason, dates in _fallback_dates(outcome).items():
        console.print(f"fallback {dates}: {reason}", markup=False)
    for note in outcome.notes:
        console.print(f"note     {note}", markup=False)
    for warning in outcome.warnings:
        console.print(f"warning  {warning.text}", markup=False)
    if outcome.dry_run is None:
        render_played_without_context(outcome.plan, console)
    _render_skips(outcome, console)
    _render_dry_run(outcome, console)
    console.print(_summary_table(outcome))
    rows = outcome.rows
    reconcile = "reconcile" if outcome.row_counts_reconcile else "DO NOT RECONCILE"
    parts = " + ".join(f"{number} {name.replace('_', ' ')}" for name, number in rows.items())
    if outcome.dry_run is None:
        console.print(f"{outcome.plan.context_rows} context rows = {parts}: row counts {reconcile}", markup=False)
    if outcome.merged_rows["pruned"]:
        console.print(f"pruned   {outcome.merged_rows['pruned']} rows without a context row", markup=False)
    if (again := outcome.next_command) is not None:
        console.print(
            "To back-fill only the failed dates from fallback data (or, once they are filled, without the last option):"
        )
        console.print(f"  {again}", markup=False)
    console.print(f"run {outcome.run_id}: {_verdict(outcome)}", markup=False)


def _from_fallback(outcome: RunOutcome) -> list[PlannedDate]:
    """The dates that are written although a pre-computed table is missing."""
    return [planned for planned in outcome.plan.by_action("write") if planned.state == "missing_upstream"]


def _fallback_dates(outcome: RunOutcome) -> dict[str, str]:
    """The dates that are written from fallback data, in a line each, by what they lack."""
    game_days = [planned.game_date for planned in outcome.plan.dates]
    by_reason: dict[str, list[datetime.date]] = {}
    for planned in _from_fallback(outcome):
        by_reason.setdefault(str(planned.reason), []).append(planned.game_date)
    lines = {reason: game_day_ranges(dates, game_days) for reason, dates in by_reason.items()}
    if len(lines) <= _MOST_LISTED:
        return lines
    all_dates = [game_date for dates in by_reason.values() for game_date in dates]
    return {"missing pre-computed tables, which `coverage` names by date": game_day_ranges(all_dates, game_days)}


def _verdict(outcome: RunOutcome) -> str:
    if outcome.dry_run is not None:
        return "planned only, nothing written"
    failed = outcome.statuses["failed"]
    return f"partial, {failed} dates failed" if failed else "succeeded"


def _render_skips(outcome: RunOutcome, console: Console) -> None:
    """Each row while they are few; else how many for each reason, with one of them."""
    if len(outcome.skips) <= _MOST_LISTED:
        for skip in outcome.skips:
            console.print(f"skipped row {_skipped(skip)}", markup=False)
        return
    by_reason: dict[str, list[SkippedRow]] = {}
    for skip in outcome.skips:
        by_reason.setdefault(skip.reason, []).append(skip)
    for reason, skips in by_reason.items():
        console.print(f"skipped {len(skips):,} rows  {reason}, for example {_skipped(skips[0])}", markup=False)
    console.print(f"skipped {len(outcome.skips):,} rows in all; the ledger has each of them", markup=False)


def _skipped(skip: SkippedRow) -> str:
    return f"{skip.game_date}  {skip.player_lookup}  {skip.reason}: {skip.detail}"


def _render_dry_run(outcome: RunOutcome, console: Console) -> None:
    if outcome.dry_run is None:
        return
    estimated = outcome.dry_run.get("source_bytes", {})
    for table, rows in outcome.dry_run["source_rows"].items():
        size = f", estimated {estimated[table]:,} bytes" if table in estimated else ""
        console.print(f"source   {table}  {rows:,} rows{size}", markup=False)
    if estimated:
        console.print(f"sources  estimated {sum(estimated.values()):,} bytes in all", markup=False)
    render_coverage(coverage_of(outcome.plan), console)
    for statement in outcome.dry_run["statements"]:
        console.print(f"\n{statement}\n", markup=False)


def _summary_table(outcome: RunOutcome) -> FittedTable:
    table = FittedTable(f"{outcome.job}  {outcome.table}  {outcome.plan.requested}")
    for name in ("dates by state", "dates by outcome", "rows", "seconds"):
        table.add_columns(name)
        table.add_columns("", right=True)
    columns: list[list[tuple[str, Any]]] = [
        list(outcome.plan.states.items()),
        list(outcome.statuses.items()),
        list(outcome.rows.items()),
        [(name, f"{seconds:.1f}") for name, seconds in outcome.seconds.items()],
    ]
    for line in range(max(len(column) for column in columns)):
        cells: list[str] = []
        for column in columns:
            name, value = column[line] if line < len(column) else ("", "")
            cells += [str(name).replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value)]
        table.add_row(*cells)
    return table
