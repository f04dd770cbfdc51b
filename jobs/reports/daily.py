"""What a daily run did: the dates before that had been corrected, and the games of the day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from jobs.errors import ExitCode
from jobs.planning.outcome import RunOutcome
from jobs.reports.summary import Summary


@dataclass(frozen=True)
class FilledRun:
    """A run over the features of some dates, and the runs that wrote their pre-computed tables before it."""

    features: RunOutcome
    filled: Sequence[RunOutcome]

    @property
    def exit_code(self) -> ExitCode:
        """PARTIAL when a date of one of the runs failed."""
        return max(run.exit_code for run in (self.features, *self.filled))

    @property
    def summary(self) -> Summary:
        """All of these runs."""
        return Summary(self.features, self.filled)


@dataclass(frozen=True)
class DailyReport:
    """One daily run.

    `corrections` are the runs over dates before `date` whose source rows had changed, None when there were none;
    `tonight` those of the date itself.
    """

    date: datetime.date
    lookback_days: int
    corrections: FilledRun | None
    tonight: FilledRun

    @property
    def exit_code(self) -> ExitCode:
        """PARTIAL when a date of one of the runs failed."""
        return max(runs.exit_code for runs in (self.corrections, self.tonight) if runs is not None)

    def as_json(self) -> dict[str, Any]:
        """All runs as one object."""
        return {
            "job": "daily",
            "status": "partial" if self.exit_code else "succeeded",
            "exit_code": int(self.exit_code),
            "date": str(self.date),
            "lookback_days": self.lookback_days,
            "corrections": None if self.corrections is None else self.corrections.summary.as_json(),
            "features": self.tonight.summary.as_json(),
        }

    def render(self, console: Console) -> None:
        """The tables of each run, and what they are about in two lines."""
        if self.corrections is not None:
            self.corrections.summary.render(console)
        self.tonight.summary.render(console)
        corrected = 0 if self.corrections is None else len(self.corrections.features.plan.dates)
        console.print(
            f"daily    {corrected} of the {self.lookback_days} days before {self.date} had corrections", markup=False
        )
        plan = self.tonight.features.plan
        games = f"{plan.players:,} players" if plan.dates else "no games"
        console.print(f"daily    {self.date}: {games}", markup=False)
