"""Which dates come into which file."""

from __future__ import annotations

import datetime
from itertools import pairwise

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.delta import layout
from jobs.warehouse.delta.layout import in_files_of_dates, last_dates, number_of_files
from tests.spark_settings import configured


def days(month: int, *rows: int) -> dict[datetime.date, int]:
    """So many rows of the first days of a month."""
    return {datetime.date(2021, month, day): number for day, number in enumerate(rows, start=1)}


@pytest.mark.parametrize(
    ("slices", "files", "ends"),
    [
        ([days(11, 10, 10, 10, 10)], 2, ["11-02", "11-04"]),
        ([days(11, 10, 10, 10, 10)], 1, ["11-04"]),
        ([days(11, 30, 1, 1, 30)], 2, ["11-02", "11-04"]),
        ([days(11, 10)], 8, ["11-01"]),
        ([days(11, 10, 10, 10)], 100, ["11-01", "11-02", "11-03"]),
        ([days(11, 5, 5), days(12, 15, 15)], 4, ["11-02", "12-01", "12-02"]),
        ([days(11, 1, 1), days(12, 100, 100)], 2, ["11-02", "12-01", "12-02"]),
        ([days(11, 0, 0)], 2, ["11-01", "11-02"]),
    ],
)
def test_a_file_has_about_as_many_rows_as_any_and_dates_of_one_slice(
    slices: list[dict[datetime.date, int]], files: int, ends: list[str]
) -> None:
    assert [f"{end:%m-%d}" for end in last_dates(slices, files)] == ends


@pytest.mark.parametrize(
    ("rows", "tasks", "files"),
    [
        (0, 2, 1),
        (4_312, 8, 1),
        (33_785, 2, 2),
        (33_785, 64, 4),
        (675_700, 8, 8),
        (5_067_750, 8, 26),
        (5_067_750, 64, 64),
    ],
)
def test_no_file_is_small_or_larger_than_a_task_should_sort(rows: int, tasks: int, files: int) -> None:
    assert number_of_files(rows, tasks) == files


@pytest.mark.parametrize(("partitions", "files"), [(1, 4), (3, 4), (8, 8), (40, 20)])
def test_each_task_has_the_dates_of_one_file_in_the_order_of_the_key(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, partitions: int, files: int
) -> None:
    monkeypatch.setattr(layout, "_MOST_ROWS_A_FILE", 100)
    monkeypatch.setattr(layout, "_LEAST_ROWS_A_FILE", 20)
    dates = {datetime.date(2021, 11, 1) + datetime.timedelta(days=day): 10 for day in range(40)}
    rows = spark.createDataFrame(
        [(f"player{number}", date) for number in reversed(range(10)) for date in reversed(list(dates))],
        "player_lookup string, game_date date",
    )
    with configured(spark, {"spark.sql.shuffle.partitions": str(partitions)}):
        written = in_files_of_dates(rows, ML_FEATURE_STORE, [dates]).withColumn("task", F.spark_partition_id())
        found = written.collect()
    by_task: dict[int, list[tuple[datetime.date, str]]] = {}
    for row in found:
        by_task.setdefault(row["task"], []).append((row["game_date"], row["player_lookup"]))
    assert len(found) == 400
    assert len(by_task) == files
    assert all(of_task == sorted(of_task) for of_task in by_task.values())
    ranges = sorted((of_task[0][0], of_task[-1][0]) for of_task in by_task.values())
    assert all(last < first for (_, last), (first, _) in pairwise(ranges))
