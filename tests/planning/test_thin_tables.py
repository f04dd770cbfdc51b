"""Which pre-computed tables have too few rows of a date."""

from __future__ import annotations

import pytest

from jobs.planning.source_counts import SourceCounts
from jobs.planning.thin_tables import is_thin
from tests.planning.planned import NOVEMBER_1


def counts(rows: int, asked: int, answered: int) -> SourceCounts:
    return SourceCounts("player_daily_cache", NOVEMBER_1, rows, rows, 0, asked, answered)


@pytest.mark.parametrize(
    ("rows", "asked", "answered", "thin"),
    [(50, 100, 19, True), (50, 100, 20, False), (0, 100, 0, False), (50, 0, 0, False)],
    ids=["too_few", "just_enough", "a_table_without_rows_lacks_the_date", "nobody_was_asked_for"],
)
def test_a_table_is_thin_below_a_fifth_of_those_asked_for(rows: int, asked: int, answered: int, thin: bool) -> None:
    assert is_thin(counts(rows, asked, answered)) is thin


def test_the_share_can_be_another() -> None:
    assert is_thin(counts(50, 100, 49), share=0.5)
    assert not is_thin(counts(50, 100, 49), share=0.0)


def test_of_a_source_that_is_not_pre_computed_nobody_is_asked() -> None:
    assert not is_thin(SourceCounts("player_game_summary", NOVEMBER_1, 5, 5, 0))
