"""A store that cannot be used: one line that says what to do, exit 2, in seconds, and Spark is not started."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from click.testing import CliRunner

from jobs import backfill_features, export_training_set, import_tables, status
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError, ExitCode
from jobs.schemas.tables import FEATURE_RUNS
from jobs.warehouse.kinds import kind_of
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import CREDENTIAL, new_folder, options, s3_options
from tests.object_stores.s3 import FakeS3
from tests.object_stores.server import ALL, WRITES

SECONDS = 8
NOVEMBER = ["--start", "2021-11-01", "--end", "2021-11-30"]


def no_spark() -> Any:
    raise AssertionError("nobody may start Spark")


def refusal(path: str, stores: dict[str, Any]) -> str:
    """What is said of a warehouse when it is opened."""
    settings = load_settings({"warehouse_path": path, "object_stores": stores}, environment={})
    began = time.monotonic()
    with pytest.raises(ConfigurationError) as refused:
        kind_of(settings).open(settings, no_spark)
    assert time.monotonic() - began < SECONDS
    assert refused.value.exit_code is ExitCode.WRONG_INPUT
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_bucket_that_is_not_there(gcs: FakeGcs) -> None:
    assert refusal("gs://no-such-bucket/a", options(gcs)) == (
        "gs://no-such-bucket/a: there is no gs://no-such-bucket; make it first, or correct the name"
    )


@pytest.mark.parametrize(
    ("status_code", "told"),
    [
        (401, "its credential is missing, wrong or expired; sign in again"),
        (403, "permission denied; ask the owner of gs://warehouses for the right to read it"),
        (503, "it answers that it is not available; give the command again later"),
    ],
)
def test_a_store_that_refuses(gcs: FakeGcs, status_code: int, told: str) -> None:
    folder = new_folder(gcs)
    with gcs.refusing(status_code, ALL):
        assert refusal(str(folder), options(gcs)).startswith(f"{folder}: {told}")


def test_an_endpoint_where_nobody_listens() -> None:
    told = refusal("gs://bucket/a", {"gs": {"endpoint": "http://127.0.0.1:9", "anonymous": True}})
    assert told == "gs://bucket/a: it does not answer; see the network, and object_stores.gs.endpoint where one is set"


def test_a_bucket_that_is_read_only(gcs: FakeGcs) -> None:
    folder = new_folder(gcs)
    settings = load_settings({"warehouse_path": str(folder), "object_stores": options(gcs)}, environment={})
    warehouse = kind_of(settings).open(settings, no_spark)
    with gcs.refusing(403, WRITES), pytest.raises(ConfigurationError, match="for the right to write it"):
        warehouse.append_exclusively(FEATURE_RUNS, lambda rows: {"run_id": "mine"})
    assert warehouse.rows(FEATURE_RUNS) == []


@pytest.mark.parametrize(("status_code", "told"), [(401, "its credential is missing"), (403, "permission denied")])
def test_an_s3_that_refuses(s3: FakeS3, monkeypatch: pytest.MonkeyPatch, status_code: int, told: str) -> None:
    for name, value in CREDENTIAL.items():
        monkeypatch.setenv(name, value)
    folder = f"s3a://{s3.make_bucket('warehouses')}/a"
    with s3.refusing(status_code, ALL):
        assert refusal(folder, s3_options(s3)).startswith(f"{folder}: {told}")


def test_an_s3_bucket_that_is_not_there(s3: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIAL.items():
        monkeypatch.setenv(name, value)
    assert "there is no s3a://no-such-bucket" in refusal("s3://no-such-bucket/a", s3_options(s3))


def test_a_warehouse_on_s3_needs_a_log_store() -> None:
    told = refusal("s3://bucket/a", {})
    assert "object_stores.s3a.log_store: io.delta.storage.S3DynamoDBLogStore" in told


@pytest.mark.parametrize(
    "arguments",
    [
        (status, ["--warehouse-path", "gs://no-such-bucket/a"]),
        (backfill_features, ["--warehouse-path", "gs://no-such-bucket/a", *NOVEMBER]),
        (import_tables, ["--from", "gs://no-such-bucket/a", "--warehouse-path", "here"]),
        (export_training_set, ["--output", "gs://no-such-bucket/a", "--warehouse-path", "here", *NOVEMBER]),
    ],
    ids=lambda arguments: arguments[0].__name__.rpartition(".")[2],
)
def test_every_command_says_it(gcs: FakeGcs, arguments: tuple[Any, list[str]]) -> None:
    job, given = arguments
    told = {"FEATURE_STORE_OBJECT_STORES": json.dumps(options(gcs))}
    answer = CliRunner(env=told).invoke(job.main, given)
    assert answer.exit_code == 2, answer.output
    assert "error: gs://no-such-bucket/a: there is no gs://no-such-bucket" in answer.output
