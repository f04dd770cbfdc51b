"""Which season a date belongs to, when that season began, and how far into it the date is."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import pytest
from pyspark.sql import SparkSession

from jobs.schemas.tables import NBAC_SCHEDULE
from tests.transforms.rows import Values, frame
from transforms.schedule import REGULAR_SEASON, phase
from transforms.season_calendar import ScheduledDate, SeasonCalendar, is_bootstrap

Date = datetime.date


def assert_calendar(
    spark: SparkSession,
    schedule: Sequence[Values],
    expected: Sequence[tuple[Date, int, Date | None]],
    season_start: Mapping[int, Date] | None = None,
) -> None:
    games = frame(spark, NBAC_SCHEDULE, schedule)
    scheduled = games.select("game_date", "season_year", phase() == REGULAR_SEASON).collect()
    seasons = SeasonCalendar([ScheduledDate(*row) for row in scheduled], season_start or {})
    planned = [(date, seasons.season_year(date), seasons.season_start(season)) for date, season, _ in expected]
    assert planned == list(expected)


def test_the_season_of_a_date_is_that_of_its_scheduled_games_else_by_month(spark: SparkSession) -> None:
    assert_calendar(
        spark,
        [
            {"game_date": Date(2020, 10, 11), "season_year": 2019},  # the finals of 2019-20
            {"game_date": Date(2021, 10, 3), "season_year": None},
            {"game_date": Date(2019, 10, 22), "season_year": 2019},
        ],
        [
            (Date(2020, 10, 11), 2019, Date(2019, 10, 22)),
            (Date(2021, 10, 3), 2021, None),
            (Date(2021, 12, 31), 2021, None),
            (Date(2022, 1, 1), 2021, None),
            (Date(2022, 9, 30), 2021, None),
            (Date(2022, 10, 1), 2022, None),
        ],
    )


def test_of_two_seasons_on_one_date_the_larger_counts(spark: SparkSession) -> None:
    schedule = [
        {"game_date": Date(2021, 1, 15), "season_year": year, "season_phase": "preseason"} for year in (2019, 2020)
    ]
    assert_calendar(spark, schedule, [(Date(2021, 1, 15), 2020, None)])


def test_day_0_is_the_first_regular_season_date_exactly_so_called_of_any_status(spark: SparkSession) -> None:
    start = {"season_phase": "regular_season", "season_year": 2021}
    assert_calendar(
        spark,
        [
            {**start, "game_date": Date(2021, 10, 4), "season_phase": "preseason"},
            {**start, "game_date": Date(2021, 10, 5), "season_phase": "Regular_Season"},
            {**start, "game_date": Date(2021, 10, 6), "season_phase": "regular_season "},
            {**start, "game_date": Date(2021, 10, 7), "season_phase": None},
            {**start, "game_date": Date(2021, 10, 8), "season_year": 2020},
            {**start, "game_date": Date(2021, 10, 19), "game_status": 1},
            {**start, "game_date": Date(2021, 10, 20), "game_status": 3},
        ],
        [(Date(2021, 10, 4), 2021, Date(2021, 10, 19)), (Date(2022, 1, 15), 2021, Date(2021, 10, 19))],
    )


def test_day_0_of_a_season_without_regular_season_games_is_the_configured_date(spark: SparkSession) -> None:
    assert_calendar(
        spark,
        [{"game_date": Date(2022, 10, 18), "season_year": 2022}],
        [
            (Date(2022, 1, 15), 2021, Date(2021, 10, 19)),
            (Date(2022, 12, 1), 2022, Date(2022, 10, 18)),
            (Date(2024, 1, 1), 2023, None),
        ],
        {2021: Date(2021, 10, 19), 2022: Date(2022, 10, 1)},
    )


@pytest.mark.parametrize(("days", "expected"), [(-1, True), (0, True), (13, True), (14, False), (29, False)])
def test_the_bootstrap_period_is_days_0_to_13_and_all_before(days: int, expected: bool) -> None:
    start = Date(2021, 10, 19)
    assert is_bootstrap(start + datetime.timedelta(days=days), start) is expected
