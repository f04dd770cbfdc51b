"""Verification of a staged table: that it is what was planned, before anything of it is merged.

Works on one row of counts a date, from `statements.staged_dates_statement`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from jobs.errors import VerificationError
from jobs.planning.outcome import RunOutcome
from jobs.warehouse.statements import DATA_SOURCES

_FAULTS = {
    "duplicated": "stand for a key that is staged already",
    "wrong_feature_count": "have neither the full number of features nor are placeholders",
    "not_finite": "have a feature that is NULL, NaN or infinite",
    "no_hash": "have no data_hash",
    "null_in_required": "have a NULL in a required column",
    "null_in_array": "have a NULL in an array",
}
_MOST_NAMED = 5

Staged = Mapping[datetime.date, Mapping[str, Any]]


def check_faults(staged: Staged, planned: Collection[datetime.date]) -> None:
    """VerificationError, naming dates, when an unplanned date is staged or a row that the target cannot take."""
    faults = [f"{game_date} was not planned" for game_date in staged if game_date not in planned]
    for game_date, row in staged.items():
        faults += [f"{game_date}: {row[name]} rows {text}" for name, text in _FAULTS.items() if row.get(name)]
    _stop_at(faults)


def check_counts(staged_rows: Mapping[datetime.date, int], outcome: RunOutcome) -> None:
    """VerificationError, naming dates, unless staged rows and left out rows are the context rows of the plan."""
    faults = []
    for game_date, staged in staged_rows.items():
        date = outcome.dates[game_date]
        if staged + date.skipped != date.planned.context_rows:
            faults.append(
                f"{game_date}: {staged} rows are staged and {date.skipped} left out, "
                f"{date.planned.context_rows} were planned"
            )
    _stop_at(faults)


def _stop_at(faults: Sequence[str]) -> None:
    if faults:
        more = f"; and {len(faults) - _MOST_NAMED} more" if len(faults) > _MOST_NAMED else ""
        named = "; ".join(faults[:_MOST_NAMED])
        raise VerificationError(f"the staged table is not as planned, nothing was merged: {named}{more}")


def with_pruned(staged: Staged, pruned: Mapping[datetime.date, int]) -> Staged:
    """The staged dates with the number of rows that are to be deleted; a date without a staged row may have some."""
    nothing = {**dict.fromkeys(("staged", "inserted", "updated", "unchanged"), 0), "mean_quality": None}
    nothing |= {f"rows_{source}": 0 for source in DATA_SOURCES}
    return {
        date: {**staged.get(date, nothing), "pruned": pruned.get(date, 0)}
        for date in sorted({*staged, *(date for date, rows in pruned.items() if rows)})
    }


def shares_by_source(row: Mapping[str, Any]) -> dict[str, float]:
    """The fraction of a date's rows with each data_source; none of a table that has no such column."""
    return {source: row[name] / row["staged"] for source in DATA_SOURCES if (name := f"rows_{source}") in row}
