"""Which rows a date reads, by the newest time at which one of them was processed; each case has a date of its own."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.transforms.rows import GAME_DATE, SEASON, SEASON_START, Story, log, sources_of
from transforms.newest_inputs import NEWEST, newest_inputs

OLD = datetime.datetime(2022, 1, 1)
NEW = datetime.datetime(2022, 2, 1)
CALENDAR = "game_date date, season_year bigint, season_start date, upstream_present boolean"


def first_new(games: int, **columns: Any) -> list[Any]:
    """A log of which the oldest game was processed anew."""
    return list(log(processed_at=[NEW, *[OLD] * (games - 1)], **{name: [v] * games for name, v in columns.items()}))


def earlier_season(games: int) -> list[Any]:
    rows = first_new(games)
    return [{**rows[0], "season_year": SEASON - 1}, *rows[1:]]


SAT_OUT = {"points": None, "processed_at": NEW, "season_year": SEASON - 1}


def sat_out(times: list[datetime.datetime], last_played: int) -> list[Any]:
    """A log of the season before: the `last_played` newest games were played, and the oldest of all."""
    between = [None] * (len(times) - last_played - 1)
    points = [5, *between, *[5] * last_played] if last_played < len(times) - 1 else [5] * len(times)
    return list(log(processed_at=times, points=points, season_year=[SEASON - 1] * len(times)))


CASES: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing is new": ({"games": log(points=[1, 2])}, False),
    "the context row": ({"context": {"processed_at": NEW}}, True),
    "a row without a time": ({"context": {"processed_at": None}}, False),
    "the player's upstream row of the date": ({"composite": {"processed_at": NEW}}, True),
    "the player's upstream row of another date": ({"composite": {"processed_at": NEW, "days_before": 1}}, False),
    "another player's upstream row": ({"daily_cache": {"processed_at": NEW, "player_lookup": "nobody"}}, False),
    "the opponent's upstream row": ({"team_defense": {"processed_at": NEW}}, True),
    "another team's upstream row": ({"team_defense": {"processed_at": NEW, "team_abbr": "FAR"}}, False),
    "a game of the date itself": ({"games": [{"days_before": 0, "processed_at": NEW}]}, False),
    "an older game of this season": ({"games": first_new(12)}, True),
    "the tenth last game, of another season": ({"games": earlier_season(10)}, True),
    "the eleventh last game, of another season": ({"games": earlier_season(11)}, False),
    "a game sat out before the tenth last game played": ({"games": sat_out([OLD, NEW, *[OLD] * 10], 10)}, False),
    "a game sat out after the tenth last game played": ({"games": sat_out([OLD, NEW, *[OLD] * 9], 9)}, True),
    "a game sat out after the date": ({"games": [*log(points=[1]), {**SAT_OUT, "days_before": -1}]}, False),
    "a game that stands twice": ({"games": [{"days_before": 2}, {"days_before": 2, "processed_at": NEW}]}, True),
    "an older game of the own team": ({"own_team": first_new(12)}, True),
    "the eleventh last game of the own team, of another season": ({"own_team": earlier_season(11)}, False),
    "the fifteenth last game of the opponent": ({"opponent": first_new(15)}, True),
    "the sixteenth last game of the opponent": ({"opponent": first_new(16)}, False),
    "the opponent's game of another season": ({"opponent": earlier_season(2)}, False),
}


def story(number: int, parts: dict[str, Any]) -> Story:
    with_time: dict[str, Any] = {"context": {}, **parts}
    for part, rows in with_time.items():
        several = [rows] if isinstance(rows, dict) else rows
        with_time[part] = [{"processed_at": OLD, **row} for row in several]
    return Story(date=GAME_DATE + datetime.timedelta(days=100 * number), **with_time)


@pytest.fixture(scope="module")
def newest(spark: SparkSession) -> dict[datetime.date, datetime.datetime]:
    stories = [story(number, parts) for number, (parts, _) in enumerate(CASES.values())]
    calendar = spark.createDataFrame([(s.date, SEASON, SEASON_START, True) for s in stories], CALENDAR)
    rows = newest_inputs(sources_of(spark, stories), calendar).collect()
    assert len(rows) == len(stories)
    return {row["game_date"]: row[NEWEST] for row in rows}


@pytest.mark.parametrize("case", CASES)
def test_the_newest_row_that_a_date_reads(case: str, newest: dict[datetime.date, datetime.datetime]) -> None:
    number = list(CASES).index(case)
    found = newest[GAME_DATE + datetime.timedelta(days=100 * number)]
    expected = None if case == "a row without a time" else NEW if CASES[case][1] else OLD
    assert found == expected
