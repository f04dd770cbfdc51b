"""What is known of each kind of warehouse before one is open, and what Spark is told for it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.config.locations import Uri
from jobs.config.settings import Settings, load_settings
from jobs.errors import ConfigurationError
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.kinds import KINDS, kind_of
from jobs.warehouse.opening import packages, packages_of_stores, spark_settings

EXTENSIONS, LOG_PIECES = "spark.sql.extensions", "spark.databricks.delta.snapshotPartitions"


def settings(**options: Any) -> Settings:
    return load_settings(options, environment={})


@pytest.fixture
def on_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({"warehouse_path": Path("/a b")}, ["--warehouse", "delta", "--warehouse-path", "/a b"]),
        ({"warehouse_path": "s3://b/a"}, ["--warehouse", "delta", "--warehouse-path", "s3a://b/a"]),
        ({"warehouse": "bigquery"}, ["--warehouse", "bigquery"]),
        ({"warehouse": "bigquery", "bigquery": {"project": "p-1"}}, ["--warehouse", "bigquery", "--project", "p-1"]),
    ],
    ids=["delta", "delta_on_s3", "bigquery_by_its_credentials", "bigquery_with_a_project"],
)
def test_the_options_find_the_same_warehouse_again(given: dict[str, Any], options: list[str]) -> None:
    assert list(kind_of(settings(**given)).options(settings(**given))) == options


@pytest.mark.parametrize(
    ("kind", "good", "wrong"),
    [
        ("delta", ["dataset.table", "/a/folder", "folder"], ["", "  "]),
        ("bigquery", ["dataset.table", "project-1.dataset.table"], ["", "table", "/a/folder", "a.b.c.d"]),
    ],
)
def test_what_can_name_a_table(kind: str, good: list[str], wrong: list[str]) -> None:
    for name in good:
        KINDS[kind].check_table_name(name, "--right")
    for name in wrong:
        with pytest.raises(ConfigurationError, match=r"--right '.*' names no table; give dataset\.table or"):
            KINDS[kind].check_table_name(name, "--right")


@pytest.mark.usefixtures("on_a_cluster")
def test_on_a_cluster_spark_is_told_of_the_one_warehouse_alone() -> None:
    bigquery = settings(warehouse="bigquery")
    assert (list(packages(bigquery)), spark_settings(bigquery)) == (["bigquery"], {})
    assert spark_settings(settings())[EXTENSIONS] == "io.delta.sql.DeltaSparkSessionExtension"
    assert LOG_PIECES not in spark_settings(settings())


def test_on_this_machine_delta_comes_along() -> None:
    found = spark_settings(settings(warehouse="bigquery"))
    assert (found[EXTENSIONS], found[LOG_PIECES]) == ("io.delta.sql.DeltaSparkSessionExtension", "1")
    assert list(packages(settings(warehouse="bigquery"))) == ["delta", "bigquery"]
    assert list(packages(settings())) == ["delta"]


@pytest.mark.usefixtures("on_a_cluster")
@pytest.mark.parametrize(("partitions", "pieces"), [(8, "8"), (400, "50")])
def test_the_log_of_a_delta_table_is_read_in_as_many_pieces_as_rows_but_no_more_than_50(
    partitions: int, pieces: str, tmp_path: Path
) -> None:
    told = {"spark.sql.shuffle.partitions": str(partitions)}
    spark: Any = SimpleNamespace(conf=SimpleNamespace(get=told.get, set=told.__setitem__))
    DeltaWarehouse(spark, tmp_path, {}).follow_partitions(spark)
    assert told[LOG_PIECES] == pieces


def test_on_this_machine_the_log_of_a_delta_table_is_read_in_one_piece(tmp_path: Path) -> None:
    told: dict[str, str] = {}
    spark: Any = SimpleNamespace(conf=SimpleNamespace(get=told.get, set=told.__setitem__))
    DeltaWarehouse(spark, tmp_path, {}).follow_partitions(spark)
    assert told == {}


def test_spark_is_told_of_a_store_only_where_one_is_used() -> None:
    stores = {"gs": {"endpoint": "http://host:1", "anonymous": True}, "s3a": {"log_store": "a.LogStore"}}
    here, there = settings(object_stores=stores), settings(object_stores=stores, warehouse_path="gs://bucket/a")
    assert packages_of_stores(here) == {}
    assert not any("fs." in name or "logStore" in name for name in spark_settings(here))
    assert list(packages_of_stores(there)) == ["gs"]
    told = spark_settings(there)
    assert told["spark.hadoop.fs.gs.storage.root.url"] == "http://host:1/"
    assert told["spark.hadoop.fs.gs.auth.null.enable"] == "true"
    assert not any("s3" in name for name in told)
    on_s3 = spark_settings(here, [Uri("s3a", "bucket", "a")])
    assert on_s3["spark.delta.logStore.s3a.impl"] == "a.LogStore"


def test_a_store_that_bigquery_does_not_use_is_not_loaded() -> None:
    bigquery = settings(warehouse="bigquery", warehouse_path="gs://bucket/a")
    assert packages_of_stores(bigquery) == {}
    assert list(packages_of_stores(bigquery, [Uri("hdfs", "host", "a"), Uri("gs", "bucket", "a")])) == ["gs"]


def test_which_warehouses_other_machines_reach() -> None:
    given: list[dict[str, Any]] = [{}, {"warehouse_path": "gs://bucket/a"}, {"warehouse": "bigquery"}]
    found = [kind_of(settings(**options)).is_on_this_machine(settings(**options)) for options in given]
    assert found == [True, False, False]
