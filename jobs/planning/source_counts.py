"""How many rows a source holds of a date, as they were counted for the plan.

Numbers only; what they mean for a run is decided in `plan` and `coverage`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class SourceCounts:
    """What one source holds of one date, or without a date.

    `keyed_rows` are distinct keys without a NULL, `unkeyed_rows` rows with one. Of a pre-computed table `asked` is how
    many players (or teams) context has on the date, `answered` how many of those have a row.
    """

    source: str
    game_date: datetime.date | None
    rows: int
    keyed_rows: int
    unkeyed_rows: int
    asked: int = 0
    answered: int = 0

    @property
    def usable_rows(self) -> int:
        """Rows with a key: those by which a table is present for a date."""
        return self.rows - self.unkeyed_rows

    @property
    def duplicated_rows(self) -> int:
        """Rows beyond the first of a key."""
        return self.usable_rows - self.keyed_rows
