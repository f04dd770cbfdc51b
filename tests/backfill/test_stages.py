"""Which stages a run has: all of them from the beginning, and what an earlier process has left when it goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from jobs.backfill.checkpoint import Checkpoint
from jobs.backfill.run import Left, execute, stages
from jobs.backfill.stages import MergeSlice, RecordVerified, Stage, Verify, VerifyEarlier
from jobs.backfill.verification import StagedDate, Verified
from jobs.errors import Interrupted
from tests.planning.planned import NOVEMBER_1, outcome_of, plan_of, planned_date

DECEMBER_1 = NOVEMBER_1.replace(month=12)
PLAN = plan_of([planned_date(NOVEMBER_1), planned_date(DECEMBER_1)])
STAGED = {day: StagedDate(staged=10, inserted=10) for day in (NOVEMBER_1, DECEMBER_1)}
WRITTEN: Any = SimpleNamespace(written_rows=10)
BOTH = ["MergeSlice 1/2", "MergeSlice 2/2"]
END = ["CheckRowCounts", "CleanUp"]


def listed(left: Left, *, staged: bool = False, fit: bool = True, keep: bool = False) -> list[str]:
    """The names of the stages, where each has found what it should; `fit` is whether earlier staged rows are so."""
    settings = SimpleNamespace(merge_slice_rows=1, keep_staging=keep)
    work: Any = SimpleNamespace(job=SimpleNamespace(settings=settings), verified=None)
    work.plan, work.outcome = PLAN, outcome_of(PLAN)
    work.staged = dict(left.checkpoint.staged) if left.checkpoint else {}
    work.writing = SimpleNamespace(is_staged=lambda: staged)
    names = []
    for stage in stages(work, left):
        name = type(stage).__name__
        names.append(f"{name} {stage.number}/{stage.slices}" if isinstance(stage, MergeSlice) else name)
        if isinstance(stage, Verify) or (isinstance(stage, VerifyEarlier) and fit):
            work.verified = Verified(STAGED)
        if isinstance(stage, RecordVerified):
            work.staged |= work.verified.staged
    return names


def test_a_run_from_its_beginning() -> None:
    prepared = ["RecordPlan", "ComputeAndStage", "Verify", "RecordVerified"]
    assert listed(Left()) == [*prepared, *BOTH, *END]
    assert listed(Left(), keep=True) == [*prepared, *BOTH, "CheckRowCounts"]


def test_one_that_had_staged_its_rows() -> None:
    left = Left(resumed=True)
    begun = ["RecordPlan", "VerifyEarlier"]
    assert listed(left, staged=True) == [*begun, "Recall", "RecordVerified", *BOTH, *END]
    again = [*begun, "ComputeAndStage", "Verify", "Recall", "RecordVerified", *BOTH, *END]
    assert listed(left, staged=True, fit=False) == again


def test_one_that_had_merged_a_slice() -> None:
    left = Left(True, Checkpoint(PLAN, STAGED), {NOVEMBER_1: WRITTEN})
    rest = ["MergeSlice 2/2", *END]
    assert listed(left, staged=True) == ["RecordPlan", "Recall", "RecordSkips", *rest]
    lost = ["RecordPlan", "ComputeAndStage", "Verify", "Recall", "RecordVerified"]
    assert listed(left, staged=False) == [*lost, *rest]


def test_one_of_which_a_slice_was_merged_otherwise_than_planned() -> None:
    left = Left(True, Checkpoint(PLAN, STAGED, frozenset({DECEMBER_1})), {NOVEMBER_1: WRITTEN})
    verified = ["RecordPlan", "VerifyEarlier", "Recall", "RecordVerified"]
    assert listed(left, staged=True) == [*verified, "MergeSlice 2/2", *END]


def test_one_that_had_merged_all() -> None:
    left = Left(True, Checkpoint(PLAN, STAGED), {NOVEMBER_1: WRITTEN, DECEMBER_1: WRITTEN})
    assert listed(left) == ["RecordPlan", "Recall", "RecordSkips", *END]


def test_a_run_stops_between_any_two_stages() -> None:
    done: list[str] = []

    class Step:
        phase: ClassVar[str | None] = None

        def carry_out(self, work: Any) -> None:
            done.append("a step")

    def stop_if_asked() -> None:
        if done:
            raise Interrupted(15)

    work: Any = SimpleNamespace(job=SimpleNamespace(progress=SimpleNamespace(stop_if_asked=stop_if_asked)))
    two: list[Stage] = [Step(), Step()]
    with pytest.raises(Interrupted):
        execute(work, two)
    assert done == ["a step"]
