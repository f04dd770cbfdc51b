"""Checks of what the Spark connector alone sees."""

from __future__ import annotations

import pytest
from google.cloud.bigquery import SchemaField
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from tests.bigquery_emulator.checks.check import check, new_table, rows, run
from tests.bigquery_emulator.emulator import Emulator


def read(emulator: Emulator, spark: SparkSession, name: str) -> DataFrame:
    return spark.read.format("bigquery").options(**emulator.connector_options).load(f"{emulator.project}.{name}")


def write(emulator: Emulator, frame: DataFrame, name: str, mode: str = "append") -> None:
    frame.write.format("bigquery").options(**emulator.connector_options).mode(mode).save(f"{emulator.project}.{name}")


@check("arrow_schema", message="[]", needs_spark=True)
def a_table_is_read_whole(emulator: Emulator, spark: SparkSession) -> None:
    name = new_table(emulator, SchemaField("player", "STRING"))
    run(emulator, f"INSERT INTO {name} (player) VALUES ('a'), ('b')")
    assert sorted(row.player for row in read(emulator, spark, name).collect()) == ["a", "b"]


@check("failed_job_error", fails_with=AssertionError, message="Regex", needs_spark=True)
def a_query_that_fails_says_why(emulator: Emulator, spark: SparkSession) -> None:
    reader = spark.read.format("bigquery").options(**emulator.connector_options, viewsEnabled="true")
    with pytest.raises(Py4JJavaError, match="Referenced column"):
        reader.option("query", "SELECT missing FROM (SELECT 1 AS points)").load().collect()


@check("append_stream_name", fails_with=Py4JJavaError, needs_spark=True)
def rows_that_do_not_fit_into_one_request_are_written(emulator: Emulator, spark: SparkSession) -> None:
    name = new_table(emulator, SchemaField("player", "STRING"))
    write(emulator, spark.range(12).selectExpr("repeat('x', 1000000) AS player").coalesce(1), name)
    assert rows(emulator, f"SELECT COUNT(*) FROM {name}") == [(12,)]


@check("merge_insert_row", fails_with=Py4JJavaError, message="ROW", needs_spark=True)
def a_table_is_overwritten(emulator: Emulator, spark: SparkSession) -> None:
    name = new_table(emulator, SchemaField("player", "STRING"))
    run(emulator, f"INSERT INTO {name} (player) VALUES ('a'), ('b')")
    write(emulator, spark.sql("SELECT 'c' AS player"), name, mode="overwrite")
    assert rows(emulator, f"SELECT player FROM {name}") == [("c",)]
