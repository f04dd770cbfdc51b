"""A staged table that is not as planned stops the run, with a date, a number and a reason."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jobs.backfill.verification import check_counts, check_faults, shares_by_source
from jobs.errors import VerificationError
from tests.planning.planned import NOVEMBER_1, NOVEMBER_2, outcome_of, plan_of, planned_date, skip

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


def test_staged_and_left_out_rows_are_those_of_the_plan() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1)]))
    outcome.record_skips([skip(NOVEMBER_1, "anna")])
    check_counts({NOVEMBER_1: 9}, outcome)
    with pytest.raises(VerificationError, match="2021-11-01: 8 rows are staged and 1 left out, 10 were planned"):
        check_counts({NOVEMBER_1: 8}, outcome)


def test_shares_are_of_the_staged_rows() -> None:
    rows = {"rows_phase4": 5, "rows_phase4_partial": 3, "rows_phase3": 2, "rows_mixed": 0, "rows_early_season": 0}
    shares = {"phase4": 0.5, "phase4_partial": 0.3, "phase3": 0.2, "mixed": 0, "early_season": 0}
    assert shares_by_source({"staged": 10, **rows}) == shares
