"""Reading, creating and appending, on every warehouse: types that come back as they went, and what is no table."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from jobs.errors import ContractError
from jobs.schemas.tables import (
    FEATURE_RUN_DATES,
    ML_FEATURE_STORE,
    PLAYER_DAILY_CACHE,
    TEAM_OFFENSE_GAME_SUMMARY,
    Column,
)
from jobs.warehouse.contract import FoundColumn
from tests.warehouse.backends import Backend
from tests.warehouse.feature_rows import EARLIER, NOVEMBER_18, NOVEMBER_19, feature_row

CACHE_ROW = {
    "player_lookup": "zoë o'neal",
    "cache_date": NOVEMBER_18,
    "points_avg_last_5": Decimal("12.345678901"),
    "games_in_last_7_days": 3,
    "completeness_percentage": 87.5,
    "is_production_ready": True,
    "data_hash": "0123456789abcdef",
    "processed_at": datetime.datetime(2021, 11, 18, 6, 40, 1, 234567),
}


def test_a_source_reads_back_as_it_was_loaded(backend: Backend) -> None:
    backend.load(PLAYER_DAILY_CACHE, [CACHE_ROW, {"player_lookup": "nobody", "cache_date": NOVEMBER_18}])
    rows = backend.make_warehouse().read(PLAYER_DAILY_CACHE)
    assert rows.columns == PLAYER_DAILY_CACHE.column_names
    full, empty = (row.asDict() for row in sorted(rows.collect(), key=lambda row: row["player_lookup"], reverse=True))
    assert {name: full[name] for name in CACHE_ROW} == CACHE_ROW
    others = set(PLAYER_DAILY_CACHE.column_names) - {"player_lookup", "cache_date"}
    assert {empty[name] for name in others} == {None}


def test_reading_takes_dates_from_the_first_to_the_last_and_rows_without_one(backend: Backend) -> None:
    days = [datetime.date(2021, 11, day) for day in (17, 18, 19, 20)]
    rows = [{"player_lookup": str(day), "cache_date": day} for day in [*days, None]]
    backend.load(PLAYER_DAILY_CACHE, rows)
    read = backend.make_warehouse().read(PLAYER_DAILY_CACHE, (NOVEMBER_18, NOVEMBER_19))
    assert {row["cache_date"] for row in read.collect()} == {NOVEMBER_18, NOVEMBER_19, None}


def test_columns_that_no_contract_knows_are_not_read(backend: Backend) -> None:
    columns = [Column("possessions", "INT64"), *reversed(TEAM_OFFENSE_GAME_SUMMARY.columns)]
    backend.load(TEAM_OFFENSE_GAME_SUMMARY, [{"team_abbr": "ATL", "game_date": NOVEMBER_18}], columns)
    warehouse = backend.make_warehouse()
    assert [column.name for column in warehouse.checked_columns(TEAM_OFFENSE_GAME_SUMMARY)] == (
        TEAM_OFFENSE_GAME_SUMMARY.column_names
    )
    assert warehouse.read(TEAM_OFFENSE_GAME_SUMMARY).columns == TEAM_OFFENSE_GAME_SUMMARY.column_names


def test_a_table_that_is_not_there(backend: Backend) -> None:
    warehouse = backend.make_warehouse()
    assert warehouse.actual_columns(PLAYER_DAILY_CACHE) is None
    assert warehouse.checked_target(ML_FEATURE_STORE) is None
    with pytest.raises(ContractError, match=r"player_daily_cache.* does not exist"):
        warehouse.checked_columns(PLAYER_DAILY_CACHE)


def test_something_else_in_the_place_of_a_table(backend: Backend) -> None:
    backend.put_something_else(ML_FEATURE_STORE)
    with pytest.raises(ContractError, match=r"ml_feature_store_v2.* is not a"):
        backend.make_warehouse().checked_target(ML_FEATURE_STORE)


def test_an_empty_table_is_empty(backend: Backend) -> None:
    warehouse = backend.make_warehouse()
    backend.load(PLAYER_DAILY_CACHE, [])
    assert warehouse.is_empty(PLAYER_DAILY_CACHE)
    backend.load(PLAYER_DAILY_CACHE, [CACHE_ROW])
    assert not warehouse.is_empty(PLAYER_DAILY_CACHE)


def test_a_created_target_has_the_columns_of_the_contract(backend: Backend) -> None:
    warehouse = backend.make_warehouse()
    warehouse.create(ML_FEATURE_STORE)
    warehouse.create(ML_FEATURE_STORE)
    assert warehouse.actual_columns(ML_FEATURE_STORE) == [
        FoundColumn(column.name, column.type, column.mode == "required") for column in ML_FEATURE_STORE.columns
    ]
    assert warehouse.checked_target(ML_FEATURE_STORE) == list(ML_FEATURE_STORE.columns)


def test_the_feature_store_reads_back_as_it_was_loaded(backend: Backend) -> None:
    row = feature_row("anna", features=[0.1, -2.5, 1e-9], data_quality_issues=["own_data_incomplete"])
    backend.load(ML_FEATURE_STORE, [row])
    (found,) = backend.rows(ML_FEATURE_STORE)
    assert {name: found[name] for name in row} == row
    assert {found[name] for name in found.keys() - row.keys()} == {None}


LEDGER_ROW = {
    "run_id": "20211120T083000Z-abcdef",
    "game_date": NOVEMBER_18,
    "state": "missing_upstream",
    "status": "failed",
    "reason": 'missing "player_daily_cache",\nplayer\'s \\ ü',
    "context_rows": 20,
    "mean_quality": 87.25,
    "recorded_at": EARLIER.replace(microsecond=123456, tzinfo=datetime.timezone.utc),
}


def test_the_ledger_is_appended_to_and_reads_back(backend: Backend) -> None:
    warehouse = backend.make_warehouse()
    second = {"run_id": LEDGER_ROW["run_id"], "game_date": NOVEMBER_19}
    warehouse.append(FEATURE_RUN_DATES, [LEDGER_ROW])
    warehouse.append(FEATURE_RUN_DATES, [second, {**second, "game_date": datetime.date(2021, 11, 20)}])
    first, *more = sorted(backend.rows(FEATURE_RUN_DATES), key=lambda row: row["game_date"])
    expected = {**LEDGER_ROW, "recorded_at": EARLIER.replace(microsecond=123456)}
    assert {name: first[name] for name in expected} == expected
    assert list(first) == FEATURE_RUN_DATES.column_names
    assert first["inserted"] is None
    assert [row["game_date"].day for row in more] == [19, 20]


def test_a_query_gives_rows_by_name(backend: Backend) -> None:
    warehouse = backend.make_warehouse()
    backend.load(PLAYER_DAILY_CACHE, [CACHE_ROW])
    statement = f"SELECT player_lookup, COUNT(*) AS rows_found FROM {warehouse.sql_name(PLAYER_DAILY_CACHE)} GROUP BY 1"
    assert warehouse.query(statement) == [{"player_lookup": "zoë o'neal", "rows_found": 1}]
