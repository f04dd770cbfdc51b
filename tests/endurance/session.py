"""One Spark session for what is run by hand, with the settings of a job's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from jobs.config.settings import load_settings
from jobs.spark.session import Start, spark_session
from jobs.warehouse.opening import packages, spark_settings
from tests.spark_settings import FEW_ROWS, configured


@contextmanager
def session(warehouse: str = "delta", *, few_rows: bool = False, **engine: object) -> Iterator[SparkSession]:
    """A session that knows Delta, and another warehouse that is named; `engine` are settings of that section.

    For many runs over `few_rows` it has the settings of the suite's, which spare them what takes longer than they do.
    """
    settings = load_settings({"warehouse": warehouse, "engine": engine}, environment={})
    start = Start(settings.engine, packages(settings), spark_settings(settings))
    with spark_session(start) as spark, configured(spark, FEW_ROWS if few_rows else {}):
        yield spark
