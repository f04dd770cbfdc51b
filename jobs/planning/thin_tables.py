"""Pre-computed tables that have rows of a date, and of too few of its players or teams."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.planning.source_counts import SourceCounts

MINIMUM_SHARE = 0.2
"""Of a date's players (or teams) in context at least this share must have a row in a table that nothing is said of."""


@dataclass(frozen=True)
class ThinTable:
    """A pre-computed table that has rows of a date, too few: of `asked` players (or teams) in context `found`."""

    table: str
    found: int
    asked: int

    def __str__(self) -> str:
        unit = "teams" if self.table.startswith("team_") else "players"
        return f"{self.table} ({self.found:,} of {self.asked:,} {unit})"


def is_thin(counts: SourceCounts, share: float | None = None) -> bool:
    """Whether a pre-computed table has rows of a date, and of fewer than this share of its players (or teams)."""
    least = MINIMUM_SHARE if share is None else share
    return bool(counts.usable_rows and counts.asked) and counts.answered / counts.asked < least
