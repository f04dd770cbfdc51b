"""Staged rows whose commit is answered by an error: the rows that are there are used, and none are made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from google.cloud.bigquery import SchemaField, Table
from py4j.protocol import Py4JNetworkError

from jobs.warehouse.bigquery import staging as on_bigquery
from jobs.warehouse.bigquery.query_jobs import Jobs
from jobs.warehouse.delta import staging as on_delta
from tests.bigquery_emulator.emulator import Emulator
from tests.warehouse.bigquery.project import BigQueryProject

ROWS = [{"player_lookup": "a"}, {"player_lookup": "b"}]
NO_ANSWER = Py4JNetworkError("Answer from Java side is empty")


class Writer:
    """Spark's way to write, and an error for its answer, before it has written or after."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def format(self, _: str) -> Writer:
        return self

    def options(self, **_: str) -> Writer:
        return self

    def mode(self, _: str) -> Writer:
        return self

    def save(self, name: str) -> None:
        self._write(name)
        raise NO_ANSWER


def rows(write: Callable[[str], object]) -> Any:
    return SimpleNamespace(write=Writer(write), sparkSession=None)


def written(name: str) -> None:
    write_deltalake(name, pa.Table.from_pylist(ROWS))


def test_a_commit_on_delta_that_landed_is_used(tmp_path: Path) -> None:
    on_delta.write_staged(tmp_path / "staging", rows(written))
    assert on_delta.is_whole(tmp_path / "staging")


def test_a_commit_on_delta_that_did_not_land_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Py4JNetworkError):
        on_delta.write_staged(tmp_path / "staging", rows(lambda _: None))


def test_rows_on_delta_that_were_there_before_are_not_used(tmp_path: Path) -> None:
    written(str(tmp_path / "staging"))
    with pytest.raises(Py4JNetworkError):
        on_delta.write_staged(tmp_path / "staging", rows(lambda _: None))


@pytest.fixture
def project(emulator: Emulator) -> BigQueryProject:
    return BigQueryProject(emulator)


@pytest.fixture
def name(project: BigQueryProject) -> str:
    """A staging table without rows."""
    name = f"{project.emulator.project}.{project.places['feature_runs']}_staging"
    project.client.create_table(Table(name, [SchemaField("player_lookup", "STRING")]))
    return name


def stage_on_bigquery(project: BigQueryProject, name: str, write: Callable[[str], object]) -> None:
    connection = project.connection()
    on_bigquery.write_staged(connection, Jobs(connection), name, rows(write))


def test_a_commit_on_bigquery_that_landed_is_used(project: BigQueryProject, name: str) -> None:
    stage_on_bigquery(project, name, lambda name: project.client.load_table_from_json(ROWS, name).result())
    assert project.rows(f"SELECT COUNT(*) AS staged FROM `{name}`") == [{"staged": 2}]


def test_a_commit_on_bigquery_that_did_not_land_is_an_error(project: BigQueryProject, name: str) -> None:
    with pytest.raises(Py4JNetworkError):
        stage_on_bigquery(project, name, lambda _: None)
