"""Every story of the collected tests is computed in one go, by the whole line: one Spark job, however many rules."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from tests.transforms.rows import (
    FALLBACK_DATE,
    PROCESSED_AT,
    SEASON,
    SEASON_START,
    FeatureRow,
    Story,
    sources_of,
)
from transforms.assemble import feature_rows

CALENDAR = "game_date date, season_year bigint, season_start date, upstream_present boolean"


def stories_of(session: pytest.Session, fixture: str) -> list[Story]:
    """The stories of the collected tests that ask for `fixture`, each once."""
    asked = [item for item in session.items if isinstance(item, pytest.Function) and fixture in item.fixturenames]
    with_story = [item.callspec.params["story"] for item in asked if hasattr(item, "callspec")]
    return list(dict.fromkeys(story for story in with_story if isinstance(story, Story)))


def compute(spark: SparkSession, stories: Sequence[Story], *, daily: bool) -> dict[Story, FeatureRow]:
    dates = sorted({story.date for story in stories})
    calendar = spark.createDataFrame([(date, SEASON, SEASON_START, date != FALLBACK_DATE) for date in dates], CALENDAR)
    written_at = F.lit(PROCESSED_AT).cast(T.TimestampType())
    rows = feature_rows(sources_of(spark, stories), calendar, created_at=written_at, daily=daily).collect()
    by_player = {row["player_lookup"]: FeatureRow(row) for row in rows}
    assert len(rows) == len(by_player) == len(stories), "one row a story, whatever stands in its sources"
    return {story: by_player[f"player_{number}"] for number, story in enumerate(stories)}


@pytest.fixture(scope="session")
def computed(request: pytest.FixtureRequest, spark: SparkSession) -> dict[Story, FeatureRow]:
    return compute(spark, stories_of(request.session, "row"), daily=False)


@pytest.fixture(scope="session")
def computed_daily(request: pytest.FixtureRequest, spark: SparkSession) -> dict[Story, FeatureRow]:
    return compute(spark, stories_of(request.session, "daily_row"), daily=True)


@pytest.fixture
def row(story: Story, computed: dict[Story, FeatureRow]) -> FeatureRow:
    """The row of the test's story, in the back-fill mode."""
    return computed[story]


@pytest.fixture
def daily_row(story: Story, computed_daily: dict[Story, FeatureRow]) -> FeatureRow:
    """The row of the test's story, in the daily mode."""
    return computed_daily[story]
