"""What a run writes of the columns that have one value in all rows."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.backfill.verification import StagedDate
from jobs.backfill.writer import Writing, with_constants
from jobs.config.settings import load_settings
from jobs.schemas.tables import ML_FEATURE_STORE, Column, Constant
from jobs.warehouse.interface import MergeCounts
from tests.planning.planned import NOVEMBER_1

VALUES = {"feature_version": "v1", "updated_at": None}
VARYING = [column for column in ML_FEATURE_STORE.columns if column.name not in VALUES]


@pytest.mark.parametrize(
    ("staged", "constants"),
    [(VARYING, ["feature_version", "updated_at"]), (ML_FEATURE_STORE.columns, [])],
    ids=["this version", "an earlier version, which staged all"],
)
def test_a_merge_takes_what_is_not_staged_from_the_constants(staged: Sequence[Column], constants: list[str]) -> None:
    written: list[Column] = []

    def merge_statement(_table: Any, columns: Sequence[Column], *_: Any, **__: Any) -> str:
        written.extend(columns)
        return "MERGE"

    warehouse: Any = SimpleNamespace(
        staged_columns=lambda *_: [column.name for column in staged],
        merge_statement=merge_statement,
        merge=lambda *_: MergeCounts(inserted=1, updated=0),
        sql_name=lambda _: "games",
    )
    writing = Writing(warehouse, ML_FEATURE_STORE, with_constants(ML_FEATURE_STORE.columns, VALUES), "run")
    writing.merge_slice({NOVEMBER_1: StagedDate(staged=1, inserted=1)}, [NOVEMBER_1], 1, load_settings({}))
    assert [column.name for column in written] == ML_FEATURE_STORE.column_names
    assert [column.name for column in written if isinstance(column, Constant)] == constants
