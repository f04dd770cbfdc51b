"""Of several rows with one key the newest is kept, by a rule that no partitioning can change."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from transforms.deduplicate import newest_rows

KEY = ("team_abbr", "game_date")
DATE = datetime.date(2022, 1, 15)
EARLY, LATE = datetime.datetime(2022, 1, 15, 6), datetime.datetime(2022, 1, 15, 9)
Line = tuple[str, datetime.datetime | None, datetime.datetime | None, int | None, str | None]
COLUMNS = "team_abbr string, game_date date, first bigint, second string, processed_at timestamp, created_at timestamp"
LINES: list[Line] = [
    # The key is named after the rule; the row to keep has the word "kept".
    ("the newest processed_at wins", EARLY, LATE, 9, "z"),
    ("the newest processed_at wins", LATE, EARLY, 1, "kept"),
    ("a NULL processed_at is oldest", None, LATE, 9, "z"),
    ("a NULL processed_at is oldest", EARLY, None, 1, "kept"),
    ("then the newest created_at", EARLY, EARLY, 9, "z"),
    ("then the newest created_at", EARLY, LATE, 1, "kept"),
    ("a NULL created_at is oldest", EARLY, None, 9, "z"),
    ("a NULL created_at is oldest", EARLY, EARLY, 1, "kept"),
    ("ties by the first column read, descending", EARLY, EARLY, 1, "z"),
    ("ties by the first column read, descending", EARLY, EARLY, 2, "kept"),
    ("then by the second column", EARLY, EARLY, 2, "a"),
    ("then by the second column", EARLY, EARLY, 2, "kept"),
    ("a NULL is last among ties", EARLY, EARLY, None, "z"),
    ("a NULL is last among ties", EARLY, EARLY, -5, "kept"),
    ("equal rows are one", None, None, None, "kept"),
    ("equal rows are one", None, None, None, "kept"),
    ("equal rows are one", None, None, None, "kept"),
    ("a row alone", None, None, None, "kept"),
]


def rows_of(spark: SparkSession, lines: list[Line], found: dict[str, int] | None = None) -> DataFrame:
    rows: list[tuple[Any, ...]] = [(key, DATE, first, word, *newest) for key, *newest, first, word in lines]
    if found is None:
        return spark.createDataFrame(rows, COLUMNS)
    return spark.createDataFrame([(*row, found[row[0]]) for row in rows], f"{COLUMNS}, rows_found bigint")


@pytest.mark.parametrize("partitions", [1, 5])
def test_the_newest_row_of_each_key_is_kept_on_any_partitioning(spark: SparkSession, partitions: int) -> None:
    lines = LINES if partitions == 1 else LINES[::-1]
    kept = newest_rows(rows_of(spark, lines).repartition(partitions), KEY)
    counts = {key: sum(line[0] == key for line in LINES) for key in {line[0] for line in LINES}}
    expected = rows_of(spark, list(dict.fromkeys(line for line in LINES if line[4] == "kept")), counts)
    assert_df_equality(kept, expected, ignore_row_order=True, ignore_nullable=True)


def test_rows_with_a_null_in_a_key_column_are_dropped(spark: SparkSession) -> None:
    keys = [(None, DATE), ("AAA", None), (None, None), ("BBB", DATE)]
    rows = spark.createDataFrame([(*key, 1, "x", EARLY, EARLY) for key in keys], COLUMNS)
    expected = spark.createDataFrame([("BBB", DATE, 1, "x", EARLY, EARLY, 1)], f"{COLUMNS}, rows_found bigint")
    assert_df_equality(newest_rows(rows, KEY), expected, ignore_nullable=True)
