"""The engine against the oracle over random leagues, and what must not change a row of the engine."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from tests.oracle.comparison import assert_same_rows
from tests.oracle.engine import dates_of, engine_rows, frames_of
from tests.oracle.histories import PLAYER_GAME, has_played
from tests.oracle.naive import expected_rows, rows_without_key, upstream_present
from tests.oracle.newest import newest_by_key
from tests.oracle.random_league import Digits, Disorder, day_0, random_tables
from tests.oracle.random_runs import DIGITS, INTERPRETED, PARTITIONINGS, reproducible
from tests.spark_settings import configured
from transforms.changed_future import with_changed_future
from transforms.skips import unkeyed_rows

SEASON_START = {year: day_0(year) for year in range(2020, 2040)}
LEAGUES = [
    Disorder(
        seed=5, players=25, nulls=0.1, duplicates=0.3, odd_text=0.3, wild=0.2, holes=0.1, benched=0.2, by_flags=True
    ),
    Disorder(seed=6, players=15, nulls=0.0, duplicates=0.0, odd_text=0.0, wild=0.0, holes=0.0, regular_season=False),
]

leagues = st.lists(
    st.builds(
        Disorder,
        seed=st.integers(0, 2**32 - 1),
        players=st.integers(10, 40),
        nulls=st.sampled_from([0.05, 0.3, 0.0]),
        duplicates=st.sampled_from([0.2, 0.6, 0.0]),
        odd_text=st.sampled_from([0.3, 0.0]),
        wild=st.sampled_from([0.3, 0.0]),
        holes=st.sampled_from([0.1, 0.4, 0.0]),
        regular_season=st.booleans(),
        benched=st.sampled_from([0.3, 0.0]),
        by_flags=st.booleans(),
        constant=st.booleans(),
    ),
    min_size=4,
    max_size=6,
)


@pytest.fixture(autouse=True)
def planned_once(request: pytest.FixtureRequest) -> Iterator[None]:
    # Planning again after every stage takes longer than the small leagues themselves.
    if "spark" not in request.fixturenames:
        yield
        return
    with configured(request.getfixturevalue("spark"), {"spark.sql.adaptive.enabled": "false"}):
        yield


@given(disorders=leagues, digits=st.permutations(DIGITS), daily=st.booleans())
@settings(reproducible, max_examples=3)
def test_engine_equals_oracle(
    spark: SparkSession, disorders: list[Disorder], digits: list[Digits], daily: bool
) -> None:
    tables = random_tables(disorders, digits)
    dates = dates_of(tables)
    expected = expected_rows(tables, dates, SEASON_START, daily=daily)
    with configured(spark, INTERPRETED):
        frames = frames_of(spark, tables, digits)
        found = engine_rows(frames, upstream_present(tables, dates), SEASON_START, daily=daily)
    assert_same_rows(expected, found)


@given(disorders=leagues, part=st.floats(0.6, 0.95))
@settings(reproducible, max_examples=2)
def test_no_row_notices_the_future(spark: SparkSession, disorders: list[Disorder], part: float) -> None:
    tables = random_tables(disorders)
    dates = dates_of(tables)
    until = dates[: int(part * len(dates)) + 1]
    expected = expected_rows(tables, until, SEASON_START)
    with configured(spark, INTERPRETED):
        changed = with_changed_future(frames_of(spark, tables), until[-1])
        found = engine_rows(changed, upstream_present(tables, until), SEASON_START)
    assert_same_rows(expected, found)


@pytest.mark.parametrize("options", PARTITIONINGS.values(), ids=PARTITIONINGS.keys())
def test_no_setting_and_no_order_changes_a_value_or_a_hash(spark: SparkSession, options: Mapping[str, str]) -> None:
    tables = random_tables(LEAGUES)
    dates = dates_of(tables)
    expected = expected_rows(tables, dates, SEASON_START)
    with configured(spark, options):
        order = random.Random(str(options))
        frames = frames_of(spark, {name: order.sample(rows, len(rows)) for name, rows in tables.items()})
        found = engine_rows(frames, upstream_present(tables, dates), SEASON_START)
    assert_same_rows(expected, found)


@given(disorders=leagues)
@settings(reproducible, max_examples=1)
def test_games_that_were_sat_out_may_be_written_or_left_out(spark: SparkSession, disorders: list[Disorder]) -> None:
    written = random_tables([replace(disorder, benched=0.4) for disorder in disorders])
    key = ("player_lookup", "game_date")
    games = newest_by_key(written["player_game_summary"], key, PLAYER_GAME)
    played = {player_and_date for player_and_date, newest in games.items() if has_played(newest.row)}
    assert len(played) < len(games)
    log = [row for row in written["player_game_summary"] if (row[key[0]], row[key[1]]) in played]
    left_out = {**written, "player_game_summary": log}
    dates = dates_of(written)
    with configured(spark, INTERPRETED):
        of_written, of_left_out = (
            engine_rows(frames_of(spark, tables), upstream_present(written, dates), SEASON_START)
            for tables in (written, left_out)
        )
    assert_same_rows(of_written, of_left_out, ("features", "feature_sources", "data_source", "feature_quality_score"))


def test_out_of_range_values_are_counted_in_random_leagues() -> None:
    tables = random_tables(LEAGUES)
    rows = expected_rows(tables, dates_of(tables), SEASON_START).values()
    found = {column for row in rows for column in row["out_of_range"]}
    assert {"player_daily_cache.minutes_avg_last_10", "team_defense_zone_analysis.opponent_pace"} < found


def test_rows_without_a_key_are_counted(spark: SparkSession) -> None:
    tables = random_tables(LEAGUES)
    context = frames_of(spark, tables)["upcoming_player_game_context"]
    assert unkeyed_rows(context).count() == rows_without_key(tables) > 0
