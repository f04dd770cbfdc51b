"""The first test of the suite: rows known to be in BigQuery come back through the connector, all and unchanged.

When this fails, no other test on BigQuery means anything: an emulator that is not corrected reads zero rows, and says
nothing.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from google.cloud.bigquery import SchemaField, TimePartitioning
from pyspark.sql import SparkSession

from tests.bigquery_emulator.checks.check import new_table, run
from tests.bigquery_emulator.checks.connector import read
from tests.bigquery_emulator.emulator import Emulator

COLUMNS = (
    SchemaField("player", "STRING", mode="REQUIRED"),
    SchemaField("game_date", "DATE", mode="REQUIRED"),
    SchemaField("points", "INT64"),
    SchemaField("share", "FLOAT64"),
    SchemaField("home", "BOOL"),
    SchemaField("minutes", "NUMERIC"),
    SchemaField("score", "NUMERIC", precision=5, scale=2),
    SchemaField("created_at", "TIMESTAMP"),
    SchemaField("features", "FLOAT64", mode="REPEATED"),
    SchemaField("names", "STRING", mode="REPEATED"),
)
INSERT = """
INSERT INTO {name}
SELECT CONCAT('player ', CAST(n AS STRING)), DATE_ADD(DATE '2024-01-01', INTERVAL MOD(n, 7) DAY),
       n, n / 10, MOD(n, 2) = 0,
       NUMERIC '12.123456789', NUMERIC '99.25', TIMESTAMP '2024-01-01 02:03:04.567891 UTC',
       [n / 4, 1.5], ['a', 'b']
FROM UNNEST(GENERATE_ARRAY(1, {count})) AS n
"""
COUNT = 5000


def test_a_known_table_reads_back_whole(emulator: Emulator, spark: SparkSession) -> None:
    name = new_table(emulator, *COLUMNS, time_partitioning=TimePartitioning(field="game_date"))
    run(emulator, INSERT.format(name=name, count=COUNT))

    read_back = sorted(read(emulator, spark, name).collect(), key=lambda row: row.points)

    assert len(read_back) == COUNT
    assert [tuple(row) for row in read_back] == [expected_row(n) for n in range(1, COUNT + 1)]


def expected_row(n: int) -> tuple[object, ...]:
    return (
        f"player {n}",
        datetime.date(2024, 1, 1) + datetime.timedelta(days=n % 7),
        n,
        n / 10,
        n % 2 == 0,
        Decimal("12.123456789"),
        Decimal("99.25"),
        datetime.datetime(2024, 1, 1, 2, 3, 4, 567891),
        [n / 4, 1.5],
        ["a", "b"],
    )


def test_rows_written_by_the_connector_read_back_whole(emulator: Emulator, spark: SparkSession) -> None:
    written_to = new_table(emulator, *COLUMNS)
    rows = [expected_row(n) for n in range(1, COUNT + 1)]
    source = new_table(emulator, *COLUMNS)
    columns = spark.createDataFrame(rows, read(emulator, spark, source).schema)

    columns.write.format("bigquery").options(**emulator.connector_options).mode("append").save(written_to)

    read_back = sorted(read(emulator, spark, written_to).collect(), key=lambda row: row.points)
    assert [tuple(row) for row in read_back] == rows
