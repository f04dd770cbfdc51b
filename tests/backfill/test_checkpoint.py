"""A checkpoint read back is the one that was written, and one of an earlier version is understood."""

from __future__ import annotations

import json

from jobs.backfill.checkpoint import Checkpoint
from jobs.backfill.verification import StagedDate
from tests.planning.planned import NOVEMBER_1, NOVEMBER_2, missing_date, plan_of, planned_date

FIRST = StagedDate(staged=10, inserted=7, updated=3, pruned=2, mean_quality=81.5, by_source={"phase4": 10})
AGAIN = StagedDate(staged=10, updated=1, unchanged=2, attempt=2, inserted_before=7)


def test_a_checkpoint_is_read_back_as_it_was() -> None:
    plan = plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2)], undated_rows=1, source_rows={"a": 5})
    written = Checkpoint(plan, {NOVEMBER_1: FIRST, NOVEMBER_2: AGAIN}, frozenset({NOVEMBER_2}))
    assert Checkpoint.from_text(written.as_text()) == written


def test_one_without_differing_dates_is_understood() -> None:
    content = json.loads(Checkpoint(plan_of([planned_date(NOVEMBER_1)]), {NOVEMBER_1: FIRST}).as_text())
    del content["differed"]
    assert Checkpoint.from_text(json.dumps(content)).differed == frozenset()
