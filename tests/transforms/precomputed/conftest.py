"""Every story of the collected tests is computed in one go: one job a table, however many rules."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.schemas.precompute import UPSTREAM_TARGETS
from tests.transforms.precomputed.stories import UpstreamRows, UpstreamStory, sources_of
from tests.transforms.rows import PROCESSED_AT, SEASON
from transforms.precomputed.tables import upstream_rows


@pytest.fixture(scope="session")
def upstream_stories(request: pytest.FixtureRequest) -> list[UpstreamStory]:
    """The stories of the collected tests, each once."""
    asked = [item.callspec.params.get("upstream_story") for item in request.session.items if hasattr(item, "callspec")]
    return list(dict.fromkeys(story for story in asked if isinstance(story, UpstreamStory)))


@pytest.fixture(scope="session")
def told_rows(spark: SparkSession, upstream_stories: list[UpstreamStory]) -> dict[UpstreamStory, UpstreamRows]:
    sources = sources_of(spark, upstream_stories)
    dates = sorted({story.date for story in upstream_stories})
    calendar = spark.createDataFrame([(date, SEASON) for date in dates], "game_date date, season_year bigint")
    found = {}
    for table in UPSTREAM_TARGETS:
        computed = upstream_rows(table.name, sources, calendar, created_at=F.lit(PROCESSED_AT)).collect()
        by_key = {(row[table.key[0]], row[table.key[1]]): row.asDict() for row in computed}
        assert len(by_key) == len(computed), f"{table.name}: a key stands twice"
        found[table.name] = by_key
    shot_zones, defense, cache, composite = (found[table.name] for table in UPSTREAM_TARGETS)
    told = {}
    for number, story in enumerate(upstream_stories):
        player, opponent = (f"player_{number}", story.date), (f"OPP_{number}", story.date)
        of_player = {"shot_zones": shot_zones.get(player), "cache": cache.get(player), "composite": composite[player]}
        skipped = {name: row["skip_reason"] for name, row in of_player.items() if row and row["skip_reason"]}
        kept = {name: None if name in skipped else row for name, row in of_player.items()}
        told[story] = UpstreamRows(**kept, defense=defense.get(opponent), skipped=skipped)
    return told


@pytest.fixture
def rows(upstream_story: UpstreamStory, told_rows: dict[UpstreamStory, UpstreamRows]) -> UpstreamRows:
    """What was computed for the test's story."""
    return told_rows[upstream_story]
