"""Folders and URIs as a person writes them: what is taken, what is refused, and that no secret is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jobs import status
from jobs.config.locations import Uri, location
from jobs.config.secrets import scrubbed
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("warehouse", Path("warehouse")),
        ("/a b/c", Path("/a b/c")),
        ("file:///a%20b/c", Path("/a b/c")),
        ("gs://bucket/a/b/", Uri("gs", "bucket", "a/b")),
        ("gs://bucket", Uri("gs", "bucket")),
        ("GS://bucket//a", Uri("gs", "bucket", "a")),
        ("s3://bucket/a", Uri("s3a", "bucket", "a")),
        (
            "abfss://container@account.dfs.core.windows.net/a",
            Uri("abfss", "container@account.dfs.core.windows.net", "a"),
        ),
        ("hdfs://namenode:8020/a", Uri("hdfs", "namenode:8020", "a")),
    ],
)
def test_what_is_taken(given: str, expected: Path | Uri) -> None:
    assert location(given) == expected
    assert location(expected) == expected
    assert location(str(expected)) == expected


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("ftp://host/a", r"ftp:// is no place .* one of gs://, s3a://, abfss://, hdfs:// \(s3:// is taken as s3a://\)"),
        ("gs://me:hunter2@bucket/a", "may hold a credential"),
        ("s3a://hunter2@bucket/a", "may hold a credential"),
        ("abfss://c:hunter2@account/a", "may hold a credential"),
        ("gs://bucket/a?key=hunter2", "may hold a credential"),
        ("gs://bucket/a#hunter2", "may hold a credential"),
        ("gs:///a", "begins with the name of a bucket"),
        ("abfss://account/a", "begins with container@account"),
        ("gs://bucket/a b", "the path of a gs:// URI is of letters"),
        ("gs://bucket/../a", "the path of a gs:// URI is of letters"),
    ],
)
def test_what_is_refused_without_a_word_of_the_secret(given: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        location(given)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ConfigurationError, match=told) as refused_setting:
        load_settings({"warehouse_path": given}, environment={})
    assert "hunter2" not in scrubbed(str(refused_setting.value))
    answer = CliRunner().invoke(status.main, ["--warehouse-path", given, "--json"])
    assert answer.exit_code == 2
    assert "hunter2" not in answer.output


@pytest.mark.parametrize(
    ("stores", "told"),
    [
        ({"gs": {"endpoint": "somewhere"}}, "object_stores.gs.endpoint is 'somewhere': expected http://host:port"),
        ({"gs": {"endpoint": "http://me:hunter2@host"}}, "its value is not shown"),
        ({"s3a": {"hadoop": {"fs.s3a.secret.key": "hunter2"}}}, "looks like a credential"),
        ({"s3a": {"hadoop": {"spark.x": "1"}}}, "they begin with fs."),
        ({"s3a": {"log_store": "dynamo db"}}, "expected the name of a class"),
        ({"gcs": {}}, "unknown option 'object_stores.gcs'"),
    ],
)
def test_options_that_are_refused(stores: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as refused:
        load_settings({"object_stores": stores}, environment={})
    assert "hunter2" not in str(refused.value)


def test_a_class_that_finds_credentials_is_no_credential() -> None:
    provider = {"fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider"}
    settings = load_settings({"object_stores": {"s3a": {"hadoop": provider}}}, environment={})
    assert settings.object_stores.s3a.hadoop == provider


def test_a_uri_comes_from_the_environment_too() -> None:
    settings = load_settings({}, environment={"FEATURE_STORE_WAREHOUSE_PATH": "s3://bucket/a"})
    assert str(settings.warehouse_path) == "s3a://bucket/a"
