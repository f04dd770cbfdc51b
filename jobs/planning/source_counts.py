"""How many rows a source holds of a date, as they were counted for the plan.

Numbers only; what they mean for a run is decided in `plan` and `coverage`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


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

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> SourceCounts:
        """One row of the query that counts, whatever other columns it has."""
        return cls(**{column.name: row[column.name] for column in fields(cls)})

    @property
    def usable_rows(self) -> int:
        """Rows with a key: those by which a table is present for a date."""
        return self.rows - self.unkeyed_rows

    @property
    def duplicated_rows(self) -> int:
        """Rows beyond the first of a key."""
        return self.usable_rows - self.keyed_rows


@dataclass(frozen=True)
class CountedRows:
    """What the query that counts says of a source and date: the counts, and what else a plan asks.

    `season_year` and `regular_season` (whether a game of the date is of the regular season) are those of the schedule;
    `entities` are distinct players or teams.
    """

    counts: SourceCounts
    season_year: int | None
    regular_season: bool | None
    entities: int

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> CountedRows:
        """One row of the query; DuckDB and Spark may give `regular_season` as a number."""
        regular = row["regular_season"]
        in_season = None if regular is None else bool(regular)
        return cls(SourceCounts.of_row(row), row["season_year"], in_season, row["entities"])
