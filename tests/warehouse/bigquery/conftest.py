"""What the tests of BigQuery need: a project of the emulator for each test."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from tests.bigquery_emulator.emulator import Emulator
from tests.warehouse.bigquery.backend import BigQueryBackend
from tests.warehouse.bigquery.project import BigQueryProject


@pytest.fixture
def project(emulator: Emulator) -> BigQueryProject:
    """Empty datasets that only this test knows."""
    return BigQueryProject(emulator)


@pytest.fixture
def backend(spark: SparkSession, emulator: Emulator) -> BigQueryBackend:
    """An empty warehouse."""
    return BigQueryBackend(spark, emulator)
