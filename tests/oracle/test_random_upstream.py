"""The upstream engine against the oracle over random leagues, and what must not change a row of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.schemas.precompute import UPSTREAM_SOURCES
from tests.oracle.newest import Row
from tests.oracle.random_league import Digits, Disorder, day_0, random_tables
from tests.oracle.random_runs import DIGITS, INTERPRETED, PARTITIONINGS, reproducible
from tests.oracle.upstream_engine import assert_same_upstream, engine_upstream, game_dates_of, upstream_frames
from tests.oracle.upstream_naive import expected_upstream
from tests.spark_settings import configured
from transforms.changed_future import with_changed_future

SEASON_START = {year: day_0(year) for year in range(2020, 2040)}
LEAGUES = [
    Disorder(
        seed=7,
        players=40,
        nulls=0.05,
        duplicates=0.3,
        odd_text=0.3,
        wild=0.1,
        holes=0.05,
        benched=0.1,
        more_teams=40,
    ),
    Disorder(
        seed=8,
        players=40,
        nulls=0.0,
        duplicates=0.0,
        odd_text=0.0,
        wild=0.0,
        holes=0.0,
        regular_season=False,
        more_teams=40,
    ),
]
LIMITS = {"shot_zone_mismatch_score": 10, "pace_score": 3, "usage_spike_score": 3}

leagues = st.lists(
    st.builds(
        Disorder,
        seed=st.integers(0, 2**32 - 1),
        players=st.integers(10, 30),
        nulls=st.sampled_from([0.05, 0.3, 0.0]),
        duplicates=st.sampled_from([0.2, 0.6, 0.0]),
        odd_text=st.sampled_from([0.3, 0.0]),
        wild=st.sampled_from([0.3, 0.0]),
        holes=st.sampled_from([0.1, 0.4, 0.0]),
        regular_season=st.booleans(),
        benched=st.sampled_from([0.2, 0.0]),
        more_teams=st.sampled_from([40, 0]),
        by_flags=st.booleans(),
        constant=st.booleans(),
    ),
    min_size=3,
    max_size=5,
)


@pytest.fixture(autouse=True)
def planned_once(request: pytest.FixtureRequest) -> Iterator[None]:
    # Planning again after every stage takes longer than the small leagues themselves.
    if "spark" not in request.fixturenames:
        yield
        return
    with configured(request.getfixturevalue("spark"), {"spark.sql.adaptive.enabled": "false"}):
        yield


def test_the_random_leagues_have_every_case() -> None:
    tables = random_tables(LEAGUES, sources=UPSTREAM_SOURCES)
    expected = expected_upstream(tables, game_dates_of(tables), SEASON_START)
    rows = [row for by_key in expected.values() for row in by_key.values()]
    values = {name: {row.get(name) for row in rows} for name in {name for row in rows for name in row}}
    assert values["primary_scoring_zone"] == {"paint", "perimeter", "mid_range", "balanced", None}
    assert all({-limit, 0, limit, None} < values[name] for name, limit in LIMITS.items())
    fatigue = [row["fatigue_score"] for row in expected["player_composite_factors"].values()]
    assert min(fatigue) <= 45
    assert max(fatigue) == 100
    assert 15 in values["games_in_sample"]
    assert all({True, False} == {row["is_production_ready"] for row in by_key.values()} for by_key in expected.values())
    teams = expected["team_defense_zone_analysis"].values()
    assert {_has_constant_league(row) for row in teams if row["paint_pct_allowed_last_15"] is not None} == {True, False}


def _has_constant_league(row: Row) -> bool:
    league = row["paint_pct_allowed_last_15"] - row["paint_defense_vs_league_avg"] / 100
    return bool(abs(league - Decimal("0.58")) < Decimal("0.001"))


@given(disorders=leagues, digits=st.permutations(DIGITS))
@settings(reproducible, max_examples=3)
def test_engine_equals_oracle(spark: SparkSession, disorders: list[Disorder], digits: list[Digits]) -> None:
    tables = random_tables(disorders, digits, UPSTREAM_SOURCES)
    dates = game_dates_of(tables)
    expected = expected_upstream(tables, dates, SEASON_START)
    with configured(spark, INTERPRETED):
        found = engine_upstream(upstream_frames(spark, tables, digits), dates, SEASON_START)
    assert_same_upstream(expected, found)


@given(disorders=leagues, part=st.floats(0.6, 0.95))
@settings(reproducible, max_examples=2)
def test_no_row_notices_the_future(spark: SparkSession, disorders: list[Disorder], part: float) -> None:
    tables = random_tables(disorders, sources=UPSTREAM_SOURCES)
    dates = game_dates_of(tables)
    until = dates[: int(part * len(dates)) + 1]
    expected = expected_upstream(tables, until, SEASON_START)
    with configured(spark, INTERPRETED):
        changed = with_changed_future(upstream_frames(spark, tables), until[-1])
        found = engine_upstream(changed, until, SEASON_START)
    assert_same_upstream(expected, found)


@pytest.mark.parametrize("options", PARTITIONINGS.values(), ids=PARTITIONINGS.keys())
def test_no_setting_and_no_order_changes_a_value_or_a_hash(spark: SparkSession, options: Mapping[str, str]) -> None:
    tables = random_tables(LEAGUES, sources=UPSTREAM_SOURCES)
    dates = game_dates_of(tables)
    expected = expected_upstream(tables, dates, SEASON_START)
    with configured(spark, options):
        order = random.Random(str(options))
        shuffled = {name: order.sample(rows, len(rows)) for name, rows in tables.items()}
        found = engine_upstream(upstream_frames(spark, shuffled), dates, SEASON_START)
    assert_same_upstream(expected, found)
