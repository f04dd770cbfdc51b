"""One Spark session for what is run by hand, with the settings of a job's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from jobs.config.settings import load_settings
from jobs.spark.session import Start, spark_session
from jobs.warehouse.opening import packages, spark_settings


@contextmanager
def session(warehouse: str = "delta", **engine: object) -> Iterator[SparkSession]:
    """A session that knows Delta, and another warehouse that is named; `engine` are settings of that section."""
    settings = load_settings({"warehouse": warehouse, "engine": engine}, environment={})
    with spark_session(Start(settings.engine, packages(settings), spark_settings(settings))) as spark:
        yield spark
