"""Staging, checking and merging, on every warehouse: inserts, updates, unchanged rows, and targets of other shapes."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from jobs.backfill.writer import with_constants
from jobs.errors import ContractError
from jobs.schemas.tables import ML_FEATURE_STORE, Column
from jobs.warehouse.counting_statements import staged_dates_statement
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.dialect import Dialect
from jobs.warehouse.interface import MergeCounts, Warehouse
from tests.warehouse.backends import Backend, Row
from tests.warehouse.feature_rows import EARLIER, LATER, NOVEMBER_18, NOVEMBER_19, feature_row, placeholder_row
from transforms import feature_row as feature_row_of_the_engine

RUN = "20211121T083000Z-abcdef"
TARGET = ML_FEATURE_STORE
CONSTANTS = {
    **{name: value for name, (value, _) in feature_row_of_the_engine.CONSTANTS.items()},
    "feature_names": ("one", "two"),
}
HELD = [feature_row("anna"), feature_row("bert", updated_at=None), feature_row("carl", NOVEMBER_19)]


class Write:
    """One run's staged rows, and what is done with them."""

    def __init__(
        self, backend: Backend, staged: Sequence[dict[str, Any]], constants: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.backend = backend
        self.warehouse: Warehouse = backend.make_warehouse()
        self.columns: Sequence[Column] = with_constants(
            self.warehouse.checked_target(TARGET) or TARGET.columns, constants
        )
        self.staged = [column for column in self.columns if column.name not in constants]
        self.warehouse.stage(TARGET, self.staged, backend.frame(self.staged, staged), RUN)

    def checked(self, *game_dates: datetime.date) -> dict[datetime.date, Row]:
        def question(dialect: Dialect) -> str:
            return staged_dates_statement(
                dialect,
                TARGET,
                target=self.warehouse.sql_name(TARGET),
                staging=self.warehouse.staging_name(TARGET, RUN),
                columns=self.staged,
                game_dates=game_dates or (NOVEMBER_18, NOVEMBER_19),
                features=25,
            )

        rows = {row["game_date"]: row for row in self.warehouse.ask(question)}
        if isinstance(self.warehouse, DeltaWarehouse):
            # Two engines answer there, which have to agree on whatever is staged.
            by_spark = self.warehouse.query(question(self.warehouse.dialect))
            assert rows == {row["game_date"]: row for row in by_spark}
        return rows

    def merged(self, *game_dates: datetime.date, inserts_only: bool = False) -> MergeCounts:
        dates = game_dates or (NOVEMBER_18, NOVEMBER_19)
        statement = self.warehouse.merge_statement(TARGET, self.columns, RUN, dates, inserts_only=inserts_only)
        return self.warehouse.merge(TARGET, statement, RUN, 1)

    def overwritten(self, *game_dates: datetime.date) -> None:
        self.warehouse.overwrite(TARGET, self.columns, game_dates, RUN, 1)


def by_player(backend: Backend) -> dict[str, Row]:
    rows = backend.rows(TARGET)
    assert len({row["player_lookup"] for row in rows}) == len(rows)
    return {row["player_lookup"]: row for row in rows}


def test_a_merge_inserts_updates_and_leaves_alone(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    backend.set_value(TARGET, "reprocess_attempt_count", "7", "player_lookup = 'bert'")
    write = Write(
        backend,
        [
            feature_row("anna", created_at=LATER, days_rest=9),
            feature_row("bert", created_at=LATER, days_rest=9, data_hash="second"),
            feature_row("dora", created_at=LATER),
        ],
    )
    staged = write.checked()[NOVEMBER_18]
    assert [staged[name] for name in ("staged", "inserted", "updated", "unchanged")] == [3, 1, 1, 1]
    assert write.merged() == MergeCounts(inserted=1, updated=1)
    rows = by_player(backend)
    assert (rows["anna"]["days_rest"], rows["anna"]["updated_at"]) == (2, None)
    bert = rows["bert"]
    assert (bert["days_rest"], bert["data_hash"], bert["reprocess_attempt_count"]) == (9, "second", 7)
    assert (bert["created_at"], bert["updated_at"]) == (EARLIER, LATER)
    assert (rows["dora"]["created_at"], rows["dora"]["updated_at"]) == (LATER, None)
    assert set(rows) == {"anna", "bert", "carl", "dora"}


def test_a_merge_of_inserts_only_leaves_held_rows_alone(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    before = by_player(backend)
    twice = 2 * [feature_row("dora", created_at=LATER, days_rest=3)]
    write = Write(backend, [feature_row("anna", created_at=LATER, days_rest=9), *twice])
    assert write.merged(inserts_only=True) == MergeCounts(inserted=1, updated=0)
    rows = by_player(backend)
    assert rows.pop("dora")["days_rest"] == 3
    assert rows == before


@pytest.mark.parametrize("inserts_only", [False, True], ids=["all", "inserts_only"])
def test_a_merge_writes_constants_that_are_not_staged(backend: Backend, inserts_only: bool) -> None:
    backend.load(TARGET, HELD)
    before = by_player(backend)
    staged = [feature_row("bert", created_at=LATER, data_hash="second"), feature_row("dora", created_at=LATER)]
    write = Write(backend, staged, CONSTANTS)
    assert set(write.warehouse.staged_columns(TARGET, RUN)) == set(TARGET.column_names) - set(CONSTANTS)
    assert [write.checked()[NOVEMBER_18][name] for name in ("staged", "null_in_required")] == [2, 0]
    assert write.merged(inserts_only=inserts_only) == MergeCounts(inserted=1, updated=0 if inserts_only else 1)
    rows = by_player(backend)
    assert {name: rows["dora"][name] for name in CONSTANTS} == {**CONSTANTS, "feature_names": ["one", "two"]}
    names = before["bert"]["feature_names"] if inserts_only else ["one", "two"]
    assert (rows["bert"]["feature_names"], rows["bert"]["reprocess_attempt_count"]) == (names, 0)


def test_an_overwrite_writes_constants_that_are_not_staged(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    backend.set_value(TARGET, "reprocess_attempt_count", "7", "player_lookup = 'bert'")
    staged = [feature_row("bert", created_at=LATER), feature_row("dora", created_at=LATER)]
    Write(backend, staged, CONSTANTS).overwritten(NOVEMBER_18)
    rows = by_player(backend)
    assert {name: rows["dora"][name] for name in CONSTANTS} == {**CONSTANTS, "feature_names": ["one", "two"]}
    assert (rows["bert"]["feature_names"], rows["bert"]["reprocess_attempt_count"]) == (["one", "two"], 7)
    assert set(rows) == {"bert", "carl", "dora"}


def test_a_merge_takes_the_dates_of_its_slice_alone(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    staged = [feature_row("dora"), feature_row("carl", NOVEMBER_19, data_hash="second")]
    write = Write(backend, staged)
    assert write.merged(NOVEMBER_18) == MergeCounts(inserted=1, updated=0)
    assert by_player(backend)["carl"]["data_hash"] == "first"
    assert write.merged(NOVEMBER_19) == MergeCounts(inserted=0, updated=1)


def test_a_hash_that_was_never_set_is_another_hash(backend: Backend) -> None:
    backend.load(TARGET, [feature_row("anna", data_hash=None)])
    assert Write(backend, [feature_row("anna", created_at=LATER)]).merged() == MergeCounts(inserted=0, updated=1)


def test_of_a_key_that_is_staged_twice_the_newest_is_merged(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    write = Write(
        backend,
        [
            feature_row("dora", data_hash="b"),
            feature_row("dora", data_hash="d", created_at=LATER),
            feature_row("dora", data_hash="c", created_at=LATER),
        ],
    )
    assert write.checked()[NOVEMBER_18]["duplicated"] == 2
    assert write.merged() == MergeCounts(inserted=1, updated=0)
    assert by_player(backend)["dora"]["data_hash"] == "c"


def test_the_check_finds_nothing_wrong_with_good_rows(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    staged = Write(backend, [feature_row("anna"), placeholder_row("dora")]).checked()[NOVEMBER_18]
    faults = ("duplicated", "wrong_feature_count", "not_finite", "no_hash", "null_in_required", "null_in_array")
    assert [staged[fault] for fault in faults] == [0] * 6
    assert [staged[f"rows_{source}"] for source in ("phase4", "early_season", "mixed")] == [1, 1, 0]
    assert float(staged["mean_quality"]) == 48.75


FULL = [1.0] * 24
FAULTY: dict[str, list[dict[str, Any]]] = {
    "wrong_feature_count": [
        {"features": FULL},
        {"features": []},
        {"features": None},
        {"feature_count": 24},
        {"early_season_flag": True},
    ],
    "not_finite": [{"features": [*FULL, value]} for value in (math.nan, math.inf, -math.inf)],
    "no_hash": [{"data_hash": None}],
    "null_in_required": [{"game_id": None}, {"feature_version": None}, {"data_source": None}],
}


def test_the_check_counts_what_is_wrong_by_its_kind(backend: Backend) -> None:
    """All faults in one staged table: one player a faulty row, one date a fault."""
    backend.load(TARGET, [])
    dates = {fault: NOVEMBER_18 + datetime.timedelta(days=number) for number, fault in enumerate(FAULTY)}
    rows = [
        feature_row(f"player_{number}", dates[fault], **faulty)
        for fault, changes in FAULTY.items()
        for number, faulty in enumerate(changes)
    ]
    # A warehouse that keeps no NULL from a required column could not stage them.
    staged = Write(backend, [row for row in rows if backend.name == "delta" or None not in row.values()]).checked(
        *dates.values()
    )
    for fault, changes in FAULTY.items():
        if backend.name == "delta" or fault not in ("no_hash", "null_in_required"):
            found = staged[dates[fault]]
            expected = len(changes) if backend.name == "delta" else sum(None not in c.values() for c in changes)
            assert found[fault] == expected, fault


def test_arrays_with_a_null_in_them_are_found(backend: Backend) -> None:
    if backend.name != "delta":
        pytest.skip("this warehouse stores no NULL in an array")
    backend.load(TARGET, [])
    rows = [
        feature_row("anna", features=[*FULL, None]),
        feature_row("bert", feature_sources=[None]),
        feature_row("carl", data_quality_issues=[None]),
    ]
    staged = Write(backend, rows).checked()[NOVEMBER_18]
    assert (staged["not_finite"], staged["null_in_array"]) == (1, 2)


def test_staging_is_dropped_and_dropping_it_again_is_no_error(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    write = Write(backend, [feature_row("dora")])
    assert backend.staging_exists(TARGET, RUN)
    write.warehouse.drop_staging(TARGET, RUN)
    assert not backend.staging_exists(TARGET, RUN)
    write.warehouse.drop_staging(TARGET, RUN)
    assert len(backend.rows(TARGET)) == 3


def test_overwriting_replaces_the_dates_whole(backend: Backend) -> None:
    backend.load(TARGET, HELD)
    staged = [feature_row("anna", created_at=LATER), feature_row("dora", created_at=LATER)]
    Write(backend, staged).overwritten(NOVEMBER_18)
    rows = by_player(backend)
    assert set(rows) == {"anna", "dora", "carl"}
    assert rows["anna"]["created_at"] == LATER


@pytest.mark.parametrize("overwrite", [False, True], ids=["merge", "overwrite"])
def test_a_target_with_another_column_keeps_it(backend: Backend, overwrite: bool) -> None:
    backend.load(TARGET, HELD)
    backend.add_column(TARGET, "loaded_by", "STRING")
    backend.set_value(TARGET, "loaded_by", "'somebody'", "player_lookup IN ('bert', 'carl')")
    write = Write(backend, [feature_row("bert", data_hash="second"), feature_row("dora")])
    if overwrite:
        write.overwritten(NOVEMBER_18)
    else:
        assert write.merged() == MergeCounts(inserted=1, updated=1)
    rows = by_player(backend)
    assert rows["dora"]["loaded_by"] is None
    assert rows["carl"]["loaded_by"] == "somebody"
    assert rows["bert"]["loaded_by"] == "somebody"


def test_overwriting_a_key_that_is_held_twice_keeps_what_others_wrote_in_its_newest_row(backend: Backend) -> None:
    newest = feature_row("bert", created_at=LATER, reprocess_attempt_count=7, circuit_breaker_active=True)
    backend.load(TARGET, [feature_row("anna"), feature_row("bert"), newest])
    Write(backend, [feature_row("bert", days_rest=9), feature_row("dora")]).overwritten(NOVEMBER_18)
    rows = by_player(backend)
    assert set(rows) == {"bert", "dora"}
    of_others = ("reprocess_attempt_count", "circuit_breaker_active")
    assert [rows["bert"][name] for name in ("days_rest", *of_others)] == [9, 7, True]
    assert [rows["dora"][name] for name in of_others] == [0, False]


def test_a_target_with_a_required_column_of_its_own_is_refused(backend: Backend) -> None:
    backend.load(TARGET, [])
    backend.add_column(TARGET, "loaded_by", "STRING", required=True)
    with pytest.raises(ContractError, match=r"column loaded_by \(STRING\) is REQUIRED and not one that this job fills"):
        backend.make_warehouse().checked_target(TARGET)


@pytest.mark.parametrize("overwrite", [False, True], ids=["merge", "overwrite"])
def test_a_target_without_feature_sources_gets_the_rest(backend: Backend, overwrite: bool) -> None:
    backend.load(TARGET, [])
    backend.drop_column(TARGET, "feature_sources")
    write = Write(backend, [feature_row("dora")])
    rest = [name for name in TARGET.column_names if name != "feature_sources"]
    assert [column.name for column in write.columns] == rest
    assert write.checked()[NOVEMBER_18]["inserted"] == 1
    if overwrite:
        write.overwritten(NOVEMBER_18)
    else:
        assert write.merged() == MergeCounts(inserted=1, updated=0)
    (row,) = backend.rows(TARGET)
    assert "feature_sources" not in row
    assert row["feature_names"] == feature_row("dora")["feature_names"]


def test_a_target_without_another_column_is_refused(backend: Backend) -> None:
    backend.load(TARGET, [])
    backend.drop_column(TARGET, "insufficient_data_reason")
    with pytest.raises(ContractError, match=r"column insufficient_data_reason is missing \(expected STRING\)"):
        backend.make_warehouse().checked_target(TARGET)


@pytest.mark.parametrize("overwrite", [False, True], ids=["merge", "overwrite"])
def test_a_target_with_a_wider_decimal_takes_the_scores(backend: Backend, overwrite: bool) -> None:
    wider = [
        Column(column.name, "NUMERIC" if column.name == "feature_quality_score" else column.type, column.mode)
        for column in TARGET.columns
    ]
    backend.load(TARGET, [feature_row("anna")], wider)
    write = Write(backend, [feature_row("dora")])
    if overwrite:
        write.overwritten(NOVEMBER_18)
    else:
        assert write.merged() == MergeCounts(inserted=1, updated=0)
    assert by_player(backend)["dora"]["feature_quality_score"] == feature_row("dora")["feature_quality_score"]
