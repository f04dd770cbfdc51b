"""Two writers of the same dates, and one beside somebody else: a few pairs, all of them by hand."""

from __future__ import annotations

import pytest

from tests.end_to_end.store import Store
from tests.endurance.starts import DeltaStarts
from tests.endurance.writers import beside_a_stranger, two_writers


@pytest.fixture(scope="module")
def starts(sources: Store, tmp_path_factory: pytest.TempPathFactory) -> DeltaStarts:
    return DeltaStarts(sources, tmp_path_factory.mktemp("writers"))


@pytest.mark.parametrize(("first", "second"), [("rollback", "plan")])
def test_of_two_writers_one_is_refused_or_both_are_right(first: str, second: str, starts: DeltaStarts) -> None:
    assert two_writers(starts.fresh(written="rollback" in (first, second)), first, second).wrong == []


@pytest.mark.parametrize(("stage", "stranger"), [("verify", "DELETE of a date")])
def test_a_run_beside_somebody_else_is_right_or_says_one_clear_error(
    stage: str, stranger: str, starts: DeltaStarts
) -> None:
    assert beside_a_stranger(starts.fresh(written=False), stage, stranger).wrong == []
