"""Every story of the collected tests is computed in one go, by the whole line: one Spark job, however many rules."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from tests.transforms.rows import (
    FALLBACK_DATE,
    GAME_DATE,
    PROCESSED_AT,
    SEASON,
    SEASON_START,
    FeatureRow,
    Story,
    sources_of,
)
from transforms.assemble import feature_rows

CALENDAR = "game_date date, season_year bigint, season_start date, upstream_present boolean"


@pytest.fixture(scope="session")
def stories(request: pytest.FixtureRequest) -> list[Story]:
    """The stories of the collected tests, each once."""
    asked = [item.callspec.params.get("story") for item in request.session.items if hasattr(item, "callspec")]
    return list(dict.fromkeys(story for story in asked if isinstance(story, Story)))


@pytest.fixture(scope="session")
def story_rows(spark: SparkSession, stories: list[Story]) -> DataFrame:
    dates = sorted({story.date for story in stories} | {GAME_DATE})
    calendar = spark.createDataFrame([(date, SEASON, SEASON_START, date != FALLBACK_DATE) for date in dates], CALENDAR)
    return feature_rows(sources_of(spark, stories), calendar, created_at=F.lit(PROCESSED_AT))


@pytest.fixture(scope="session")
def schema(story_rows: DataFrame) -> T.StructType:
    return story_rows.schema


@pytest.fixture(scope="session")
def computed(story_rows: DataFrame, stories: list[Story]) -> dict[Story, FeatureRow]:
    rows = story_rows.collect()
    by_player = {row["player_lookup"]: FeatureRow(row) for row in rows}
    assert len(rows) == len(by_player) == len(stories), "one row a story, whatever stands in its sources"
    return {story: by_player[f"player_{number}"] for number, story in enumerate(stories)}


@pytest.fixture
def row(story: Story, computed: dict[Story, FeatureRow]) -> FeatureRow:
    """The row of the test's story."""
    return computed[story]
