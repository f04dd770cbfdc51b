"""An audit of tables that knew what they may, and of tables that somebody computed from the games of the day too."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyspark.sql import types as T
from rich.console import Console

from jobs.audit_leaks import audit_leaks
from jobs.config.settings import load_settings
from jobs.errors import ConfigurationError, ExitCode
from jobs.planning.plan import requested_dates
from jobs.reports.leakage import AuditedTable
from jobs.schemas.precompute import UPSTREAM_SOURCES, UPSTREAM_TARGETS
from tests.end_to_end.store import Store, november, silent
from tests.oracle.histories import GameLog
from tests.oracle.newest import Row
from tests.oracle.upstream_naive import expected_upstream

DAYS = november(20, 26)
SEASON_START = {2021: datetime.date(2021, 10, 19)}
FROM_CONTEXT = {
    *("games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days", "back_to_backs_last_14_days"),
    *("player_age", "fatigue_score", "pace_score", "usage_spike_score"),
}
NOT_AUDITED = {"universal_player_id", "game_id", "analysis_date", "data_hash"}


def audit(store: Store, **options: Any) -> Any:
    with store.opened() as warehouse:
        return audit_leaks(warehouse, load_settings({}, environment={}), DAYS, silent(), **options)


def leaking(table: AuditedTable) -> set[str]:
    return {column.name for column in table.leaking}


@pytest.fixture(scope="module")
def tables(league_files: Path) -> dict[str, list[Row]]:
    return {
        table.name: pq.read_table(league_files / table.dataset / f"{table.name}.parquet").to_pylist()
        for table in UPSTREAM_SOURCES
    }


@pytest.fixture(scope="module")
def dates(tables: dict[str, list[Row]]) -> list[datetime.date]:
    return sorted({row["game_date"] for row in tables["upcoming_player_game_context"] if row["game_date"] in DAYS})


@pytest.fixture(scope="module")
def honest(tables: Any, dates: Any) -> dict[str, dict[Any, Row]]:
    return expected_upstream(tables, dates, SEASON_START)


@pytest.fixture(scope="module")
def leaky(tables: Any, dates: Any) -> Iterator[dict[str, dict[Any, Row]]]:
    """The naive tables, with `game_date <= D` where `game_date < D` should stand."""
    before = GameLog.before
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(GameLog, "before", lambda log, who, date: before(log, who, date + datetime.timedelta(days=1)))
        yield expected_upstream(tables, dates, SEASON_START)


@pytest.fixture(scope="module")
def clean(imported: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small league with features of some of the days."""
    store = imported.copied_to(tmp_path_factory.mktemp("clean"))
    store.backfill(DAYS, on_missing="fallback")
    return store


def replace(store: Store, rows_by_table: Mapping[str, Mapping[Any, Row]]) -> None:
    """Puts rows in place of a table's own, for the days that they are of."""
    for table in UPSTREAM_TARGETS:
        columns = [column for column in table.columns if column.name not in ("processed_at", "created_at")]
        schema = T.StructType([T.StructField(column.name, column.spark_type) for column in columns])
        rows = [tuple(row[column.name] for column in columns) for row in rows_by_table[table.name].values()]
        frame = store.spark.createDataFrame(rows, schema).selectExpr(
            "*", "TIMESTAMP '2021-12-01' AS processed_at", "TIMESTAMP '2021-12-01' AS created_at"
        )
        store.sql(f"DELETE FROM {{table}} WHERE {table.date_column} >= DATE '{DAYS.start}'", table)
        types = store.spark.read.format("delta").load(str(store.folder(table))).schema
        cast = frame.selectExpr(*[f"CAST({n} AS {types[n].dataType.simpleString()})" for n in frame.columns])
        cast.write.format("delta").mode("append").save(str(store.folder(table)))


def test_nothing_leaks_in_tables_that_knew_what_they_may(clean: Store, dates: Any) -> None:
    found = audit(clean)
    assert found.exit_code is ExitCode.DONE
    assert found.dates == dates
    assert [table.name for table in found.tables] == [
        *[table.name for table in UPSTREAM_TARGETS],
        "ml_feature_store_v2",
    ]
    for table in found.tables:
        assert leaking(table) == set(), table.name
        of_games = [column for column in table.columns if column.counts["before_only"]]
        assert of_games, f"{table.name}: no column tells the two apart"
        assert all(column.counts["including_only"] == 0 for column in table.columns), table.name
    assert [(altered.game_date, altered.moved) for altered in found.altered] == [(dates[len(dates) // 2], 0)]
    assert found.altered[0].rows > 0
    text = io.StringIO()
    found.render(Console(file=text, width=200))
    assert text.getvalue().splitlines()[-1].endswith("game dates: no leakage found")


def test_every_leaking_column_is_named(clean: Store, honest: Any, leaky: Any, dates: Any, tmp_path: Path) -> None:
    store = clean.copied_to(tmp_path / "leaky")
    replace(store, leaky)
    store.backfill(DAYS)
    found = audit(store)
    assert found.exit_code is ExitCode.PARTIAL
    features = found.tables[-1]
    for table in found.tables[:-1]:
        rows, knew = leaky[table.name], honest[table.name]
        changed = {
            name for key in rows.keys() & knew.keys() for name in rows[key] if rows[key][name] != knew[key][name]
        }
        named = leaking(table) - {"(row)"}
        assert named <= changed - NOT_AUDITED
        assert not (named & FROM_CONTEXT)
        # What changes by no more than the last digit on a few rows is no proof.
        assert {"completeness_percentage", "is_production_ready"} >= changed - NOT_AUDITED - named - FROM_CONTEXT, table
        assert all(column.leaking_dates and set(column.leaking_dates) <= set(dates) for column in table.leaking)
    assert {"points_avg_last_5", "points_avg_season", "opponent_def_rating", "team_pace"} <= leaking(features)
    assert not leaking(features) & {"rest_advantage", "home_away", "injury_risk", "fatigue_score", "recent_trend"}
    assert [altered.moved for altered in found.altered] == [0]
    summary = found.as_json()
    assert summary["status"] == "failed"
    cache = next(table for table in summary["tables"] if table["table"] == "player_daily_cache")
    assert "points_avg_last_5" in cache["leaking_columns"]


def test_a_sample_and_tables_that_are_not_there(clean: Store, dates: Any, tmp_path: Path) -> None:
    store = clean.copied_to(tmp_path / "bare")
    for dataset in ("nba_precompute", "nba_predictions"):
        (store.root / dataset).rename(tmp_path / dataset)
    found = audit(store, sample=1)
    assert found.dates == [dates[len(dates) // 2]]
    assert found.tables == []
    assert len(found.notes) == 5
    assert [(altered.game_date, altered.moved) for altered in found.altered] == [(found.dates[0], 0)]
    early = requested_dates(datetime.date(2021, 10, 20), datetime.date(2021, 10, 25), None)
    with pytest.raises(ConfigurationError, match="no game date outside the early season in 2021-10-20 to 2021-10-25"):
        audit_leaks(store.warehouse, load_settings({}, environment={}), early, silent())
