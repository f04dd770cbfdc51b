"""The report of what the feature store holds: a table for a person, or one JSON object.

Shows what was found; decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from jobs.planning.plan import RequestedDates
from jobs.reports.fitted_table import FittedTable


@dataclass(frozen=True)
class Held:
    """What is held of one date, or of all: rows, distinct players, mean quality, fractions of the rows.

    Rows with a source or tier that is not known here, or NULL, are the share `other`. `training_ready` is None where
    the table has no such column.
    """

    game_date: datetime.date | None
    rows: int
    players: int
    mean_quality: float | None
    sources: Mapping[str, float]
    tiers: Mapping[str, float]
    training_ready: float | None = None


@dataclass(frozen=True)
class Results:
    """What is held of the requested dates, the dates in order; `total` is None where nothing is."""

    target: str
    requested: RequestedDates
    dates: Sequence[Held]
    total: Held | None

    def as_json(self) -> dict[str, Any]:
        """Gives shares as fractions of the rows."""
        return {
            "job": "results",
            "status": "succeeded",
            "exit_code": 0,
            "target": self.target,
            "requested": str(self.requested),
            "game_dates": len(self.dates),
            "total": None if self.total is None else _held(self.total),
            "dates": [{"game_date": str(held.game_date), **_held(held)} for held in self.dates],
        }

    def render(self, console: Console) -> None:
        """Gives shares in percent, without sources and tiers that have no row."""
        if self.total is None:
            console.print(f"{self.target} holds no row of {self.requested}", markup=False)
            return
        console.print(_table(self, self.total))
        total = self.total
        console.print(
            f"{total.rows:,} rows of {len(self.dates)} game dates and {total.players:,} players", markup=False
        )


def _held(held: Held) -> dict[str, Any]:
    return {
        "rows": held.rows,
        "players": held.players,
        "mean_quality": None if held.mean_quality is None else round(held.mean_quality, 2),
        "shares_by_data_source": _rounded(held.sources),
        "shares_by_quality_tier": _rounded(held.tiers),
        "share_training_ready": None if held.training_ready is None else round(held.training_ready, 4),
    }


def _rounded(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: round(share, 4) for name, share in shares.items()}


def _table(results: Results, total: Held) -> FittedTable:
    table = FittedTable(f"{results.target}, {results.requested}")
    table.add_columns("game date")
    table.add_columns("players", "quality", right=True)
    shown = {name: _heading(name) for name, share in _shares(total).items() if share}
    for kind in ("source", "tier"):
        table.add_columns(*[shown[name] for name in shown if name[0] == kind], room="spare", right=True)
    for held in (*results.dates, total):
        if held is total:
            table.add_section()
        quality = "" if held.mean_quality is None else f"{held.mean_quality:.2f}"
        shares = _shares(held)
        percent = [f"{100 * shares[name]:.1f}%" for name in shown]
        table.add_row("total" if held is total else str(held.game_date), f"{held.players:,}", quality, *percent)
    return table


def _shares(held: Held) -> dict[tuple[str, str], float]:
    """Both kinds of shares, of which each may have one called `other`."""
    return {(kind, name): share for kind in ("source", "tier") for name, share in getattr(held, f"{kind}s").items()}


def _heading(name: tuple[str, str]) -> str:
    return f"other\n{name[0]}" if name[1] == "other" else name[1].replace("_", "\n")
