"""November 7 to 28, 2021 with its gaps: features alone, and with the pre-computed tables filled before them."""

from __future__ import annotations

import datetime
import os
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pyspark.sql import SparkSession

from jobs.backfill_features import with_upstream
from jobs.config.settings import load_settings
from jobs.errors import ContractError, ExitCode
from jobs.planning.outcome import RunOutcome
from jobs.schemas.tables import FEATURE_RUNS, PHASE4_TABLES, PLAYER_GAME_SUMMARY
from tests.end_to_end.store import Store, november, silent

REAL_DATA = Path(os.environ.get("FEATURE_STORE_TEST_DATA", Path(__file__).parents[2] / "../shared/data/nba_field"))
MONTH = november(7, 28)


class Runs(NamedTuple):
    """The store after both; features alone, the plan with the tables, the tables, and the features with them."""

    store: Store
    alone: RunOutcome
    planned: tuple[list[RunOutcome], RunOutcome]
    upstream: list[RunOutcome]
    features: RunOutcome


def filled(store: Store, *, dry_run: bool = False) -> Any:
    settings = load_settings({}, environment={})
    return with_upstream(store.warehouse, settings, MONTH, silent(), dry_run=dry_run)


@pytest.fixture(scope="module")
def runs(spark: SparkSession, league_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = REAL_DATA
    if not REAL_DATA.is_dir():
        warnings.warn(f"no folder {REAL_DATA}: the month of an invented league in place of the real one", stacklevel=1)
        folder = league_files
    store = Store(spark, tmp_path_factory.mktemp("with_upstream"))
    store.import_from(folder)
    alone = store.backfill(MONTH)
    return Runs(store, alone, filled(store, dry_run=True), *filled(store))


def test_every_date_is_written_with_the_tables(runs: Runs) -> None:
    failed = [date.planned.game_date for date in runs.alone.with_status("failed")]
    assert failed
    if REAL_DATA.is_dir():
        assert (runs.alone.statuses["written"], len(failed)) == (16, 5)
        assert runs.features.statuses == {"written": 21, "failed": 0, "skipped": 0}
    assert runs.features.exit_code is ExitCode.DONE
    assert runs.features.statuses["written"] == len(runs.alone.plan.dates)
    assert runs.features.rows["unchanged"] == runs.alone.rows["inserted"]
    missing = {day.game_date: day.missing_tables for day in runs.alone.plan.dates if day.missing_tables}
    wanted = {table.name: [day for day, names in missing.items() if table.name in names] for table in PHASE4_TABLES}
    assert {outcome.table: outcome.to_write() for outcome in runs.upstream} == {
        name: days for name, days in wanted.items() if days
    }


def test_the_phase_4_share_of_the_filled_dates_is_that_of_their_neighbours(runs: Runs) -> None:
    shares: dict[datetime.date, list[float]] = defaultdict(list)
    for (_, game_date), row in runs.store.features().items():
        shares[game_date].append(row["feature_sources"].count("phase4") / 25)
    mean = {day: sum(values) / len(values) for day, values in shares.items()}
    days, failed = sorted(mean), {date.planned.game_date for date in runs.alone.with_status("failed")}
    for place, day in enumerate(days):
        if day in failed:
            neighbours = [mean[near] for near in days[max(0, place - 4) : place + 5] if near not in failed]
            assert min(neighbours) - 0.03 <= mean[day] <= max(neighbours) + 0.03, (day, mean[day], neighbours)


def test_the_plan_shows_both(runs: Runs) -> None:
    upstream, features = runs.planned
    assert [(outcome.table, outcome.to_write()) for outcome in upstream] == [
        (outcome.table, outcome.to_write()) for outcome in runs.upstream
    ]
    assert features.plan.states["missing_upstream"] == 0
    assert features.to_write() == runs.features.to_write()
    assert all(outcome.dry_run is not None for outcome in (*upstream, features))
    assert len({row["run_id"] for row in runs.store.rows(FEATURE_RUNS)}) == 1 + len(runs.upstream) + 1


def test_tables_that_do_not_exist_are_planned_and_made(imported: Store, tmp_path: Path) -> None:
    store = imported.copied_to(tmp_path / "bare")
    (store.root / "nba_precompute").rename(tmp_path / "nba_precompute")
    settings, days = load_settings({}, environment={}), november(20, 21)
    upstream, features = with_upstream(store.warehouse, settings, days, silent(), dry_run=True)
    assert len(upstream) == len(PHASE4_TABLES)
    assert features.plan.states["missing_upstream"] == 0
    assert not (store.root / "nba_precompute").exists()
    upstream, features = with_upstream(store.warehouse, settings, days, silent())
    assert features.rows["inserted"] == features.plan.context_rows > 0
    assert features.exit_code is ExitCode.DONE


def test_nothing_is_filled_when_the_features_could_not_be_computed(imported: Store, tmp_path: Path) -> None:
    store = imported.copied_to(tmp_path / "broken")
    rows = store.spark.read.format("delta").load(str(store.folder(PLAYER_GAME_SUMMARY))).drop("ft_makes")
    store.warehouse.replace(PLAYER_GAME_SUMMARY, rows)
    with pytest.raises(ContractError, match="column ft_makes is missing"):
        with_upstream(store.warehouse, load_settings({}, environment={}), MONTH, silent())
    assert store.warehouse.actual_columns(FEATURE_RUNS) is None
