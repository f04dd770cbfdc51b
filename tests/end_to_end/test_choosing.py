"""Dates that are chosen by what is there: missing ones, failed ones, and those that read a row processed since."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jobs.backfill.dates import chosen_dates
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError
from jobs.ledger.run_id import now
from jobs.planning.plan import requested_dates
from jobs.schemas.tables import PLAYER_DAILY_CACHE
from tests.end_to_end.store import Store, november, silent

DAYS = november(18, 26)


def day(number: int) -> datetime.date:
    return datetime.date(2021, 11, number)


def choose(store: Store, first: int | None = None, last: int | None = None, **selection: Any) -> Any:
    settings = load_settings({"on_missing": "fallback"}, environment={})
    dates = (day(first) if first else None, day(last) if last else None, None)
    with store.opened() as warehouse:
        chosen = chosen_dates(warehouse, settings, silent(), *dates, **selection)
    return None if chosen is None else list(chosen.listed or ())


@pytest.fixture(scope="module")
def store(filled_store: Store) -> Store:
    """November 18 to 21 is there."""
    return filled_store


def test_missing_failed_and_changed_dates(store: Store) -> None:
    there = sorted(store.features_by_date())
    assert choose(store, there[0].day, there[-1].day, only_missing=True) is None
    assert choose(store, there[0].day, 26, only_missing=True) == [
        date for date in map(day, range(there[-1].day + 1, 27)) if date in store.backfill(DAYS, dry_run=True).dates
    ]

    failing = store.backfill(DAYS, on_missing="fail", minimum_rows={"player_daily_cache": 10_000})
    failed = [outcome.planned.game_date for outcome in failing.with_status("failed")]
    assert failed
    assert choose(store, only_failed=failing.run_id) == failed

    store.backfill(DAYS, on_missing="fallback")
    assert choose(store, 18, 26, changed=True) is None
    before = store.features()
    three = sorted(store.features_by_date())[1:6:2]
    listed = ", ".join(f"DATE '{date}'" for date in three)
    player = sorted(player for player, date in before if date == three[0])[0]
    store.sql(
        f"UPDATE {{table}} SET processed_at = TIMESTAMP '{now():%Y-%m-%d %H:%M:%S}' WHERE cache_date IN ({listed})",
        PLAYER_DAILY_CACHE,
    )
    store.sql(
        f"UPDATE {{table}} SET points_avg_last_5 = 33.3 WHERE cache_date IN ({listed}) AND player_lookup = '{player}'",
        PLAYER_DAILY_CACHE,
    )
    assert choose(store, 18, 26, changed=True) == three

    run = store.backfill(requested_dates(None, None, three), on_missing="fallback")
    after = store.features()
    updated = {key for key, row in after.items() if row["updated_at"] != before[key]["updated_at"]}
    assert updated == {key for key in before if key[0] == player and key[1] in three}
    assert run.rows["updated"] == len(updated) > 0
    assert all(after[key]["created_at"] == row["created_at"] for key, row in before.items())
    assert choose(store, 18, 26, changed=True) is None


def test_selections_that_do_not_go_together(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="give one of them"):
        choose(store, 18, 21, only_missing=True, changed=True)
    with pytest.raises(ConfigurationError, match="--only-failed takes the dates of its run"):
        choose(store, 18, 21, only_failed="x")
    with pytest.raises(ConfigurationError, match="has no run 'x'"):
        choose(store, only_failed="x")
