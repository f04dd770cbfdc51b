"""A source that changed between two runs: exactly the rows that it changes are updated, and nothing else is touched."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

import pytest

from jobs.planning.outcome import RunOutcome
from jobs.schemas.tables import (
    PHASE4_TABLES,
    PLAYER_GAME_SUMMARY,
    SOURCES,
    TEAM_DEFENSE_GAME_SUMMARY,
    TEAM_OFFENSE_GAME_SUMMARY,
    UPCOMING_PLAYER_GAME_CONTEXT,
)
from tests.end_to_end.store import Key, Row, Store, november

CHANGED_DATE = datetime.date(2021, 11, 20)
REQUESTED = november(18, 21)
OTHER_PROCESS = {
    "circuit_breaker_active": True,
    "circuit_breaker_until": datetime.datetime(2021, 11, 30, 12),
    "last_reprocess_attempt_at": datetime.datetime(2021, 11, 29, 12),
    "reprocess_attempt_count": 3,
    "manual_override_required": True,
}


class Changes(NamedTuple):
    before: dict[Key, Row]
    changed_players: set[str]
    run: RunOutcome
    after: dict[Key, Row]
    commits: list[str]


@pytest.fixture(scope="module")
def changes(filled_store: Store) -> Changes:
    """Two players of a date get another status; one of them is in the hands of the circuit breaker."""
    store = filled_store
    first, second = sorted(player for player, date in store.features() if date == CHANGED_DATE)[:2]
    store.sql(
        "UPDATE {table} SET circuit_breaker_active = true, circuit_breaker_until = TIMESTAMP '2021-11-30 12:00:00',"
        " last_reprocess_attempt_at = TIMESTAMP '2021-11-29 12:00:00', reprocess_attempt_count = 3,"
        f" manual_override_required = true WHERE game_date = DATE '{CHANGED_DATE}' AND player_lookup = '{first}'"
    )
    before = store.features()
    store.sql(
        "UPDATE {table} SET player_status = CASE"
        " WHEN player_status IN ('out', 'doubtful') THEN 'available' ELSE 'out' END"
        f" WHERE game_date = DATE '{CHANGED_DATE}' AND player_lookup IN ('{first}', '{second}')",
        UPCOMING_PLAYER_GAME_CONTEXT,
    )
    commits = store.commits()
    run = store.backfill(REQUESTED)
    return Changes(before, {first, second}, run, store.features(), store.commits()[len(commits) :])


def test_exactly_the_changed_rows_are_updated(changes: Changes) -> None:
    changed = {(player, CHANGED_DATE) for player in changes.changed_players}
    unchanged = len(changes.before) - 2
    assert changes.run.rows == {"inserted": 0, "updated": 2, "unchanged": unchanged, "skipped": 0, "not_computed": 0}
    assert {key for key, row in changes.after.items() if row != changes.before[key]} == changed
    assert changes.commits == ["MERGE"]


def test_an_update_keeps_the_first_writing_and_says_when(changes: Changes) -> None:
    for player in changes.changed_players:
        before, after = changes.before[player, CHANGED_DATE], changes.after[player, CHANGED_DATE]
        assert after["created_at"] == before["created_at"]
        assert before["updated_at"] is None
        assert after["updated_at"] > after["created_at"]
        assert after["data_hash"] != before["data_hash"]
        assert after["features"][10] != before["features"][10]


def test_an_update_leaves_the_other_process_alone(changes: Changes) -> None:
    first, second = sorted(changes.changed_players)
    held: dict[str, Any] = {name: changes.after[first, CHANGED_DATE][name] for name in OTHER_PROCESS}
    assert held == OTHER_PROCESS
    inserted = {name: changes.after[second, CHANGED_DATE][name] for name in OTHER_PROCESS}
    assert inserted == {
        "circuit_breaker_active": False,
        "circuit_breaker_until": None,
        "last_reprocess_attempt_at": None,
        "reprocess_attempt_count": 0,
        "manual_override_required": False,
    }


def test_the_ledger_says_which_date_changed(changes: Changes, filled_store: Store) -> None:
    updated = {row["game_date"]: row["updated"] for row in filled_store.ledger(changes.run.run_id)}
    assert updated == {date: 2 if date == CHANGED_DATE else 0 for date in updated}
    assert len(updated) == len({date for _, date in changes.before})


@pytest.fixture(scope="module")
def duplicated(changes: Changes, filled_store: Store) -> RunOutcome:
    """Every row of every source a second time, as it was processed a day earlier, with other numbers."""
    spoiled = {
        UPCOMING_PLAYER_GAME_CONTEXT.name: {"player_status": "'out'", "team_abbr": "'XXX'"},
        PLAYER_GAME_SUMMARY.name: {"points": "points + 7L"},
        TEAM_OFFENSE_GAME_SUMMARY.name: {"win_flag": "NOT win_flag"},
        TEAM_DEFENSE_GAME_SUMMARY.name: {"defensive_rating": "CAST(1 AS DECIMAL(6, 2))"},
        **{table.name: {"is_production_ready": "false", "data_hash": "'old'"} for table in PHASE4_TABLES},
    }
    for table in SOURCES:
        rows = filled_store.spark.read.format("delta").load(str(filled_store.folder(table)))
        changed = spoiled.get(table.name, {})
        if "processed_at" in rows.columns:
            changed["processed_at"] = "processed_at - INTERVAL 1 DAY"
        older = rows.selectExpr(*[f"{changed.get(name, name)} AS {name}" for name in rows.columns])
        older.write.format("delta").mode("append").save(str(filled_store.folder(table)))
    return filled_store.backfill(REQUESTED)


def test_duplicates_in_every_source_change_only_the_count_of_rows(
    changes: Changes, duplicated: RunOutcome, filled_store: Store
) -> None:
    assert duplicated.rows["inserted"] == 0
    assert duplicated.plan.context_rows == sum(duplicated.rows.values()) == len(changes.after)
    of_the_count = {f"source_{name}_rows_found" for name in ("daily_cache", "composite", "shot_zones", "team_defense")}
    doubled = 0
    for key, row in filled_store.features().items():
        before = changes.after[key]
        differing = {name for name in row if row[name] != before[name]} - {"data_hash", "updated_at"}
        assert differing <= of_the_count, key
        assert all(row[name] == 2 * before[name] for name in differing)
        doubled += bool(differing)
    assert doubled == duplicated.rows["updated"] > 0
