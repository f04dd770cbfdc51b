"""What a run that is resumed must have in common with its beginning."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobs.backfill.resume import check_same_places, check_same_version
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError
from jobs.ledger.history import LoggedRun
from jobs.ledger.run_id import now
from jobs.ledger.run_row import RunRow

TARGET = "nba_predictions.ml_feature_store_v2"
SOURCE = {"player_game_summary": "lake.games"}


def logged(**parameters: Any) -> LoggedRun:
    values = {"target": TARGET, "warehouse": "delta", "tables": {}, **parameters}
    row = {"run_id": "20211101T000000Z-abcdef", "parameters": json.dumps(values)}
    return LoggedRun(RunRow.of_row(row), now())


def check(run: LoggedRun, **options: Any) -> None:
    check_same_places(run, load_settings(options, environment={}), TARGET)


def test_the_same_tables_pass_however_they_are_named() -> None:
    check(logged())
    check(logged(tables=SOURCE), tables=SOURCE)
    check(logged(), tables={"player_game_summary": "nba_analytics.player_game_summary"})


def test_a_source_in_another_place_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"has player_game_summary in lake\.games, not in nba_analytics\."):
        check(logged(tables=SOURCE))


def test_another_target_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"writes lab\.mine, not nba_predictions\.ml_feature_store_v2"):
        check(logged(target="lab.mine"))


def test_another_warehouse_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is of a bigquery warehouse, not of delta"):
        check(logged(warehouse="bigquery"))


def test_a_run_of_another_feature_version_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"writes rows of v1_24, this version of the program those of v1_25;"):
        check_same_version(logged(feature_version="v1_24"), "v1_25")
    check_same_version(logged(feature_version="v1_25"), "v1_25")


def test_a_run_that_was_begun_before_versions_were_recorded_passes() -> None:
    check_same_version(logged(), "v1_25")
    check_same_version(logged(feature_version=None), None)
