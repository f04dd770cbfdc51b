"""What a plan counts by statements: the same as by the transforms, on both engines of Delta, and without a JVM."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import Schema, write_deltalake
from pyspark.sql import SparkSession
from pyspark.sql import types as T
from rich.console import Console

from jobs.backfill import counted_sources, sources
from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.coverage import coverage
from jobs.errors import ContractError
from jobs.planning.plan import RequestedDates
from jobs.planning.source_counts import CountedRows
from jobs.schemas.tables import (
    NBAC_SCHEDULE,
    PHASE4_TABLES,
    PLAYER_GAME_SUMMARY,
    SOURCES,
    TEAM_DEFENSE_ZONE_ANALYSIS,
    UPCOMING_PLAYER_GAME_CONTEXT,
    Table,
)
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.dialect import Question

OCTOBER_20, NOVEMBER_18, NOVEMBER_19, NOVEMBER_20 = (
    datetime.date(2021, 10, 20),
    *(datetime.date(2021, 11, day) for day in (18, 19, 20)),
)
DAYS = RequestedDates(NOVEMBER_18, NOVEMBER_20)
LISTED = RequestedDates(NOVEMBER_18, NOVEMBER_20, (NOVEMBER_18, NOVEMBER_20))
EARLIER, LATER = (datetime.datetime(2021, 11, day, tzinfo=datetime.timezone.utc) for day in (21, 22))
Row = Mapping[str, Any]


def played(player: str | None, day: datetime.date | None, points: int | None, **changed: Any) -> dict[str, Any]:
    game = {"player_lookup": player, "game_date": day, "points": points, "minutes_played": Decimal(10)}
    return {**game, "season_year": 2021, "processed_at": EARLIER, **changed}


CONTEXT_ROWS = [
    {"player_lookup": player, "game_date": day, "team_abbr": team, "opponent_team_abbr": opponent}
    for player, day, team, opponent in (
        ("anna", NOVEMBER_18, "ATL", "BOS"),
        ("anna", NOVEMBER_18, "ATL", "BOS"),
        ("bert", NOVEMBER_18, "BOS", None),
        (None, NOVEMBER_18, "CHI", "DEN"),
        ("anna", NOVEMBER_19, "ATL", "MIA"),
        ("carl", NOVEMBER_20, None, None),
        ("dora", None, "ATL", "BOS"),
        (None, None, None, None),
        ("emil", OCTOBER_20, "ATL", "BOS"),
    )
]
GAMES = [
    played("anna", NOVEMBER_18, 10),
    played("fred", NOVEMBER_18, 7),
    # Corrected later: he did not play.
    played("gina", NOVEMBER_18, 7),
    played("gina", NOVEMBER_18, None, processed_at=LATER),
    # Told of twice, at the same time: the larger wins, whatever stands first.
    played("hans", NOVEMBER_19, 0, minutes_played=Decimal(0), processed_at=None),
    played("hans", NOVEMBER_19, 3, processed_at=None),
    played("ines", NOVEMBER_20, 0, minutes_played=None),
    played("jane", NOVEMBER_20, 0),
    played(None, NOVEMBER_20, 5),
    played("kurt", None, 5),
    played("lena", OCTOBER_20, 5),
]
SCHEDULE = [
    {"game_id": game, "game_date": day, "season_year": season, "home_team_tricode": "ATL", **phase}
    for game, day, season, phase in (
        ("1", OCTOBER_20, 2021, {"season_phase": "regular_season"}),
        ("2", NOVEMBER_18, 2021, {"season_phase": None, "is_regular_season": True}),
        ("2", NOVEMBER_18, 2021, {"season_phase": "playoffs", "is_regular_season": True}),
        ("3", NOVEMBER_19, 2020, {"is_playoffs": True, "is_regular_season": True}),
        (None, NOVEMBER_20, None, {}),
        ("4", None, 2021, {"season_phase": "regular_season"}),
    )
]


def keyed(table: Table, *keys: tuple[str | None, datetime.date | None]) -> list[dict[str, Any]]:
    return [dict(zip(table.key, key, strict=True)) for key in keys]


def rows_of(table: Table) -> list[dict[str, Any]]:
    rows = {UPCOMING_PLAYER_GAME_CONTEXT.name: CONTEXT_ROWS, PLAYER_GAME_SUMMARY.name: GAMES}
    if table.name in rows:
        return [dict(row) for row in rows[table.name]]
    if table is NBAC_SCHEDULE:
        return [dict(row) for row in SCHEDULE]
    first, second = ("ATL", "DEN") if table is TEAM_DEFENSE_ZONE_ANALYSIS else ("anna", "bert")
    twice = [(first, NOVEMBER_18), (first, NOVEMBER_18)]
    return keyed(table, *twice, (second, NOVEMBER_19), (None, NOVEMBER_19), ("other", NOVEMBER_20), ("other", None))


def write(warehouse: DeltaWarehouse, table: Table, rows: Sequence[Row], *, without: Sequence[str] = ()) -> None:
    fields = [T.StructField(column.name, column.spark_type) for column in table.columns if column.name not in without]
    schema = pa.schema(Schema.from_json(T.StructType(fields).json()).to_arrow())
    content = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    write_deltalake(str(warehouse.folder(table)), content, mode="overwrite", schema_mode="overwrite")


class WithoutDuckDB(DeltaWarehouse):
    """Asks Spark for everything."""

    def ask(self, question: Question) -> list[dict[str, Any]]:
        return self.query(question(self.dialect))


def no_session() -> SparkSession:
    raise AssertionError("a session was asked for")


@pytest.fixture
def warehouse(tmp_path: Path) -> DeltaWarehouse:
    """All sources; it cannot start Spark."""
    opened = DeltaWarehouse(no_session, tmp_path, {})
    for table in SOURCES:
        write(opened, table, rows_of(table))
    return opened


def test_coverage_needs_no_spark(warehouse: DeltaWarehouse) -> None:
    settings = load_settings({"on_missing": "fallback", "season_start": {2020: OCTOBER_20}}, environment={})
    found = coverage(warehouse, settings, DAYS, Progress(Console(file=io.StringIO())))
    assert [(day.game_date, day.context_rows, day.unkeyed_rows) for day in found.plan.dates] == [
        (NOVEMBER_18, 3, 1),
        (NOVEMBER_19, 1, 0),
        (NOVEMBER_20, 1, 0),
    ]
    assert (found.plan.undated_rows, found.plan.players) == (2, 3)
    counted = {(count.source, count.game_date): count for count in found.plan.counts}
    teams = counted[(TEAM_DEFENSE_ZONE_ANALYSIS.name, NOVEMBER_18)]
    assert (teams.rows, teams.keyed_rows, teams.asked, teams.answered) == (2, 1, 2, 1)


def test_an_empty_source_is_found_without_spark(warehouse: DeltaWarehouse) -> None:
    write(warehouse, PHASE4_TABLES[0], [])
    settings = load_settings({"on_missing": "fallback", "season_start": {2020: OCTOBER_20}}, environment={})
    with pytest.raises(ContractError, match=r"player_daily_cache.* is empty"):
        coverage(warehouse, settings, DAYS, Progress(Console(file=io.StringIO())))


def in_order(rows: Sequence[CountedRows]) -> list[CountedRows]:
    return sorted(rows, key=str)


@pytest.mark.parametrize(
    "without", [(), ("season_phase",), ("is_regular_season", "is_playoffs")], ids=["both", "flags", "phase"]
)
def test_statements_count_what_the_transforms_count(
    spark: SparkSession, warehouse: DeltaWarehouse, without: Sequence[str]
) -> None:
    write(warehouse, NBAC_SCHEDULE, rows_of(NBAC_SCHEDULE), without=without)
    with_spark = WithoutDuckDB(spark, warehouse.root, {})
    for requested in (DAYS, LISTED):
        opened = sources.open_sources(with_spark, requested)
        expected = in_order(counted_sources.counted_rows(opened, requested, SOURCES))
        playing = counted_sources.played_without_context(opened, requested)
        assert {day: found.players for day, found in playing.items()} == {
            day: 1 for day in (NOVEMBER_18, NOVEMBER_19, NOVEMBER_20) if day in requested
        }
        assert all(len(found.examples) == 1 for found in playing.values())
        for asked in (warehouse, with_spark):
            assert in_order(counted_sources.asked_rows_by_date(asked, opened, requested)) == expected
            assert counted_sources.asked_for_played(asked, opened, requested) == playing


def test_tables_without_rows_are_counted_alike(spark: SparkSession, warehouse: DeltaWarehouse) -> None:
    for table in SOURCES:
        write(warehouse, table, [])
    with_spark = WithoutDuckDB(spark, warehouse.root, {})
    opened = sources.open_sources(with_spark, DAYS)
    assert counted_sources.counted_rows(opened, DAYS, SOURCES) == []
    for asked in (warehouse, with_spark):
        assert counted_sources.asked_rows_by_date(asked, opened, DAYS) == []
        assert counted_sources.asked_for_played(asked, opened, DAYS) == {}
