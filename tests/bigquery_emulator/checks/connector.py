"""Checks of what the Spark connector alone sees."""

from __future__ import annotations

import pytest
from google.cloud.bigquery import SchemaField
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from tests.bigquery_emulator.checks.check import check, new_table, run
from tests.bigquery_emulator.emulator import Emulator


def read(emulator: Emulator, spark: SparkSession, name: str) -> DataFrame:
    return spark.read.format("bigquery").options(**emulator.connector_options).load(f"{emulator.project}.{name}")


@check("arrow_schema", message="[]", needs_spark=True)
def a_table_is_read_whole(emulator: Emulator, spark: SparkSession) -> None:
    name = new_table(emulator, SchemaField("player", "STRING"))
    run(emulator, f"INSERT INTO {name} (player) VALUES ('a'), ('b')")
    assert sorted(row.player for row in read(emulator, spark, name).collect()) == ["a", "b"]


@check("failed_job_error", fails_with=AssertionError, message="Regex", needs_spark=True)
def a_query_that_fails_says_why(emulator: Emulator, spark: SparkSession) -> None:
    reader = spark.read.format("bigquery").options(**emulator.connector_options, viewsEnabled="true")
    with pytest.raises(Py4JJavaError, match="missing"):
        reader.option("query", "SELECT missing FROM (SELECT 1 AS points)").load().collect()
