"""Pre-computed tables filled: from nothing, again, where they lack a date, over rows that stand twice, and put back."""

from __future__ import annotations

import datetime
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from jobs.backfill.writer import Writing
from jobs.backfill_upstream import backfill_upstream, named_tables, resume_run
from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError, ContractError, ExitCode
from jobs.planning.plan import requested_dates
from jobs.rollback import rollback
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import (
    FEATURE_RUNS,
    PLAYER_DAILY_CACHE,
    UPCOMING_PLAYER_GAME_CONTEXT,
)
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.store import Store, november, silent, without_times

SHOT_ZONES, TEAM_DEFENSE, CACHE, COMPOSITE = UPSTREAM_TARGETS
DAYS = november(1, 14)
NOT_COMPARED = ("processed_at", "created_at", "data_hash", "universal_player_id")


def settings(**options: Any) -> Any:
    return load_settings(options, environment={})


@pytest.fixture(scope="module")
def emptied(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small league without a pre-computed table."""
    store = imported.copied_to(tmp_path_factory.mktemp("emptied"))
    for table in UPSTREAM_TARGETS:
        folder = store.folder(table)
        folder.rename(folder.with_name(f"shipped_{folder.name}"))
    return store


@pytest.fixture(scope="module")
def upstream(emptied: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, Any]]:
    """The tables filled for the first half of November, and the outcome of each."""
    store = emptied.copied_to(tmp_path_factory.mktemp("upstream"))
    return store, store.fill_upstream(DAYS)


def test_four_tables_from_nothing_hold_what_the_leagues_own_tables_hold(upstream: Any) -> None:
    store, outcomes = upstream
    assert list(outcomes) == [table.name for table in UPSTREAM_TARGETS]
    for table in UPSTREAM_TARGETS:
        found = store.keyed(table)
        shipped = store.sql(
            f"SELECT * FROM delta.`{store.folder(table).with_name('shipped_' + table.name)}` "
            f"WHERE {table.date_column} BETWEEN DATE '{DAYS.start}' AND DATE '{DAYS.end}'"
        )
        # What was processed again there was changed on purpose.
        keys = Counter(tuple(row[key] for key in table.key) for row in shipped)
        once = [row for row in shipped if keys[tuple(row[key] for key in table.key)] == 1]
        assert len(once) > 0.9 * len(shipped)
        compared = [name for name in table.column_names if name not in NOT_COMPARED and name in shipped[0]]
        assert len(compared) >= 8
        differing = Counter(
            name for row in once for name in compared if found[tuple(row[key] for key in table.key)][name] != row[name]
        )
        assert not differing, f"{table.name}: {differing} of {len(shipped)}"


def test_every_date_and_player_is_accounted_for(upstream: Any) -> None:
    store, outcomes = upstream
    for table in UPSTREAM_TARGETS:
        outcome = outcomes[table.name]
        assert outcome.exit_code is ExitCode.DONE
        assert outcome.plan.context_rows == sum(outcome.rows.values())
        assert outcome.rows["inserted"] == len(store.keyed(table))
        assert outcome.rows["skipped"] == len(store.skips(outcome.run_id))
        early = [date for date in outcome.dates.values() if date.planned.state == "early_season"]
        assert {date.status for date in early} == {"skipped"}
        assert store.statuses(outcome.run_id) == ["running", "succeeded"]
        assert list(store.folder(table).parent.glob("*_staging_*")) == []
    reasons = {reason for *_, reason, _ in store.skips(outcomes[CACHE.name].run_id)}
    assert reasons <= {"too_few_season_games"}


def test_a_second_run_writes_nothing(upstream: Any, tmp_path: Path) -> None:
    store = upstream[0].copied_to(tmp_path / "again")
    before = {table.name: (store.files(table), store.keyed(table)) for table in UPSTREAM_TARGETS}
    for name, outcome in store.fill_upstream(DAYS).items():
        assert (outcome.rows["inserted"], outcome.rows["updated"]) == (0, 0), name
        assert outcome.rows["unchanged"] == upstream[1][name].rows["inserted"]
    assert before == {table.name: (store.files(table), store.keyed(table)) for table in UPSTREAM_TARGETS}


def test_only_the_missing_dates_of_each_table_are_taken(upstream: Any, tmp_path: Path) -> None:
    store = upstream[0].copied_to(tmp_path / "missing")
    whole = without_times(store.keyed(CACHE))
    days = sorted({key[1] for key in whole})[1:3]
    listed = ", ".join(f"DATE '{day}'" for day in days)
    store.sql(f"DELETE FROM {{table}} WHERE cache_date IN ({listed})", CACHE)
    planned = store.fill_upstream(DAYS, only_missing=True, dry_run=True)
    assert [outcome.to_write() for outcome in planned.values()] == [days]
    assert without_times(store.keyed(CACHE)) != whole
    outcomes = store.fill_upstream(DAYS, only_missing=True)
    assert list(outcomes) == [CACHE.name]
    assert outcomes[CACHE.name].to_write() == days
    assert without_times(store.keyed(CACHE)) == whole
    assert store.fill_upstream(DAYS, only_missing=True) == {}


def test_keys_that_stand_twice_are_counted_once_and_a_rollback_brings_both_back(
    imported: Store, tmp_path: Path
) -> None:
    store = imported.copied_to(tmp_path / "twice")
    day = max(row["cache_date"] for row in store.rows(CACHE))
    key = max(row["player_lookup"] for row in store.rows(CACHE) if row["cache_date"] == day)
    of_day = f"cache_date = DATE '{day}'"
    store.sql(f"DELETE FROM {{table}} WHERE {of_day} AND player_lookup <> '{key}'", CACHE)
    store.sql(f"INSERT INTO {{table}} SELECT * FROM {{table}} WHERE {of_day}", CACHE)
    twice = sum(row["cache_date"] == day for row in store.rows(CACHE))
    assert twice >= 2
    before = sorted(map(str, store.rows(CACHE)))
    run = store.fill_upstream(requested_dates(day, day, None), tables=[CACHE])[CACHE.name]
    assert run.rows["updated"] == 1
    assert run.plan.context_rows == sum(run.rows.values())
    rows = [row for row in store.rows(CACHE) if row["cache_date"] == day and row["player_lookup"] == key]
    assert len(rows) == twice
    assert len({row["data_hash"] for row in rows}) == 1
    done = rollback(store.warehouse, settings(), run.run_id, silent())
    assert sorted(map(str, store.rows(CACHE))) == before
    assert done.as_json()["status"] == "succeeded"
    again = store.fill_upstream(requested_dates(day, day, None), tables=[CACHE], write_mode="overwrite")[CACHE.name]
    assert again.rows["updated"] == 1
    assert Counter(row["player_lookup"] for row in store.rows(CACHE) if row["cache_date"] == day)[key] == 1


def test_a_run_that_stops_after_staging_is_resumed(upstream: Any, tmp_path: Path, monkeypatch: Any) -> None:
    whole = without_times(upstream[0].keyed(COMPOSITE))
    store = upstream[0].copied_to(tmp_path / "stopped")
    store.sql("DELETE FROM {table} WHERE TRUE", COMPOSITE)
    with monkeypatch.context() as patched:
        patched.setattr(DeltaWarehouse, "merge", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            store.fill_upstream(DAYS, tables=[COMPOSITE])
    run_id = max(row["run_id"] for row in store.rows(FEATURE_RUNS))
    monkeypatch.setattr("jobs.backfill.precompute.upstream_rows", None)
    outcome = resume_run(store.warehouse, settings(), silent(), run_id, [])
    assert outcome.run_id == run_id
    assert without_times(store.keyed(COMPOSITE)) == whole
    assert store.statuses(run_id) == ["running", "failed", "running", "succeeded"]


def test_a_run_that_stops_says_which_tables_are_not_begun(upstream: Any, tmp_path: Path, monkeypatch: Any) -> None:
    store = upstream[0].copied_to(tmp_path / "first_of_three")
    printed = io.StringIO()
    monkeypatch.setattr(Writing, "stage", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space left"):
        backfill_upstream(
            store.warehouse,
            settings(),
            DAYS,
            Progress(Console(file=printed, soft_wrap=True)),
            tables=[TEAM_DEFENSE, CACHE, COMPOSITE],
        )
    *_, resume, left = printed.getvalue().splitlines()
    assert "backfill_upstream" in resume
    assert "--resume" in resume
    assert left == f"not begun: {CACHE.name}, {COMPOSITE.name}; afterwards, the same command with --only-missing"


def test_a_column_that_only_this_job_reads(imported: Store, tmp_path: Path) -> None:
    store = imported.copied_to(tmp_path / "narrow")
    context = UPCOMING_PLAYER_GAME_CONTEXT
    rows = store.spark.read.format("delta").load(str(store.folder(context))).drop("pace_differential")
    store.warehouse.replace(context, rows)
    with pytest.raises(ContractError, match=rf"{context.name} .*column pace_differential is missing .expected NUMERIC"):
        store.fill_upstream(DAYS)
    assert store.backfill(november(20, 20), dry_run=True).plan.dates


def test_a_table_that_lacks_a_column_that_is_to_be_written(imported: Store, tmp_path: Path) -> None:
    store = imported.copied_to(tmp_path / "lacking")
    rows = store.spark.read.format("delta").load(str(store.folder(CACHE))).drop("ts_pct_last_10")
    store.warehouse.replace(PLAYER_DAILY_CACHE, rows)
    with pytest.raises(ContractError, match=r"player_daily_cache .*column ts_pct_last_10 is missing"):
        store.fill_upstream(DAYS, tables=[CACHE])


def test_names_of_tables() -> None:
    assert named_tables("all") == list(UPSTREAM_TARGETS)
    assert named_tables(f"{COMPOSITE.name}, {SHOT_ZONES.name}") == [SHOT_ZONES, COMPOSITE]
    with pytest.raises(ConfigurationError, match="--table 'shots' is none of all, player_shot_zone_analysis"):
        named_tables("shots")
    with pytest.raises(ConfigurationError, match="--table is empty"):
        named_tables(" ,")


def test_a_day_without_a_game_and_one_of_the_early_season(upstream: Any) -> None:
    store, _ = upstream
    october, august = datetime.date(2021, 10, 20), datetime.date(2021, 8, 1)
    early = store.fill_upstream(requested_dates(october, october, None), tables=[CACHE])[CACHE.name]
    assert early.exit_code is ExitCode.DONE
    assert early.rows["inserted"] == 0
    nobody = store.fill_upstream(requested_dates(august, august, None), tables=[TEAM_DEFENSE])
    assert nobody[TEAM_DEFENSE.name].plan.dates == ()
