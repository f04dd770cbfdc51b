"""Wrong input stops a run before anything is computed: one sentence that names the table, and an untouched target."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest

from jobs.errors import ConfigurationError, ContractError, ExitCode, JobError
from jobs.planning.plan import requested_dates
from jobs.schemas.tables import (
    FEATURE_RUNS,
    ML_FEATURE_STORE,
    NBAC_SCHEDULE,
    PLAYER_DAILY_CACHE,
    PLAYER_GAME_SUMMARY,
    TEAM_DEFENSE_GAME_SUMMARY,
    TEAM_OFFENSE_GAME_SUMMARY,
    Column,
    Table,
)
from tests.end_to_end.store import Store, november


def rewrite(store: Store, table: Table, *columns: str) -> None:
    folder = str(store.folder(table))
    rows = store.spark.read.format("delta").load(folder).selectExpr(*columns)
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(folder)


def without_a_column(store: Store) -> None:
    kept = [name for name in PLAYER_GAME_SUMMARY.column_names if name != "ft_makes"]
    rewrite(store, PLAYER_GAME_SUMMARY, *kept)


def with_another_type(store: Store) -> None:
    others = [name for name in PLAYER_GAME_SUMMARY.column_names if name != "points"]
    rewrite(store, PLAYER_GAME_SUMMARY, *others, "CAST(points AS STRING) AS points")


def with_a_renamed_key(store: Store) -> None:
    others = [name for name in PLAYER_DAILY_CACHE.column_names if name != "cache_date"]
    rewrite(store, PLAYER_DAILY_CACHE, *others, "cache_date AS date")


def without_a_table(store: Store) -> None:
    shutil.rmtree(store.folder(TEAM_OFFENSE_GAME_SUMMARY))


def with_an_empty_table(store: Store) -> None:
    store.sql("DELETE FROM {table}", TEAM_DEFENSE_GAME_SUMMARY)


def with_a_folder_of_something_else(store: Store) -> None:
    shutil.rmtree(store.folder(NBAC_SCHEDULE) / "_delta_log")


def with_a_file_in_its_place(store: Store) -> None:
    shutil.rmtree(store.folder(NBAC_SCHEDULE))
    store.folder(NBAC_SCHEDULE).write_text("schedule\n")


def without_a_phase(store: Store) -> None:
    phases = [name for choice in NBAC_SCHEDULE.choices for name in choice]
    rewrite(store, NBAC_SCHEDULE, *[name for name in NBAC_SCHEDULE.column_names if name not in phases])


def with_an_empty_log(store: Store) -> None:
    log = store.folder(NBAC_SCHEDULE) / "_delta_log"
    shutil.rmtree(log)
    log.mkdir()


SPOILED: dict[str, tuple[Callable[[Store], None], str]] = {
    "column_missing": (
        without_a_column,
        r"table nba_analytics\.player_game_summary in .*: column ft_makes is missing \(expected INT64\)",
    ),
    "another_type": (
        with_another_type,
        r"table nba_analytics\.player_game_summary in .*: column points is STRING, expected INT64",
    ),
    "key_renamed": (
        with_a_renamed_key,
        r"table nba_precompute\.player_daily_cache in .*: column cache_date is missing \(expected DATE\)",
    ),
    "no_phase": (
        without_a_phase,
        r"^table nba_raw\.nbac_schedule in .*: it needs season_phase \(STRING\) or is_regular_season and is_playoffs "
        r"\(BOOL\), and has neither whole; add one of the two to the table$",
    ),
    "table_absent": (without_a_table, r"table nba_analytics\.team_offense_game_summary in .* does not exist"),
    "table_empty": (with_an_empty_table, r"table nba_analytics\.team_defense_game_summary in .* is empty"),
    "no_delta_table": (
        with_a_folder_of_something_else,
        r"table nba_raw\.nbac_schedule in .*nbac_schedule is not a Delta table",
    ),
    "a_file": (with_a_file_in_its_place, r"table nba_raw\.nbac_schedule in .*nbac_schedule is not a Delta table"),
    "an_empty_log": (with_an_empty_log, r"table nba_raw\.nbac_schedule in .*nbac_schedule is not a Delta table"),
}


def assert_refused(store: Store, message: str, error: type[JobError] = ContractError) -> None:
    before = store.files(ML_FEATURE_STORE)
    with pytest.raises(error, match=message) as refused:
        store.backfill(november(18, 23))
    assert refused.value.exit_code is ExitCode.WRONG_INPUT
    assert len(str(refused.value).splitlines()) == 1
    assert store.files(ML_FEATURE_STORE) == before
    assert store.staging_folders() == []


@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_source_that_is_not_as_its_contract(own_store: Store, spoiled: str) -> None:
    spoil, message = SPOILED[spoiled]
    spoil(own_store)
    assert_refused(own_store, message)


def test_all_wrong_sources_are_named_at_once(own_store: Store) -> None:
    without_a_column(own_store)
    without_a_table(own_store)
    with pytest.raises(ContractError) as refused:
        own_store.backfill(november(18, 23))
    assert ["ft_makes" in line for line in str(refused.value).splitlines()].count(True) == 1
    assert len(str(refused.value).splitlines()) == 2


def test_a_target_that_is_no_delta_table(own_store: Store) -> None:
    shutil.rmtree(own_store.folder(ML_FEATURE_STORE) / "_delta_log")
    assert_refused(own_store, r"table nba_predictions\.ml_feature_store_v2 in .* is not a Delta table")


def test_a_target_with_a_column_of_another_type(own_store: Store) -> None:
    others = [name for name in ML_FEATURE_STORE.column_names if name not in ("data_hash", "game_date")]
    rewrite(own_store, ML_FEATURE_STORE, *others, "game_date", "1L AS data_hash")
    assert_refused(own_store, "column data_hash is INT64, expected STRING")


def test_a_target_with_a_required_column_of_its_own(own_store: Store) -> None:
    shutil.rmtree(own_store.folder(ML_FEATURE_STORE))
    columns = (*ML_FEATURE_STORE.columns, Column("loaded_by", "STRING", "required"))
    own_store.warehouse.create(replace(ML_FEATURE_STORE, columns=columns))
    assert_refused(own_store, r"column loaded_by \(STRING\) is REQUIRED and not one that this job fills")


def test_a_season_that_nobody_knows(own_store: Store) -> None:
    requested = requested_dates(datetime.date(2021, 11, 18), datetime.date(2021, 11, 18), None)
    before = own_store.warehouse.rows(FEATURE_RUNS)
    own_store.sql("UPDATE {table} SET season_year = 2035", NBAC_SCHEDULE)
    own_store.sql("UPDATE {table} SET season_phase = 'preseason'", NBAC_SCHEDULE)
    with pytest.raises(ConfigurationError, match=r"season 2035.*add season_start: \{2035: YYYY-MM-DD\}"):
        own_store.backfill(requested)
    assert own_store.warehouse.rows(FEATURE_RUNS) == before


def test_a_range_without_games_is_nothing_to_do(own_store: Store) -> None:
    before = own_store.files()
    outcome = own_store.backfill(requested_dates(datetime.date(2022, 7, 1), datetime.date(2022, 7, 31), None))
    assert outcome.exit_code is ExitCode.DONE
    assert (outcome.plan.states["no_games"], sum(outcome.rows.values())) == (31, 0)
    assert own_store.files() == before
    assert own_store.statuses(outcome.run_id) == ["running", "succeeded"]
