"""Skipped rows, each with its reason: unusable keys in any mode, incomplete data in the daily mode."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import NamedTuple

import pytest

from jobs.errors import ExitCode
from jobs.planning.outcome import RunOutcome
from jobs.schemas.tables import PLAYER_COMPOSITE_FACTORS, UPCOMING_PLAYER_GAME_CONTEXT
from tests.end_to_end.store import Store, november

NOVEMBER_9, NOVEMBER_18, NOVEMBER_20, NOVEMBER_24 = (datetime.date(2021, 11, day) for day in (9, 18, 20, 24))


class Runs(NamedTuple):
    players: dict[datetime.date, list[str]]
    backfill: RunOutcome
    after_backfill: set[tuple[str, datetime.date]]
    daily: RunOutcome


@pytest.fixture(scope="module")
def runs(store: Store) -> Runs:
    context = UPCOMING_PLAYER_GAME_CONTEXT
    found = store.sql("SELECT DISTINCT game_date, player_lookup FROM {table}", context)
    players: dict[datetime.date, list[str]] = {}
    for row in sorted(found, key=lambda row: row["player_lookup"]):
        players.setdefault(row["game_date"], []).append(row["player_lookup"])
    # November 24 has no game: it is a game date only by a row that nobody can use.
    assert NOVEMBER_24 not in players
    insert = "INSERT INTO {table} (player_lookup, game_date, game_id, team_abbr, processed_at) VALUES "
    store.sql(
        insert
        + ", ".join(
            f"({player}, {date}, 'a_game', 'ATL', TIMESTAMP '2021-11-01 00:00:00')"
            for player, date in (
                ("NULL", f"DATE '{NOVEMBER_9}'"),
                ("NULL", f"DATE '{NOVEMBER_18}'"),
                ("NULL", f"DATE '{NOVEMBER_18}'"),
                ("NULL", f"DATE '{NOVEMBER_24}'"),
                ("'nobody'", "CAST(NULL AS DATE)"),
                ("NULL", "CAST(NULL AS DATE)"),
            )
        ),
        context,
    )
    store.sql(
        f"INSERT INTO {{table}} (player_lookup, game_date) VALUES (NULL, DATE '{NOVEMBER_9}')", PLAYER_COMPOSITE_FACTORS
    )
    without_game = players[NOVEMBER_18][0]
    where = f"player_lookup = '{without_game}' AND game_date = DATE '{NOVEMBER_18}'"
    store.sql("UPDATE {table} SET game_id = NULL WHERE " + where, context)
    backfill = store.backfill(november(9, 24))
    after_backfill = set(store.features())
    not_ready = players[NOVEMBER_20][0]
    where = f"player_lookup = '{not_ready}' AND game_date = DATE '{NOVEMBER_20}'"
    store.sql("UPDATE {table} SET is_production_ready = false WHERE " + where, PLAYER_COMPOSITE_FACTORS)
    return Runs(
        players, backfill, after_backfill, store.backfill(november(20, 24), mode="daily", on_missing="fallback")
    )


def test_unusable_rows_are_skipped_with_their_reason(runs: Runs, store: Store) -> None:
    invalid = "invalid_input"
    expected = [
        (NOVEMBER_18, runs.players[NOVEMBER_18][0], invalid, "game_id is NULL"),
        (NOVEMBER_18, None, invalid, "player_lookup is NULL"),
        (NOVEMBER_18, None, invalid, "player_lookup is NULL"),
        (None, "nobody", invalid, "game_date is NULL"),
        (None, None, invalid, "player_lookup and game_date are NULL"),
    ]
    assert Counter(store.skips(runs.backfill.run_id)) == Counter(expected)


def test_the_other_rows_of_their_dates_are_written(runs: Runs) -> None:
    written = {player for player, date in runs.after_backfill if date == NOVEMBER_18}
    assert written == set(runs.players[NOVEMBER_18][1:])


def test_the_sum_closes_over_unusable_rows(runs: Runs) -> None:
    outcome = runs.backfill
    assert outcome.plan.context_rows == sum(outcome.rows.values())
    assert outcome.rows["skipped"] == 5
    # The NULL player of a date that fails is counted with its date.
    assert outcome.dates[NOVEMBER_9].not_computed == len(runs.players[NOVEMBER_9]) + 1
    assert outcome.dates[NOVEMBER_24].not_computed == 1


def test_a_row_without_a_player_makes_no_upstream_table_present(runs: Runs) -> None:
    assert "player_composite_factors" in runs.backfill.dates[NOVEMBER_9].planned.missing_tables


def test_a_date_of_unusable_rows_alone_closes_too(runs: Runs) -> None:
    date = runs.daily.dates[NOVEMBER_24]
    assert (date.status, date.skipped, date.inserted, date.planned.context_rows) == ("written", 1, 0, 1)


def test_the_ledger_counts_what_was_skipped(runs: Runs, store: Store) -> None:
    (row,) = [row for row in store.ledger(runs.backfill.run_id) if row["game_date"] == NOVEMBER_18]
    assert (row["skipped"], row["inserted"]) == (3, len(runs.players[NOVEMBER_18]) - 1)
    assert row["context_rows"] == row["skipped"] + row["inserted"]


def test_daily_skips_incomplete_rows_and_names_what_is_missing(runs: Runs, store: Store) -> None:
    skips = {(date, player): (reason, detail) for date, player, reason, detail in store.skips(runs.daily.run_id)}
    assert skips[NOVEMBER_20, runs.players[NOVEMBER_20][0]] == (
        "incomplete_upstream",
        "upstream_player_composite_factors_incomplete",
    )
    reasons = Counter(reason for reason, _ in skips.values())
    assert set(reasons) <= {"incomplete_upstream", "incomplete_own_data", "invalid_input"}
    for reason, detail in skips.values():
        if reason == "incomplete_own_data":
            assert detail.startswith("completeness_percentage ")
            assert detail.endswith(" is below 90")


def test_daily_leaves_the_target_what_it_held_of_a_skipped_row(runs: Runs, store: Store) -> None:
    assert set(store.features()) == runs.after_backfill


def test_daily_is_content_and_its_sum_closes(runs: Runs) -> None:
    assert runs.daily.exit_code is ExitCode.DONE
    assert runs.daily.plan.context_rows == sum(runs.daily.rows.values())
    assert runs.daily.rows["unchanged"] > 0
