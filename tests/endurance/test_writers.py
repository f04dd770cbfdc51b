"""Two writers of the same dates, and one beside somebody else: a few pairs, all of them by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.store import Store
from tests.endurance.writers import Start, beside_a_stranger, starts, two_writers


@pytest.fixture(scope="module")
def made(sources: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Start, Start]:
    return starts(sources, tmp_path_factory.mktemp("writers"))


@pytest.mark.parametrize(("first", "second"), [("rollback", "plan")])
def test_of_two_writers_one_is_refused_or_both_are_right(
    first: str, second: str, made: tuple[Start, Start], tmp_path: Path
) -> None:
    start = made["rollback" in (first, second)]
    assert two_writers(start, start.store.copied_to(tmp_path / "warehouse"), first, second) == []


@pytest.mark.parametrize(("stage", "stranger"), [("verify", "DELETE of a date")])
def test_a_run_beside_somebody_else_is_right_or_says_one_clear_error(
    stage: str, stranger: str, made: tuple[Start, Start], tmp_path: Path
) -> None:
    store = made[0].store.copied_to(tmp_path / "warehouse")
    assert beside_a_stranger(made[0], store, stage, stranger) == []
