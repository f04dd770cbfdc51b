"""The warehouse that a test runs on: every test of the suite runs on each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.warehouse.backends import Backend, DeltaBackend
from tests.warehouse.bigquery.backend import BigQueryBackend


@pytest.fixture(params=["delta", "bigquery"])
def backend(request: pytest.FixtureRequest, spark: SparkSession, tmp_path: Path) -> Backend:
    """An empty warehouse."""
    if request.param == "bigquery":
        return BigQueryBackend(spark, request.getfixturevalue("emulator"))
    return DeltaBackend(spark, tmp_path / "warehouse")
