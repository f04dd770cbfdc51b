"""The outcome of a run: what became of every date and every row, and that row counts reconcile.

Numbers and names only; how they are shown is decided in `reports`.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.errors import AccountingError, ExitCode
from jobs.planning.plan import Plan, PlannedDate
from jobs.planning.run_warnings import RunWarning


@dataclass(frozen=True)
class SkippedRow:
    """One row that is not written, and why; one without a key may lack its date or its player."""

    game_date: datetime.date | None
    player_lookup: str | None
    reason: str
    detail: str | None

    @property
    def has_no_key(self) -> bool:
        """Whether its date or its player is unknown."""
        return self.game_date is None or self.player_lookup is None


@dataclass
class DateOutcome:
    """What became of one game date; `shares` are fractions of its written rows by data_source."""

    planned: PlannedDate
    status: str = ""
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    pruned: int = 0
    mean_quality: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)

    @property
    def not_computed(self) -> int:
        """Rows of a date that failed or was skipped as a whole."""
        return self.planned.context_rows if self.status in ("failed", "skipped") else 0


@dataclass
class RunOutcome:
    """What became of a run. Every count is of rows of the target or of context, by key.

    `command` is how the job is started on the same warehouse, `table` the name of the table that is written.
    """

    run_id: str
    job: str
    target: str
    plan: Plan
    dates: dict[datetime.date, DateOutcome]
    skips: list[SkippedRow] = field(default_factory=list)
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[RunWarning] = field(default_factory=list)
    merged_rows: Counter[str] = field(default_factory=Counter)
    dry_run: dict[str, Any] | None = None
    command: str = ""
    table: str = ""

    @property
    def rows(self) -> dict[str, int]:
        """Rows by outcome. Inserted and updated are the warehouse's own counts of its MERGE statements."""
        dates = self.dates.values()
        return {
            "inserted": self.merged_rows["inserted"],
            "updated": self.merged_rows["updated"],
            "unchanged": sum(outcome.unchanged for outcome in dates),
            "skipped": len(self.skips),
            "not_computed": sum(outcome.not_computed for outcome in dates),
        }

    @property
    def statuses(self) -> dict[str, int]:
        """Dates by what became of them."""
        counts = Counter(outcome.status for outcome in self.dates.values())
        return {status: counts[status] for status in ("written", "failed", "skipped")}

    def with_status(self, status: str) -> list[DateOutcome]:
        """The outcomes of the dates that were written, failed or skipped, in order."""
        return [outcome for outcome in self.dates.values() if outcome.status == status]

    @property
    def exit_code(self) -> ExitCode:
        """DONE when every planned date is written or skipped as asked, PARTIAL when dates failed."""
        failed = any(planned.action == "fail" for planned in self.plan.dates)
        return ExitCode.PARTIAL if failed else ExitCode.DONE

    @property
    def ledger_status(self) -> str:
        """Succeeded or partial."""
        return "partial" if self.exit_code == ExitCode.PARTIAL else "succeeded"

    @property
    def mean_quality(self) -> float | None:
        """Of all written rows; None without any."""
        weighted = [
            (date.mean_quality, date.inserted + date.updated + date.unchanged)
            for date in self.dates.values()
            if date.mean_quality is not None
        ]
        rows = sum(number for _, number in weighted)
        return round(sum(quality * number for quality, number in weighted) / rows, 2) if rows else None

    @property
    def row_counts_reconcile(self) -> bool:
        """Whether the context rows of the plan are the rows by outcome, and no more."""
        return self.plan.context_rows == sum(self.rows.values())

    @property
    def next_command(self) -> str | None:
        """The command that takes the dates that failed; None when none did."""
        if self.dry_run is not None or not self.with_status("failed"):
            return None
        return f"{self.command} --only-failed {self.run_id} --on-missing fallback"

    def to_write(self) -> list[datetime.date]:
        """The dates that the plan wants written."""
        return [planned.game_date for planned in self.plan.by_action("write")]

    def record_skips(self, rows: Iterable[SkippedRow]) -> None:
        """Records rows that are not written.

        Rows of dates that fail or are skipped as a whole are counted with their date, not here.
        """
        for row in rows:
            if row.game_date in self.dates:
                if self.dates[row.game_date].planned.action != "write":
                    continue
                self.dates[row.game_date].skipped += 1
            elif row.game_date is not None:
                continue
            self.skips.append(row)

    def record_written(
        self,
        game_date: datetime.date,
        *,
        inserted: int,
        updated: int,
        unchanged: int,
        pruned: int = 0,
        mean_quality: float | None = None,
        shares: Mapping[str, float] | None = None,
    ) -> None:
        """Records what became of a date that is merged."""
        date = self.dates[game_date]
        date.status = "written"
        date.inserted, date.updated, date.unchanged, date.pruned = inserted, updated, unchanged, pruned
        date.mean_quality, date.shares = mean_quality, shares or {}
        self.merged_rows.update(inserted=inserted, updated=updated)

    def check_row_counts(self) -> None:
        """Raises AccountingError unless the context rows of the plan are the rows by outcome, and no more."""
        if not self.row_counts_reconcile:
            parts = ", ".join(f"{rows} {name}" for name, rows in self.rows.items())
            raise AccountingError(
                f"row counts do not reconcile: {self.plan.context_rows} context rows were planned, but {parts} make "
                f"{sum(self.rows.values())}; another job may have written the same dates, run them again"
            )
        for outcome in self.dates.values():
            written = outcome.inserted + outcome.updated + outcome.unchanged
            rows = written + outcome.skipped + outcome.not_computed
            if rows != outcome.planned.context_rows:
                raise AccountingError(
                    f"row counts of {outcome.planned.game_date} do not reconcile: "
                    f"{outcome.planned.context_rows} context rows were planned, {rows} are accounted for"
                )


def begin_outcomes(plan: Plan) -> dict[datetime.date, DateOutcome]:
    """The outcome of each date before anything is written: those that fail and are skipped are known by now."""
    status = {"fail": "failed", "skip": "skipped", "write": ""}
    return {planned.game_date: DateOutcome(planned, status[planned.action]) for planned in plan.dates}
