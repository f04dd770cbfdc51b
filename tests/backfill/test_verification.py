"""A staged table that is not as planned stops the run, with a date, a number and a reason."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jobs.backfill.verification import StagedDate, Verified, check_counts, check_faults
from jobs.errors import VerificationError
from tests.planning.planned import NOVEMBER_1, NOVEMBER_2, planned_date, skip

FAULTS = {
    "duplicated": "stand for a key that is staged already",
    "wrong_feature_count": "neither the full number of features nor are placeholders",
    "not_finite": "a feature that is NULL, NaN or infinite",
    "no_hash": "have no data_hash",
    "null_in_required": "a NULL in a required column",
    "null_in_array": "a NULL in an array",
}


def staged(**faults: int) -> dict[str, Any]:
    return {"staged": 10, **dict.fromkeys(FAULTS, 0), **faults}


def test_a_table_as_planned_passes() -> None:
    check_faults({NOVEMBER_1: staged()}, {NOVEMBER_1, NOVEMBER_2})


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_stops_the_run(fault: str) -> None:
    with pytest.raises(VerificationError, match=f"nothing was merged: 2021-11-01: 3 rows .*{FAULTS[fault]}"):
        check_faults({NOVEMBER_1: staged(**{fault: 3})}, {NOVEMBER_1})


def test_a_date_that_was_not_planned() -> None:
    with pytest.raises(VerificationError, match="2021-11-02 was not planned"):
        check_faults({NOVEMBER_1: staged(), NOVEMBER_2: staged()}, {NOVEMBER_1})


def test_many_faults_are_named_by_the_first() -> None:
    dates = [NOVEMBER_1 + datetime.timedelta(days=day) for day in range(8)]
    with pytest.raises(VerificationError, match=r"2021-11-05: 1 rows.*; and 3 more$"):
        check_faults({date: staged(no_hash=1) for date in dates}, set(dates))


def test_staged_and_skipped_rows_are_those_of_the_plan() -> None:
    planned = [planned_date(NOVEMBER_1, unkeyed_rows=1)]
    check_counts(planned, Verified({NOVEMBER_1: StagedDate(staged=8)}, [skip(NOVEMBER_1, "anna")]))
    with pytest.raises(VerificationError, match="2021-11-01: 7 rows are staged and 2 skipped, 10 were planned"):
        check_counts(planned, Verified({NOVEMBER_1: StagedDate(staged=7)}, [skip(NOVEMBER_1, "anna")]))


def test_shares_are_of_the_staged_rows() -> None:
    rows = {"rows_phase4": 5, "rows_phase4_partial": 3, "rows_phase3": 2, "rows_mixed": 0, "rows_early_season": 0}
    shares = {"phase4": 0.5, "phase4_partial": 0.3, "phase3": 0.2, "mixed": 0, "early_season": 0}
    counts = {"inserted": 10, "updated": 0, "unchanged": 0, "mean_quality": None}
    assert StagedDate.of_row({"staged": 10, **counts, **rows}).shares == shares
    assert StagedDate.of_row({"staged": 10, **counts}).shares == {}
    assert StagedDate.of_row({"staged": 0, **counts, **rows}).shares == {}


def test_what_is_unchanged_after_a_merge_and_was_not_before_is_what_that_merge_wrote() -> None:
    first = StagedDate(staged=525, inserted=525)
    second = StagedDate(staged=525, updated=5, unchanged=520).after(first)
    assert (second.inserted, second.inserted_before, second.updated, second.unchanged) == (0, 520, 5, 0)
    third = StagedDate(staged=525, updated=1, unchanged=524).after(second)
    assert (third.attempt, third.inserted_before, third.updated_before, third.updated) == (3, 520, 4, 1)
    assert StagedDate(staged=10, unchanged=10).after(StagedDate(staged=10, unchanged=10)).unchanged == 10
