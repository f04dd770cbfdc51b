"""Flags and numbers of context that never change, found on every warehouse by one statement."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jobs.audits import constant_columns as audit
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.schemas.tables import UPCOMING_PLAYER_GAME_CONTEXT as CONTEXT
from tests.warehouse.backends import Backend
from tests.warehouse.feature_rows import NOVEMBER_18, NOVEMBER_19

NOVEMBER_20 = datetime.date(2021, 11, 20)
DATES = RequestedDates(NOVEMBER_18, NOVEMBER_20)


def context_row(day: datetime.date, **changed: Any) -> dict[str, Any]:
    row = {"player_lookup": "anna", "game_date": day, "home_game": True, "back_to_back": False}
    return {**row, "days_rest": 2, "opponent_days_rest": 0, **changed}


def test_one_value_in_every_row_is_found(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = backend.make_warehouse()
    rows = [
        context_row(NOVEMBER_18),
        context_row(NOVEMBER_19, home_game=False),
        context_row(NOVEMBER_20, days_rest=None),
        context_row(datetime.date(2021, 11, 21), back_to_back=True),
    ]
    warehouse.append(CONTEXT, rows)
    assert audit.constant_columns(warehouse, DATES) == []
    monkeypatch.setattr(audit, "CONSTANT_ROWS", 3)
    found = {column.column: (column.value, column.rows) for column in audit.constant_columns(warehouse, DATES)}
    assert found == {"back_to_back": (False, 3), "opponent_days_rest": (0, 3)}
    monkeypatch.setattr(audit, "CONSTANT_ROWS", 2)
    listed = requested_dates(None, None, [NOVEMBER_18, NOVEMBER_20])
    assert [column.told for column in audit.constant_columns(warehouse, listed)] == [
        "home_game true",
        "back_to_back false",
        "opponent_days_rest 0",
    ]
