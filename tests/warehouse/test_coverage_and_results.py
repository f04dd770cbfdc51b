"""What the source tables hold and what the feature store holds, counted the same way on every warehouse."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.coverage import coverage
from jobs.errors import ContractError
from jobs.planning.coverage import Coverage
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.reports.results import Results
from jobs.results import results
from jobs.schemas.tables import ML_FEATURE_STORE, NBAC_SCHEDULE, PHASE4_TABLES, SOURCES
from tests.warehouse.backends import Backend
from tests.warehouse.feature_rows import NOVEMBER_18, NOVEMBER_19, feature_row, placeholder_row

NOVEMBER_20 = datetime.date(2021, 11, 20)
THREE_DAYS = RequestedDates(NOVEMBER_18, NOVEMBER_20)
KEYS: dict[str, Sequence[tuple[str | None, datetime.date | None]]] = {
    "player_daily_cache": [("anna", NOVEMBER_18), ("anna", NOVEMBER_19), ("bert", NOVEMBER_19)],
    "player_composite_factors": [("anna", NOVEMBER_19), (None, NOVEMBER_18)],
    "player_shot_zone_analysis": [("anna", NOVEMBER_18), ("anna", NOVEMBER_19), ("anna", NOVEMBER_20)],
    "team_defense_zone_analysis": [("ATL", NOVEMBER_18), ("ATL", NOVEMBER_18), ("ATL", NOVEMBER_19)],
    "upcoming_player_game_context": [
        ("anna", NOVEMBER_18),
        ("bert", NOVEMBER_18),
        ("bert", NOVEMBER_18),
        (None, NOVEMBER_18),
        ("carl", NOVEMBER_19),
        ("dora", None),
    ],
    "player_game_summary": [("anna", datetime.date(2021, 10, 20)), ("anna", NOVEMBER_18)],
    "team_offense_game_summary": [("ATL", NOVEMBER_18)],
    "team_defense_game_summary": [("ATL", NOVEMBER_18)],
}
SCHEDULE: list[dict[str, Any]] = [
    {"game_id": "1", "game_date": datetime.date(2021, 10, 19), "season_year": 2021, "season_phase": "regular_season"},
    {"game_id": "2", "game_date": NOVEMBER_18, "season_year": 2021, "season_phase": "regular_season"},
]


def load_sources(backend: Backend) -> None:
    """By appending, which starts no Spark job on either warehouse."""
    warehouse = backend.make_warehouse()
    for table in SOURCES:
        rows = SCHEDULE
        if table is not NBAC_SCHEDULE:
            rows = [dict(zip(table.key, key, strict=True)) for key in KEYS[table.name]]
        warehouse.append(table, rows)


def covered(backend: Backend, requested: RequestedDates) -> Coverage:
    # Which players have the rows is another test's business.
    any_share = dict.fromkeys([table.name for table in PHASE4_TABLES], 0.0)
    options = {"on_missing": "fail", "minimum_rows": {"player_daily_cache": 2}, "minimum_share": any_share}
    settings = load_settings(options, environment={})
    return coverage(backend.make_warehouse(), settings, requested, Progress(Console(file=io.StringIO())))


def test_the_coverage_of_a_range_and_of_listed_dates(backend: Backend) -> None:
    load_sources(backend)
    check_range(covered(backend, THREE_DAYS))
    check_listed(covered(backend, requested_dates(None, None, [NOVEMBER_18, NOVEMBER_20])))


def check_range(found: Coverage) -> None:
    tables = {table.name: table for table in found.tables}
    missing = {name: table.missing for name, table in tables.items() if table.missing}
    assert missing == {
        "player_daily_cache": (NOVEMBER_18,),  # one row, and two are asked for
        "player_composite_factors": (NOVEMBER_18,),  # the one row has no key
        "player_game_summary": (NOVEMBER_19,),
        "team_offense_game_summary": (NOVEMBER_19,),
        "team_defense_game_summary": (NOVEMBER_19,),
        "nbac_schedule": (NOVEMBER_19,),
    }
    assert found.bottleneck == ["player_daily_cache", "player_composite_factors"]
    counts = {name: (table.rows, table.duplicated_rows, table.unkeyed_rows) for name, table in tables.items()}
    assert counts == {
        "player_daily_cache": (3, 0, 0),
        "player_composite_factors": (2, 0, 1),
        "player_shot_zone_analysis": (3, 0, 0),
        "team_defense_zone_analysis": (3, 1, 0),
        "upcoming_player_game_context": (5, 1, 2),
        "player_game_summary": (1, 0, 0),
        "team_offense_game_summary": (1, 0, 0),
        "team_defense_game_summary": (1, 0, 0),
        "nbac_schedule": (1, 0, 0),
    }
    assert (found.plan.players, found.rows_expected) == (3, 1)


def check_listed(found: Coverage) -> None:
    """What stands between the listed dates is left out."""
    tables = {table.name: table for table in found.tables}
    assert (found.plan.players, [planned.game_date for planned in found.plan.dates]) == (2, [NOVEMBER_18])
    assert (tables["upcoming_player_game_context"].rows, tables["player_daily_cache"].rows) == (4, 1)
    assert (tables["player_shot_zone_analysis"].rows, tables["player_shot_zone_analysis"].last) == (2, NOVEMBER_20)


HELD = [
    feature_row("anna"),
    feature_row("bert", data_source="phase3", quality_tier="bronze", feature_quality_score=Decimal("70.25")),
    placeholder_row("carl"),
    feature_row("anna", NOVEMBER_19, data_source="of_another_process", quality_tier=None, feature_quality_score=None),
    feature_row("anna", NOVEMBER_20),
]


def held(backend: Backend, requested: RequestedDates) -> Results:
    backend.load(ML_FEATURE_STORE, HELD)
    return results(backend.make_warehouse(), requested)


def shown(found: Results) -> str:
    text = io.StringIO()
    found.render(Console(file=text, width=160, highlight=False, soft_wrap=True))
    return text.getvalue()


def test_what_is_held_by_date_and_in_all(backend: Backend) -> None:
    found = held(backend, RequestedDates(NOVEMBER_18, NOVEMBER_19))
    content = found.as_json()
    first, second = content["dates"]
    assert (first["game_date"], first["rows"], first["players"], first["mean_quality"]) == ("2021-11-18", 3, 3, 55.92)
    assert first["shares_by_data_source"] == {
        "phase4": 0.3333,
        "phase4_partial": 0,
        "phase3": 0.3333,
        "mixed": 0,
        "early_season": 0.3333,
        "other": 0,
    }
    tiers = {"gold": 0.3333, "silver": 0, "bronze": 0.3333, "poor": 0, "critical": 0.3333, "other": 0}
    assert first["shares_by_quality_tier"] == tiers
    assert (second["game_date"], second["rows"], second["mean_quality"]) == ("2021-11-19", 1, None)
    assert (second["shares_by_data_source"]["other"], second["shares_by_quality_tier"]["other"]) == (1, 1)
    total = content["total"]
    assert (total["rows"], total["players"], total["mean_quality"]) == (4, 3, 55.92)
    assert (total["shares_by_data_source"]["phase4"], total["shares_by_quality_tier"]["critical"]) == (0.25, 0.25)
    text = shown(found)
    assert "2021-11-18" in text
    assert "55.92" in text
    assert "4 rows of 2 game dates and 3 players" in text
    assert "silver" not in text


def test_listed_dates_and_dates_that_are_not_held(backend: Backend) -> None:
    found = held(backend, requested_dates(None, None, [NOVEMBER_18, NOVEMBER_20]))
    assert [date.game_date for date in found.dates] == [NOVEMBER_18, NOVEMBER_20]
    nothing = results(backend.make_warehouse(), RequestedDates(datetime.date(2022, 1, 1), datetime.date(2022, 1, 2)))
    assert (nothing.dates, nothing.total, nothing.as_json()["total"]) == ([], None, None)
    assert "holds no row of 2022-01-01 to 2022-01-02" in shown(nothing)


def test_a_store_that_is_not_there(backend: Backend) -> None:
    with pytest.raises(
        ContractError, match=r"ml_feature_store_v2.* does not exist; run backfill_features for 2021-11-18"
    ):
        results(backend.make_warehouse(), THREE_DAYS)
