"""The accounting: context rows of the plan against rows by outcome."""

from __future__ import annotations

import pytest

from jobs.errors import AccountingError, ExitCode
from tests.planning.planned import (
    NOVEMBER_1,
    NOVEMBER_2,
    NOVEMBER_3,
    missing_date,
    outcome_of,
    plan_of,
    planned_date,
    skip,
    write,
)


def test_row_counts_reconcile_over_every_outcome() -> None:
    plan = plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2), planned_date(NOVEMBER_3)], undated_rows=1)
    outcome = outcome_of(plan)
    outcome.record_skips([skip(NOVEMBER_1, "anna"), skip(None, "bert")])
    write(outcome, NOVEMBER_1, inserted=5, updated=3, unchanged=1)
    write(outcome, NOVEMBER_3, unchanged=10)
    outcome.check_row_counts()
    assert outcome.rows == {"inserted": 5, "updated": 3, "unchanged": 11, "skipped": 2, "not_computed": 10}
    assert sum(outcome.rows.values()) == plan.context_rows == 31
    assert outcome.statuses == {"written": 2, "failed": 1, "skipped": 0}


def test_a_row_too_few_does_not_reconcile() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1)]))
    write(outcome, NOVEMBER_1, inserted=9)
    with pytest.raises(AccountingError, match=r"10 context rows were planned, but 9 inserted, 0 updated.* make 9"):
        outcome.check_row_counts()


def test_dates_that_only_reconcile_together_do_not_reconcile() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1), planned_date(NOVEMBER_2)]))
    write(outcome, NOVEMBER_1, inserted=11)
    write(outcome, NOVEMBER_2, inserted=9)
    with pytest.raises(AccountingError, match=r"2021-11-01 do not reconcile: 10 .* 11 are accounted for"):
        outcome.check_row_counts()


def test_the_warehouse_counted_other_rows_than_were_staged() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1)]))
    write(outcome, NOVEMBER_1, inserted=10)
    outcome.merged_rows.update(inserted=-1)
    with pytest.raises(AccountingError, match="do not reconcile"):
        outcome.check_row_counts()


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ("fail", ExitCode.PARTIAL, "partial"),
        ("skip", ExitCode.DONE, "succeeded"),
        ("write", ExitCode.DONE, "succeeded"),
    ],
)
def test_only_failed_dates_make_a_run_partial(action: str, code: ExitCode, status: str) -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2, action)]))
    assert (outcome.exit_code, outcome.ledger_status) == (code, status)


def test_rows_of_a_date_that_is_not_computed_are_counted_with_it() -> None:
    outcome = outcome_of(plan_of([missing_date(NOVEMBER_1, context_rows=4, unkeyed_rows=1)]))
    outcome.record_skips([skip(NOVEMBER_1, None)])
    outcome.check_row_counts()
    assert (outcome.rows["skipped"], outcome.rows["not_computed"]) == (0, 4)


def test_skipped_rows_of_other_dates_are_not_of_this_run() -> None:
    outcome = outcome_of(plan_of([]))
    outcome.record_skips([skip(NOVEMBER_1, None)])
    assert outcome.skips == []


def test_no_dates_is_nothing_to_do() -> None:
    outcome = outcome_of(plan_of([]))
    outcome.check_row_counts()
    assert outcome.exit_code is ExitCode.DONE
