"""What the tests of endurance begin with: the small league, imported once; each works on a copy of it."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from tests.end_to_end.store import Store
from tests.endurance.scenarios import small_league


@pytest.fixture(scope="session")
def sources(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("endurance")
    store = Store(spark, folder / "imported")
    store.import_from(small_league(folder / "league"))
    return store
