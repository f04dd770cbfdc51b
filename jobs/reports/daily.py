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
class DailyReport:
    """One daily run.

    `corrections` is the run over dates before `date` whose source rows had changed, None when there were none;
    `features` that of the date itself, `filled` the runs that filled its pre-computed tables.
    """

    date: datetime.date
    lookback_days: int
    corrections: RunOutcome | None
    features: RunOutcome
    filled: Sequence[RunOutcome]

    @property
    def exit_code(self) -> ExitCode:
        """PARTIAL when a date of one of the runs failed."""
        runs = [*self.filled, self.features, *([self.corrections] if self.corrections else [])]
        return max(run.exit_code for run in runs)

    def as_json(self) -> dict[str, Any]:
        """Both runs as one object."""
        return {
            "job": "daily",
            "status": "partial" if self.exit_code else "succeeded",
            "exit_code": int(self.exit_code),
            "date": str(self.date),
            "lookback_days": self.lookback_days,
            "corrections": None if self.corrections is None else Summary(self.corrections).as_json(),
            "features": Summary(self.features, self.filled).as_json(),
        }

    def render(self, console: Console) -> None:
        """The tables of each run, and what they are about in two lines."""
        if self.corrections is not None:
            Summary(self.corrections).render(console)
        Summary(self.features, self.filled).render(console)
        corrected = 0 if self.corrections is None else len(self.corrections.plan.dates)
        console.print(
            f"daily    {corrected} of the {self.lookback_days} days before {self.date} had corrections", markup=False
        )
        games = f"{self.features.plan.players:,} players" if self.features.plan.dates else "no games"
        console.print(f"daily    {self.date}: {games}", markup=False)
