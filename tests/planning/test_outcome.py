"""The accounting: context rows of the plan against rows by outcome."""

from __future__ import annotations

import pytest

from jobs.errors import AccountingError, ExitCode
from jobs.planning.outcome import DateOutcome, SkippedRow
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
    write(outcome, NOVEMBER_1, inserted=4, updated=2, unchanged=3)
    write(outcome, NOVEMBER_3, unchanged=10)
    outcome.check_row_counts()
    assert outcome.rows == {"inserted": 4, "updated": 2, "unchanged": 13, "skipped": 2, "not_computed": 10}
    assert sum(outcome.rows.values()) == plan.context_rows == 31
    assert outcome.statuses == {"written": 2, "failed": 1, "skipped": 0}


def test_a_row_too_few_does_not_reconcile() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1)]))
    write(outcome, NOVEMBER_1, inserted=9)
    with pytest.raises(AccountingError, match=r"10 context rows were planned, but 9 inserted, 0 updated.* make 9"):
        outcome.check_row_counts()


@pytest.mark.parametrize("first", [9, 11])
def test_dates_that_only_reconcile_together_do_not_reconcile(first: int) -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1), planned_date(NOVEMBER_2)]))
    write(outcome, NOVEMBER_1, inserted=first)
    write(outcome, NOVEMBER_2, inserted=20 - first)
    with pytest.raises(AccountingError, match=rf"2021-11-01 do not reconcile: 10 .* {first} are accounted for"):
        outcome.check_row_counts()


@pytest.mark.parametrize("more", [-1, 1])
def test_the_warehouse_counted_other_rows_than_were_staged(more: int) -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1)]))
    write(outcome, NOVEMBER_1, inserted=10)
    outcome.merged_rows.update(inserted=more)
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
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2)]))
    rows = [skip(NOVEMBER_3, "bert"), skip(NOVEMBER_2, "carl"), skip(NOVEMBER_1, "anna")]
    outcome.record_skips(rows)
    assert (outcome.skips, outcome.dates[NOVEMBER_1].skipped) == (rows[2:], 1)


@pytest.mark.parametrize(
    ("row", "expected"), [(skip(NOVEMBER_1, "anna"), False), (skip(None, "anna"), True), (skip(NOVEMBER_1, None), True)]
)
def test_a_skipped_row_has_a_key_when_its_date_and_its_player_are_known(row: SkippedRow, expected: bool) -> None:
    assert row.has_no_key is expected


def test_dates_are_found_by_what_became_of_them() -> None:
    outcome = outcome_of(
        plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2), missing_date(NOVEMBER_3, "skip")])
    )
    write(outcome, NOVEMBER_1)
    found = {status: outcome.with_status(status) for status in ("written", "failed", "skipped")}
    assert {status: [date.planned.game_date for date in dates] for status, dates in found.items()} == {
        "written": [NOVEMBER_1],
        "failed": [NOVEMBER_2],
        "skipped": [NOVEMBER_3],
    }


def test_what_a_merge_did_to_a_date_is_kept_with_it() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1), planned_date(NOVEMBER_2), planned_date(NOVEMBER_3)]))
    counts = {"inserted": 1, "updated": 2, "unchanged": 3, "pruned": 4}
    outcome.record_written(NOVEMBER_1, **counts, mean_quality=81.5, shares={"phase4": 0.25})
    write(outcome, NOVEMBER_2, unchanged=10)
    assert outcome.dates[NOVEMBER_1] == DateOutcome(
        planned_date(NOVEMBER_1), "written", **counts, mean_quality=81.5, shares={"phase4": 0.25}
    )
    assert [(date.pruned, date.shares) for date in outcome.dates.values()] == [(4, {"phase4": 0.25}), (0, {}), (0, {})]


def test_the_mean_quality_is_that_of_all_written_rows() -> None:
    outcome = outcome_of(plan_of([planned_date(NOVEMBER_1), planned_date(NOVEMBER_2), missing_date(NOVEMBER_3)]))
    assert outcome.mean_quality is None
    outcome.record_written(NOVEMBER_1, inserted=3, updated=2, unchanged=5, mean_quality=70.0)
    outcome.record_written(NOVEMBER_2, inserted=1, updated=0, unchanged=4, mean_quality=95.55)
    assert outcome.mean_quality == 78.52


def test_the_next_command_takes_the_dates_that_failed() -> None:
    plan = plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2)])
    resumed = "./spark-submit.sh local x --only-failed 20211101T000000Z-abcdef --on-missing fallback"
    assert outcome_of(plan).next_command == resumed
    assert outcome_of(plan, dry_run={}).next_command is None
    assert outcome_of(plan_of([planned_date(NOVEMBER_1)])).next_command is None


def test_no_dates_is_nothing_to_do() -> None:
    outcome = outcome_of(plan_of([]))
    outcome.check_row_counts()
    assert outcome.exit_code is ExitCode.DONE
