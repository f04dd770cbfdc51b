"""Verification of a staged table: that it is what was planned, before anything of it is merged.

Works on one row of counts a date, from `statements.staged_dates_statement`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jobs.errors import VerificationError
from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import PlannedDate
from jobs.warehouse.counting_statements import DATA_SOURCES

_FAULTS = {
    "duplicated": "stand for a key that is staged already",
    "wrong_feature_count": "have neither the full number of features nor are placeholders",
    "not_finite": "have a feature that is NULL, NaN or infinite",
    "no_hash": "have no data_hash",
    "null_in_required": "have a NULL in a required column",
    "null_in_array": "have a NULL in an array",
}
_MOST_NAMED = 5


@dataclass(frozen=True)
class StagedDate:
    """What is staged of one date, in rows: by what the MERGE will do with them, and by their data_source.

    `updated_twice` are rows of the target that are updated beyond the first of their key. A date that was merged
    otherwise than planned is verified again: `attempt` counts that, and `inserted_before` and `updated_before` are the
    rows that the attempts before have written, which are among `staged` and not among the other counts.
    """

    staged: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    pruned: int = 0
    updated_twice: int = 0
    mean_quality: float | None = None
    by_source: Mapping[str, int] = field(default_factory=dict)
    attempt: int = 1
    inserted_before: int = 0
    updated_before: int = 0

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> StagedDate:
        """One row of `staged_dates_statement`."""
        quality = row.get("mean_quality")
        return cls(
            staged=row["staged"],
            inserted=row["inserted"],
            updated=row["updated"],
            unchanged=row["unchanged"],
            mean_quality=None if quality is None else float(quality),
            by_source={source: row[name] for source in DATA_SOURCES if (name := f"rows_{source}") in row},
        )

    @property
    def is_changed(self) -> bool:
        """Whether the MERGE has anything to do."""
        return bool(self.inserted or self.updated or self.pruned)

    @property
    def shares(self) -> dict[str, float]:
        """The fraction of the rows with each data_source; none without a row, or of a table without that column."""
        return {source: rows / self.staged for source, rows in self.by_source.items()} if self.staged else {}

    def after(self, earlier: StagedDate) -> StagedDate:
        """This date, verified again after `earlier` was merged otherwise than planned.

        What is unchanged now and was not before is what that MERGE has written.
        """
        may_be_inserted = earlier.inserted + earlier.inserted_before
        may_be_updated = earlier.updated + earlier.updated_before
        written = max(0, min(self.unchanged - earlier.unchanged, may_be_inserted + may_be_updated))
        inserted = min(written, may_be_inserted)
        return replace(
            self,
            unchanged=self.unchanged - written,
            attempt=earlier.attempt + 1,
            inserted_before=inserted,
            updated_before=written - inserted,
        )


Staged = Mapping[datetime.date, StagedDate]


@dataclass(frozen=True)
class Verified:
    """What is staged of some dates, fit for the target, and the rows of these dates that are not to be written."""

    staged: Staged
    skips: Sequence[SkippedRow] = ()


def check_faults(rows: Mapping[datetime.date, Mapping[str, Any]], planned: Collection[datetime.date]) -> None:
    """VerificationError, naming dates, when an unplanned date is staged or a row that the target cannot take."""
    faults = [f"{game_date} was not planned" for game_date in rows if game_date not in planned]
    for game_date, row in rows.items():
        faults += [f"{game_date}: {row[name]} rows {text}" for name, text in _FAULTS.items() if row.get(name)]
    _stop_at(faults)


def check_counts(planned: Sequence[PlannedDate], verified: Verified) -> None:
    """VerificationError, naming dates, unless staged and skipped rows are the context rows of the plan."""
    faults = []
    for date in planned:
        staged = rows_of(verified.staged, date.game_date)
        skipped = date.unkeyed_rows + sum(skip.game_date == date.game_date for skip in verified.skips)
        if staged + skipped != date.context_rows:
            faults.append(
                f"{date.game_date}: {staged} rows are staged and {skipped} skipped, {date.context_rows} were planned"
            )
    _stop_at(faults)


def _stop_at(faults: Sequence[str]) -> None:
    if faults:
        more = f"; and {len(faults) - _MOST_NAMED} more" if len(faults) > _MOST_NAMED else ""
        named = "; ".join(faults[:_MOST_NAMED])
        raise VerificationError(f"the staged table is not as planned, nothing was merged: {named}{more}")


def rows_of(staged: Staged, game_date: datetime.date) -> int:
    """How many rows of a date are staged."""
    return staged[game_date].staged if game_date in staged else 0


def with_pruned(staged: Staged, pruned: Mapping[datetime.date, int]) -> Staged:
    """The staged dates with the number of rows that are to be deleted; a date without a staged row may have some."""
    return {
        date: replace(staged.get(date, StagedDate()), pruned=pruned.get(date, 0))
        for date in sorted({*staged, *(date for date, rows in pruned.items() if rows)})
    }
