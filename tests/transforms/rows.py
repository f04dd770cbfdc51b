"""Rows of the source tables for tests: a test states the values that its rule is about, the schemas give the rest.

Columns that nobody states are NULL, so that a value can only come from where the test put it; but a game has 7 points,
for one without was not played.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import types as T

from jobs.schemas import tables as schemas

Values = Mapping[str, Any]

GAME_DATE = datetime.date(2022, 1, 15)
FALLBACK_DATE = datetime.date(2022, 1, 16)
"""A date on which a pre-computed table is not present."""
SEASON = 2021
SEASON_START = datetime.date(2021, 10, 19)
PROCESSED_AT = datetime.datetime(2022, 1, 15, 6)
READY = {"completeness_percentage": 100.0, "is_production_ready": True, "data_hash": "upstream"}
DEFAULTS: dict[str, Values] = {
    **{table.name: READY for table in schemas.PHASE4_TABLES},
    "upcoming_player_game_context": {
        "universal_player_id": "universal_1",
        "game_id": "0022100640",
        "team_abbr": "OWN",
        "opponent_team_abbr": "OPP",
    },
    "player_game_summary": {"team_abbr": "OWN", "season_year": SEASON, "points": 7},
    "team_offense_game_summary": {"team_abbr": "OWN", "season_year": SEASON},
    "team_defense_game_summary": {"defending_team_abbr": "OPP", "season_year": SEASON},
    "team_defense_zone_analysis": {**READY, "team_abbr": "OPP"},
    "nbac_schedule": {
        "game_id": "0022100001",
        "home_team_tricode": "OWN",
        "away_team_tricode": "FAR",
        "game_status": 3,
        "season_year": SEASON,
        "season_phase": "regular_season",
    },
}


def frame(spark: SparkSession, table: schemas.Table, rows: Iterable[Values]) -> DataFrame:
    """A frame of one source table in the contract's column order."""
    complete = [_complete(table, values) for values in rows]
    fields = [T.StructField(column.name, column.spark_type) for column in table.columns]
    return spark.createDataFrame(complete, T.StructType(fields))


def _complete(table: schemas.Table, values: Values) -> tuple[Any, ...]:
    found = {"processed_at": PROCESSED_AT, **DEFAULTS.get(table.name, {}), **values}
    unknown = set(values) - set(table.column_names)
    assert not unknown, f"{table.name} has no column {sorted(unknown)}"
    return tuple(_as_type(found.get(column.name), column.type) for column in table.columns)


def _as_type(value: Any, type_: str) -> Any:
    return Decimal(str(value)) if type_.startswith("NUMERIC") and value is not None else value


def log(**columns: Sequence[Any]) -> list[Values]:
    """A game log, oldest game first, one game every second day up to two days before the request."""
    games = len(next(iter(columns.values())))
    dated = {"days_before": [2 * (games - number) for number in range(games)], **columns}
    return [dict(zip(dated, row, strict=True)) for row in zip(*dated.values(), strict=True)]


@dataclass(frozen=True, eq=False)
class Story:
    """One request for a player and a date, and all that the sources hold about it.

    Rows are dated by `days_before` the request, or by their own date column. Teams are named by their part: OWN and
    OPP unless a row says otherwise; every story has teams and a player of its own.
    """

    date: datetime.date = GAME_DATE
    context: Values | Sequence[Values] = field(default_factory=dict)
    games: Sequence[Values] = ()
    daily_cache: Values | Sequence[Values] = ()
    composite: Values | Sequence[Values] = ()
    shot_zones: Values | Sequence[Values] = ()
    team_defense: Values | Sequence[Values] = ()
    own_team: Sequence[Values] = ()
    opponent: Sequence[Values] = ()
    schedule: Sequence[Values] = ()


TABLE_OF_PART = {
    "context": schemas.UPCOMING_PLAYER_GAME_CONTEXT,
    "games": schemas.PLAYER_GAME_SUMMARY,
    "daily_cache": schemas.PLAYER_DAILY_CACHE,
    "composite": schemas.PLAYER_COMPOSITE_FACTORS,
    "shot_zones": schemas.PLAYER_SHOT_ZONE_ANALYSIS,
    "team_defense": schemas.TEAM_DEFENSE_ZONE_ANALYSIS,
    "own_team": schemas.TEAM_OFFENSE_GAME_SUMMARY,
    "opponent": schemas.TEAM_DEFENSE_GAME_SUMMARY,
    "schedule": schemas.NBAC_SCHEDULE,
}
TEAM_COLUMNS = {"team_abbr", "opponent_team_abbr", "defending_team_abbr", "home_team_tricode", "away_team_tricode"}


def story_rows(story: Story, number: int, part: str) -> list[Values]:
    """The rows of one part of a story, with the story's own player, teams and dates."""
    table, stated = TABLE_OF_PART[part], getattr(story, part)
    rows: list[Values] = []
    for values in [stated] if isinstance(stated, Mapping) else stated:
        row = {"player_lookup": f"player_{number}", table.date_column: story.date, **DEFAULTS[table.name], **values}
        if (days := row.pop("days_before", None)) is not None:
            row[table.date_column] = story.date - datetime.timedelta(days=days)
        teams = {name: f"{row[name]}_{number}" for name in TEAM_COLUMNS & set(row) if row[name] is not None}
        rows.append({name: value for name, value in {**row, **teams}.items() if name in table.column_names})
    return rows


def sources_of(spark: SparkSession, stories: Sequence[Story]) -> dict[str, DataFrame]:
    """The nine source tables that hold all of the stories."""
    return {
        table.name: frame(
            spark, table, [row for number, story in enumerate(stories) for row in story_rows(story, number, part)]
        )
        for part, table in TABLE_OF_PART.items()
    }


class FeatureRow:
    """One computed row: its columns by name, and its features by name with where each came from."""

    def __init__(self, row: Row) -> None:
        self.columns: dict[str, Any] = row.asDict()

    def __getitem__(self, column: str) -> Any:
        return self.columns[column]

    def feature(self, name: str) -> tuple[float, str]:
        """The value of a feature and its source."""
        index = self["feature_names"].index(name)
        return self["features"][index], self["feature_sources"][index]


def about(*stories: Story) -> pytest.MarkDecorator:
    """Runs a test once for each story; its fixture `row` is then the row that was computed for the story."""
    return pytest.mark.parametrize("story", stories)
