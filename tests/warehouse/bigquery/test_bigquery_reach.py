"""Endpoints, credentials, project and datasets that are not right: one clear error, soon, and nothing started."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jobs import import_tables
from jobs.backfill_features import main
from jobs.errors import ConfigurationError, ExitCode
from jobs.warehouse import opening
from jobs.warehouse.bigquery.kind import open_connection
from jobs.warehouse.opening import packages
from tests.bigquery_emulator.corrections.refused_token import REFUSED_TOKEN
from tests.bigquery_emulator.emulator import Emulator
from tests.warehouse.bigquery.project import BigQueryProject

SECONDS = 30
DATES = ["--start", "2021-11-01", "--end", "2021-11-02"]
NOBODY = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: Any) -> None:
        raise AssertionError("Spark was started")

    monkeypatch.setattr(opening, "spark_session", started)


@pytest.fixture
def silent_endpoint() -> Iterator[str]:
    """Something that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def error_of(project: BigQueryProject, tmp_path: Path, *arguments: str, **section: Any) -> str:
    """The one error that a back-fill with these settings ends with, after a check of exit code and time."""
    config = tmp_path / "settings.yaml"
    settings = project.settings(bigquery=section).model_dump(mode="json", include={"tables", "bigquery"})
    settings["bigquery"]["access_token"] = section.get("access_token", "any")
    config.write_text(json.dumps(settings))
    started = time.monotonic()
    command = ["--warehouse", "bigquery", "--config", str(config), "--json", *DATES, *arguments]
    result = CliRunner().invoke(main, command)
    assert time.monotonic() - started < SECONDS
    assert result.exit_code == ExitCode.WRONG_INPUT, result.output
    answer = json.loads(result.stdout.splitlines()[-1])
    assert answer["exit_code"] == ExitCode.WRONG_INPUT
    return str(answer["error"])


def tables_of(project: BigQueryProject) -> list[str]:
    datasets = {place.split(".")[0] for place in project.places.values()}
    return [table.table_id for dataset in datasets for table in project.client.list_tables(dataset)]


def test_a_wrong_token(project: BigQueryProject, tmp_path: Path) -> None:
    error = error_of(project, tmp_path, access_token=REFUSED_TOKEN)
    assert "refused the access token of bigquery.access_token" in error
    assert "wrong or expired; get a new one" in error
    assert REFUSED_TOKEN not in error.replace("refused the access token", "")
    assert tables_of(project) == []


def test_nobody_at_the_rest_endpoint(project: BigQueryProject, tmp_path: Path) -> None:
    error = error_of(project, tmp_path, rest_endpoint=f"http://{NOBODY}")
    assert f"BigQuery does not answer at http://{NOBODY}: Connection refused" in error
    assert "bigquery.rest_endpoint" in error


def test_nobody_at_the_grpc_endpoint(project: BigQueryProject, tmp_path: Path) -> None:
    error = error_of(project, tmp_path, grpc_endpoint=NOBODY)
    assert f"BigQuery does not answer at {NOBODY}: Connection refused" in error
    assert "bigquery.grpc_endpoint" in error


def test_an_endpoint_that_never_answers(project: BigQueryProject, tmp_path: Path, silent_endpoint: str) -> None:
    error = error_of(project, tmp_path, rest_endpoint=silent_endpoint, read_timeout_seconds=3)
    assert "BigQuery did not answer (looking for dataset" in error


def test_a_host_without_a_name(project: BigQueryProject, tmp_path: Path) -> None:
    error = error_of(project, tmp_path, rest_endpoint="https://bigquery.invalid")
    assert "BigQuery does not answer at https://bigquery.invalid" in error


def test_datasets_that_do_not_exist(emulator: Emulator, tmp_path: Path) -> None:
    project = BigQueryProject(emulator, create_datasets=False)
    error = error_of(project, tmp_path)
    dataset = project.places["ml_feature_store_v2"].split(".")[0]
    assert f"dataset {emulator.project}.{dataset} does not exist" in error
    assert f"bq mk --dataset {emulator.project}:{dataset}" in error
    assert len(error.splitlines()) == 5


def test_a_project_of_the_command_line(project: BigQueryProject, tmp_path: Path) -> None:
    error = error_of(project, tmp_path, "--project", "elsewhere")
    assert "dataset elsewhere." in error


def test_no_project(project: BigQueryProject) -> None:
    with pytest.raises(ConfigurationError, match="which project"):
        open_connection(project.settings(bigquery={"project": None}))


def test_a_credentials_file_that_does_not_exist(project: BigQueryProject, tmp_path: Path) -> None:
    section = {"access_token": None, "credentials_file": tmp_path / "nobody.json"}
    with pytest.raises(ConfigurationError, match=r"bigquery\.credentials_file: .*nobody\.json.*give an existing file"):
        open_connection(project.settings(bigquery=section))


def test_a_credentials_file_of_something_else(project: BigQueryProject, tmp_path: Path) -> None:
    file = tmp_path / "something.json"
    file.write_text('{"type": "service_account", "client_email": "nobody"}')
    with pytest.raises(ConfigurationError, match=r"something\.json"):
        open_connection(project.settings(bigquery={"access_token": None, "credentials_file": file}))


def test_the_token_may_come_from_the_environment_and_is_never_shown(project: BigQueryProject) -> None:
    settings = project.settings(bigquery={"access_token": "very-secret"})
    assert "very-secret" not in str(settings.model_dump(mode="json"))
    assert open_connection(settings).connector_options()["gcpAccessToken"] == "very-secret"


def test_jobs_run_where_the_dataset_of_the_target_is(project: BigQueryProject) -> None:
    assert (
        open_connection(project.settings()).location
        == project.client.get_dataset(project.places["ml_feature_store_v2"].split(".")[0]).location
    )
    assert open_connection(project.settings(bigquery={"location": "EU"})).location == "EU"


def test_the_connector_is_loaded_for_bigquery_only(project: BigQueryProject) -> None:
    chosen = {"engine": {"packages": {"delta": "a:delta:1", "bigquery": "a:connector:1"}}}
    assert packages(project.settings(**chosen)) == {"delta": "a:delta:1", "bigquery": "a:connector:1"}
    assert packages(project.settings(warehouse="delta", **chosen)) == {"delta": "a:delta:1"}


def test_the_connector_has_limits_and_sees_what_is_there_now(project: BigQueryProject) -> None:
    options = project.connection(read_timeout_seconds=7, parent_project="payer").connector_options()
    assert options["createReadSessionTimeoutInSeconds"] == "7"
    assert options["httpReadTimeout"] == "7000"
    assert options["enableReadSessionCaching"] == "false"
    assert options["writeMethod"] == "direct"
    assert (options["project"], options["parentProject"]) == (project.emulator.project, "payer")


def test_without_the_packages_the_extra_is_named(project: BigQueryProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jobs.warehouse.bigquery.connection")
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(ConfigurationError, match=r"google\.auth is missing\); .*/spark-submit\.sh install bigquery"):
        open_connection(project.settings())


def test_files_are_imported_into_delta_only(tmp_path: Path) -> None:
    command = ["--warehouse", "bigquery", "--project", "p", "--from", str(tmp_path)]
    result = CliRunner().invoke(import_tables.main, command)
    assert result.exit_code == ExitCode.WRONG_INPUT
    assert "load files into BigQuery with `bq load`" in result.output
