"""The report of a rollback: which dates are as they were before, and how many rows were changed for it.

Shows what was done; decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console


@dataclass(frozen=True)
class RolledBack:
    """The run `rolled_back` is undone by the run `run_id`; `rows` are those inserted, updated and deleted for it."""

    run_id: str
    rolled_back: str
    game_dates: Sequence[datetime.date]
    rows: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Lists all dates."""
        return {
            "run_id": self.run_id,
            "job": "rollback",
            "status": "succeeded",
            "exit_code": 0,
            "rolled_back": self.rolled_back,
            "dates": [str(game_date) for game_date in self.game_dates],
            "rows": dict(self.rows),
        }

    def render(self, console: Console) -> None:
        """Prints two lines."""
        rows = ", ".join(f"{number} {name}" for name, number in self.rows.items())
        console.print(f"{len(self.game_dates)} dates are as before run {self.rolled_back}: {rows}", markup=False)
        console.print(f"run {self.run_id}: succeeded", markup=False)
