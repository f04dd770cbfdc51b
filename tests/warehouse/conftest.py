"""The warehouse that a test runs on: every test of the suite runs on each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.object_stores.reached import new_folder
from tests.warehouse.backends import Backend, DeltaBackend
from tests.warehouse.bigquery.backend import BigQueryBackend


@pytest.fixture(params=["delta", "delta-gcs", "bigquery"])
def backend(request: pytest.FixtureRequest, spark: SparkSession, tmp_path: Path) -> Backend:
    """An empty warehouse."""
    if request.param == "bigquery":
        return BigQueryBackend(spark, request.getfixturevalue("emulator"))
    if request.param == "delta-gcs":
        return DeltaBackend(spark, new_folder(request.getfixturevalue("gcs"), spark))
    return DeltaBackend(spark, tmp_path / "warehouse")
