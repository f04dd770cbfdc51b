"""A small invented league for the whole session, imported once; every module changes a copy of its own."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.demo_league import generate
from tests.end_to_end.store import Store, november


@pytest.fixture(scope="session")
def league_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four teams until December 3, 2021, as files."""
    folder = tmp_path_factory.mktemp("league_files")
    generate(folder, teams=4, players_per_team=11, until=datetime.date(2021, 12, 3))
    return folder


@pytest.fixture(scope="session")
def imported(spark: SparkSession, league_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small league in a warehouse without features; to be copied, not changed."""
    store = Store(spark, tmp_path_factory.mktemp("imported"))
    store.import_from(league_files)
    return store


@pytest.fixture(scope="session")
def filled(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small league with the features of November 18 to 21; to be copied, not changed."""
    store = imported.copied_to(tmp_path_factory.mktemp("filled"))
    store.backfill(november(18, 21))
    return store


@pytest.fixture(scope="module")
def store(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A module's own copy of the small league, without features."""
    return imported.copied_to(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def filled_store(filled: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A module's own copy of the small league with the features of November 18 to 21."""
    return filled.copied_to(tmp_path_factory.mktemp("filled_store"))


@pytest.fixture
def own_store(filled: Store, tmp_path: Path) -> Store:
    """A copy of the same for one test, which may spoil it."""
    return filled.copied_to(tmp_path / "warehouse")
