"""Stories of pre-computed rows: one request for a player and a date, all that the sources hold about it, and the rows.

As `tests.transforms.rows` for the features, with the columns that these tables read beside.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.schemas.precompute import CONTEXT_WITH_LOAD, PLAYER_GAMES_WITH_MAKES, TEAM_DEFENSE_WITH_ZONES
from jobs.schemas.tables import NBAC_SCHEDULE, TEAM_OFFENSE_GAME_SUMMARY
from tests.transforms.rows import DEFAULTS, GAME_DATE, TEAM_COLUMNS, Values, frame

TABLE_OF_PART = {
    "context": CONTEXT_WITH_LOAD,
    "games": PLAYER_GAMES_WITH_MAKES,
    "own_team": TEAM_OFFENSE_GAME_SUMMARY,
    "opponent": TEAM_DEFENSE_WITH_ZONES,
    "schedule": NBAC_SCHEDULE,
}
PLAYED = {"minutes_played": 30, "points": 7}


@dataclass(frozen=True, eq=False)
class UpstreamStory:
    """Rows are dated by `days_before` the request; a game was played, 7 points in 30 minutes, unless it says otherwise.

    Teams are named by their part, OWN and OPP unless a row says otherwise; every story has teams and a player of its
    own, but for the league's other teams, which are given by a list of their games each.
    """

    date: datetime.date = GAME_DATE
    context: Values = field(default_factory=dict)
    games: Sequence[Values] = ()
    own_team: Sequence[Values] = ()
    opponent: Sequence[Values] = ()
    schedule: Sequence[Values] = ()


def story_rows(story: UpstreamStory, number: int, part: str) -> list[Values]:
    """The rows of one part of a story, with the story's own player, teams and dates."""
    table, stated = TABLE_OF_PART[part], getattr(story, part)
    rows: list[Values] = []
    for values in [stated] if isinstance(stated, Mapping) else stated:
        defaults = {**DEFAULTS[table.name], **(PLAYED if part == "games" else {})}
        row = {"player_lookup": f"player_{number}", table.date_column: story.date, **defaults, **values}
        if (days := row.pop("days_before", None)) is not None:
            row[table.date_column] = story.date - datetime.timedelta(days=days)
        teams = {name: f"{row[name]}_{number}" for name in TEAM_COLUMNS & set(row) if row[name] is not None}
        rows.append({name: value for name, value in {**row, **teams}.items() if name in table.column_names})
    return rows


def sources_of(spark: SparkSession, stories: Sequence[UpstreamStory]) -> dict[str, DataFrame]:
    """The five source tables that hold all of the stories."""
    return {
        table.name: frame(
            spark, table, [row for number, story in enumerate(stories) for row in story_rows(story, number, part)]
        )
        for part, table in TABLE_OF_PART.items()
    }


@dataclass(frozen=True)
class UpstreamRows:
    """What became of a story: the row of each table, or None; and why a row was skipped, by table."""

    shot_zones: dict[str, Any] | None
    defense: dict[str, Any] | None
    cache: dict[str, Any] | None
    composite: dict[str, Any] | None
    skipped: dict[str, str]


def told(*stories: UpstreamStory) -> pytest.MarkDecorator:
    """Runs a test once for each story; its fixture `rows` is then what was computed for the story."""
    return pytest.mark.parametrize("upstream_story", stories)
