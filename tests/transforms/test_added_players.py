"""Players who played without a row of context: who they are, and the rows that stand in for theirs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.schemas.tables import NBAC_SCHEDULE, PLAYER_GAME_SUMMARY, UPCOMING_PLAYER_GAME_CONTEXT
from tests.transforms.rows import GAME_DATE, frame
from transforms.added_players import ADDED, with_added_players

NEXT_DATE = GAME_DATE + datetime.timedelta(days=1)


def game(player: str, **values: Any) -> dict[str, Any]:
    return {"player_lookup": player, "game_date": GAME_DATE, "team_abbr": "AWY", "minutes_played": 20, **values}


@pytest.fixture(scope="module")
def added(spark: SparkSession) -> dict[str, Row]:
    context = frame(
        spark, UPCOMING_PLAYER_GAME_CONTEXT, [{"player_lookup": name, "game_date": GAME_DATE} for name in ("in", "out")]
    )
    games = [
        game("in"),
        game("unlisted"),
        game("at_home", team_abbr="HOM"),
        game("sat_out", points=None),
        game("no_game", team_abbr="FAR"),
        game("reprocessed", processed_at=None),
        game("reprocessed", points=None),
        game("tomorrow", game_date=NEXT_DATE),
    ]
    today = {"game_date": GAME_DATE, "home_team_tricode": "HOM", "away_team_tricode": "AWY"}
    schedule = [
        {**today, "game_id": "2", "season_phase": "regular_season"},
        {**today, "game_id": "1", "season_phase": None, "is_playoffs": True},
        {**today, "game_id": None, "season_phase": "play_in"},
    ]
    calendar = spark.createDataFrame([(GAME_DATE,), (NEXT_DATE,)], "game_date date")
    logs = frame(spark, PLAYER_GAME_SUMMARY, games)
    rows = with_added_players(context, logs, frame(spark, NBAC_SCHEDULE, schedule), calendar).collect()
    assert sum(not row[ADDED] for row in rows) == 2
    return {row["player_lookup"]: row for row in rows if row[ADDED]}


def test_they_are_those_who_played_on_a_date_that_has_context(added: dict[str, Row]) -> None:
    assert added.keys() == {"unlisted", "at_home", "no_game"}


def test_team_game_opponent_home_and_phase_are_known(added: dict[str, Row]) -> None:
    columns = ("team_abbr", "game_id", "opponent_team_abbr", "home_game", "season_phase")
    assert [added["unlisted"][name] for name in columns] == ["AWY", "1", "HOM", False, "playoffs"]
    assert [added["at_home"][name] for name in columns] == ["HOM", "1", "AWY", True, "playoffs"]
    assert [added["no_game"][name] for name in columns] == ["FAR", None, None, None, None]


def test_everything_else_is_null(added: dict[str, Row]) -> None:
    for name in ("universal_player_id", "back_to_back", "player_status", "days_rest", "processed_at"):
        assert added["unlisted"][name] is None
