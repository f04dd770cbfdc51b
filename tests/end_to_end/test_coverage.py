"""Coverage of November 2021 against the files themselves, read without Spark; and that it writes nothing."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.coverage import main
from jobs.errors import ExitCode
from jobs.reports.summary import Summary
from jobs.schemas.tables import PHASE4_TABLES, SOURCES, UPCOMING_PLAYER_GAME_CONTEXT, Table
from tests.end_to_end.in_process import answer_of
from tests.end_to_end.store import Store, november

REAL_DATA = Path(os.environ.get("FEATURE_STORE_TEST_DATA", Path(__file__).parents[2] / "../shared/data/nba_field"))
NOVEMBER = november(1, 30)
# The season began on October 19: November 2 is its 15th day.
FIRST_DAY_AFTER_THE_EARLY_SEASON = "2021-11-02"
Keys = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Asked:
    """The command's answer as an object and as a person reads it, and the store that was asked."""

    content: dict[str, Any]
    text: str
    store: Store

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        return {table["table"]: table for table in self.content["tables"]}


def command(store: Store, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """The command in this process."""
    return answer_of(main, store, monkeypatch, *arguments)


@pytest.fixture(scope="module")
def source(league_files: Path) -> Path:
    if REAL_DATA.is_dir():
        return REAL_DATA
    warnings.warn(f"no folder {REAL_DATA}: the month of an invented league in place of the real one", stacklevel=1)
    return league_files


@pytest.fixture(scope="module")
def keys(source: Path) -> Keys:
    """The keys of November of every source, with their dates last, each as often as it stands in the file."""

    def of_table(table: Table) -> list[tuple[Any, ...]]:
        names = [*(name for name in table.key if name != table.date_column), table.date_column]
        columns = pq.read_table(source / table.dataset / f"{table.name}.parquet", columns=names).to_pydict()
        return [key for key in zip(*columns.values(), strict=True) if key[-1] in NOVEMBER]

    return {table.name: of_table(table) for table in SOURCES}


@pytest.fixture(scope="module")
def asked(spark: SparkSession, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    store = Store(spark, tmp_path_factory.mktemp("month"))
    store.import_from(source)
    with pytest.MonkeyPatch.context() as patched:
        dates = ("--start", "2021-11-01", "--end", "2021-11-30")
        code, as_text = command(store, patched, *dates)
        in_json, json_text = command(store, patched, *dates, "--json", "--on-missing", "fallback")
    assert (code, in_json) == (ExitCode.DONE, ExitCode.DONE), as_text
    return Asked(json.loads(json_text), as_text, store)


def dates_of(keys: list[tuple[Any, ...]]) -> set[str]:
    return {str(key[-1]) for key in keys}


def absent(keys: Keys, table: str) -> list[str]:
    """The game days after the early season of which a file has no row."""
    game_days = sorted(dates_of(keys[UPCOMING_PLAYER_GAME_CONTEXT.name]) - dates_of(keys[table]))
    return [day for day in game_days if day >= FIRST_DAY_AFTER_THE_EARLY_SEASON]


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the real seasons are not here")
def test_the_bottleneck_of_the_real_november(asked: Asked, keys: Keys) -> None:
    table = "player_composite_factors"
    assert asked.content["bottleneck"]["tables"] == [table]
    assert len(absent(keys, table)) == 12
    line = "2021-11-02 to 2021-11-09, 2021-11-11, 2021-11-16, 2021-11-29 to 2021-11-30"
    assert f"missing  {table} on 12 game days: {line}\n" in asked.text
    assert f"bottleneck: {table}, missing on 12 of 28 game days" in asked.text


def test_the_missing_dates_are_those_of_the_files(asked: Asked, keys: Keys) -> None:
    expected = {table.name: absent(keys, table.name) for table in PHASE4_TABLES}
    assert {name: asked.tables[name]["missing_dates"] for name in expected} == expected
    most = max(map(len, expected.values()))
    assert asked.content["bottleneck"]["missing_dates"] == most > 0
    assert asked.content["bottleneck"]["tables"] == [name for name, dates in expected.items() if len(dates) == most]


def test_rows_and_dates_are_those_of_the_files(asked: Asked, keys: Keys) -> None:
    for name, of_table in keys.items():
        found, dates = asked.tables[name], dates_of(of_table)
        assert (found["rows"], found["duplicated_rows"]) == (len(of_table), len(of_table) - len(set(of_table)))
        assert (found["first_date"], found["last_date"]) == (min(dates), max(dates))
        by_date = [sum(str(key[-1]) == day for key in of_table) for day in dates]
        assert found["rows_a_date"] == {"mean": round(sum(by_date) / len(by_date), 2), "least": min(by_date)}


def test_dates_players_and_rows_are_those_of_context(asked: Asked, keys: Keys) -> None:
    context = set(keys[UPCOMING_PLAYER_GAME_CONTEXT.name])
    content = asked.content
    assert (content["players"], content["rows_expected"]) == (len({player for player, _ in context}), len(context))
    by_date = {day: sum(str(date) == day for _, date in context) for day in dates_of(list(context))}
    assert {date["game_date"]: date["players"] for date in content["dates"]} == by_date
    for date in content["dates"]:
        early = date["game_date"] < FIRST_DAY_AFTER_THE_EARLY_SEASON
        missing = [table.name for table in PHASE4_TABLES if date["game_date"] in absent(keys, table.name)]
        assert date["missing_tables"] == missing
        assert date["state"] == ("early_season" if early else "missing_upstream" if missing else "ready")
        assert date["action"] == "write"


def test_a_date_that_lacks_a_table_would_fail_unless_told_otherwise(asked: Asked, keys: Keys) -> None:
    lacking = {day for table in PHASE4_TABLES for day in absent(keys, table.name)}
    states = asked.content["dates_by_state"]
    assert states["missing_upstream"] == len(lacking)
    written = states["early_season"] + states["ready"]
    assert f"{written} dates would be written, {len(lacking)} would fail, 0 would be skipped" in asked.text


def test_nothing_is_written(asked: Asked) -> None:
    folders = {folder.name for folder in asked.store.root.iterdir()}
    assert folders == {table.dataset for table in SOURCES}


def test_a_dry_run_has_the_same_coverage(asked: Asked) -> None:
    outcome = asked.store.backfill(NOVEMBER, dry_run=True, on_missing="fallback")
    coverage = Summary(outcome).as_json()["coverage"]
    assert coverage == {name: asked.content[name] for name in coverage}


def test_nothing_to_read_is_wrong_input(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = command(Store(spark, tmp_path), monkeypatch, "--dates", "2021-11-18", "--json")
    assert code == ExitCode.WRONG_INPUT
    assert "player_daily_cache" in json.loads(text)["error"]
    assert list(tmp_path.iterdir()) == []
