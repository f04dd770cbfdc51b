"""What the query that counts says of a source and a date."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.planning.source_counts import CountedRows, SourceCounts
from tests.planning.planned import NOVEMBER_1

ROW: dict[str, Any] = {
    "source": "player_daily_cache",
    "game_date": NOVEMBER_1,
    "rows": 9,
    "keyed_rows": 4,
    "unkeyed_rows": 3,
    "asked": 8,
    "answered": 2,
    "season_year": 2021,
    "regular_season": None,
    "entities": 7,
}


def test_rows_with_a_key_are_usable_and_those_beyond_the_first_of_a_key_duplicated() -> None:
    counts = SourceCounts.of_row(ROW)
    assert counts == SourceCounts("player_daily_cache", NOVEMBER_1, 9, 4, 3, asked=8, answered=2)
    assert (counts.usable_rows, counts.duplicated_rows) == (6, 2)


def test_nobody_is_asked_for_where_nothing_is_said() -> None:
    counts = SourceCounts("nbac_schedule", NOVEMBER_1, 9, 4, 3)
    assert (counts.asked, counts.answered) == (0, 0)


@pytest.mark.parametrize(
    ("stored", "expected"), [(None, None), (0, False), (1, True), (False, False), (True, True)], ids=str
)
def test_whether_a_date_is_of_the_regular_season_may_come_as_a_number(
    stored: bool | int | None, expected: bool | None
) -> None:
    counted = CountedRows.of_row({**ROW, "regular_season": stored})
    assert counted == CountedRows(SourceCounts.of_row(ROW), 2021, expected, 7)
    assert counted.regular_season is expected
