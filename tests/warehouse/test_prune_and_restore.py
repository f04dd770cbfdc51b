"""What leaves the target again, on every warehouse: rows whose context row is gone, and what a run has written."""

from __future__ import annotations

import time
from collections.abc import Sequence

from jobs.schemas.tables import ML_FEATURE_STORE as TARGET
from jobs.schemas.tables import UPCOMING_PLAYER_GAME_CONTEXT as CONTEXT
from jobs.warehouse.interface import MergeCounts, Warehouse
from jobs.warehouse.statements import prunable_statement, restore_statement
from tests.warehouse.backends import Backend, Row
from tests.warehouse.feature_rows import LATER, NOVEMBER_18, NOVEMBER_19, feature_row

RUN = "20211121T083000Z-abcdef"
ROLLBACK = "20211122T083000Z-fedcba"


def staged(backend: Backend, rows: Sequence[Row]) -> Warehouse:
    warehouse = backend.make_warehouse()
    warehouse.stage(TARGET, TARGET.columns, backend.frame(TARGET.columns, rows), RUN)
    return warehouse


def by_player(backend: Backend) -> dict[tuple[str, str], str]:
    return {(row["player_lookup"], str(row["game_date"])): row["data_hash"] for row in backend.rows(TARGET)}


def test_a_prune_deletes_what_has_no_context_and_leaves_what_was_only_left_out(backend: Backend) -> None:
    held = [feature_row(name) for name in ("anna", "bert", "gone")] + [feature_row("gone", NOVEMBER_19)]
    backend.load(TARGET, held)
    context = [{"player_lookup": name, "game_date": NOVEMBER_18} for name in ("anna", "anna", "bert", "carl", None)]
    backend.load(CONTEXT, context)
    changed = [feature_row("anna", data_hash="second", created_at=LATER), feature_row("carl", created_at=LATER)]
    warehouse = staged(backend, changed)
    keys = (warehouse.sql_name(CONTEXT), CONTEXT.key)
    prunable = prunable_statement(
        warehouse.dialect, TARGET, target=warehouse.sql_name(TARGET), keys=keys, game_dates=[NOVEMBER_18]
    )
    assert warehouse.query(prunable) == [{"game_date": NOVEMBER_18, "pruned": 1}]
    statement = warehouse.merge_statement(TARGET, TARGET.columns, RUN, [NOVEMBER_18], CONTEXT)
    assert warehouse.merge(TARGET, statement, RUN, 1) == MergeCounts(inserted=1, updated=1, deleted=1)
    assert by_player(backend) == {
        ("anna", "2021-11-18"): "second",
        ("bert", "2021-11-18"): "first",
        ("carl", "2021-11-18"): "first",
        ("gone", "2021-11-19"): "first",
    }


def test_the_same_slice_is_merged_once(backend: Backend) -> None:
    backend.load(TARGET, [feature_row("anna")])
    warehouse = staged(backend, [feature_row("anna", data_hash="second", created_at=LATER), feature_row("bert")])
    statement = warehouse.merge_statement(TARGET, TARGET.columns, RUN, [NOVEMBER_18])
    first = warehouse.merge(TARGET, statement, RUN, 1)
    assert first == MergeCounts(inserted=1, updated=1)
    assert backend.make_warehouse().merge(TARGET, statement, RUN, 1) == first


def test_dates_are_put_back_to_what_they_held_row_for_row(backend: Backend) -> None:
    backend.load(TARGET, [feature_row("anna"), feature_row("bert"), feature_row("anna", NOVEMBER_19)])
    before = sorted(backend.rows(TARGET), key=str)
    time.sleep(0.1)
    warehouse = backend.make_warehouse()
    state = warehouse.current_version(TARGET)
    time.sleep(0.1)
    staged(backend, [feature_row("anna", data_hash="second", created_at=LATER), feature_row("carl")])
    statement = warehouse.merge_statement(TARGET, TARGET.columns, RUN, [NOVEMBER_18])
    assert warehouse.merge(TARGET, statement, RUN, 1) == MergeCounts(inserted=1, updated=1)
    warehouse.stage_version(TARGET, state, [NOVEMBER_18], ROLLBACK)
    assert warehouse.has_staging(TARGET, ROLLBACK)
    restore = restore_statement(
        warehouse.dialect,
        TARGET,
        TARGET.column_names,
        target=warehouse.sql_name(TARGET),
        staging=warehouse.staging_name(TARGET, ROLLBACK),
        game_dates=[NOVEMBER_18],
        updated=[name for name in TARGET.column_names if name not in TARGET.key],
    )
    assert warehouse.merge(TARGET, restore, ROLLBACK, 1) == MergeCounts(inserted=0, updated=1, deleted=1)
    assert sorted(backend.rows(TARGET), key=str) == before
