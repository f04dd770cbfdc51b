"""November 7 to 28, 2021: what becomes of dates that lack a table, and that a second run writes nothing."""

from __future__ import annotations

import datetime
import os
import warnings
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.errors import ExitCode
from jobs.planning.outcome import RunOutcome
from jobs.schemas.tables import FEATURE_RUNS, PHASE4_TABLES, UPCOMING_PLAYER_GAME_CONTEXT
from tests.end_to_end.store import Store, november

pytestmark = pytest.mark.usefixtures("as_in_a_job")

REAL_DATA = Path(os.environ.get("FEATURE_STORE_TEST_DATA", Path(__file__).parents[2] / "../shared/data/nba_field"))
START, END = datetime.date(2021, 11, 7), datetime.date(2021, 11, 28)


@dataclass(frozen=True)
class Month:
    """What the source files hold of the month, read without Spark: players by date, absent tables by date."""

    players: dict[datetime.date, set[str]]
    absent: dict[datetime.date, tuple[str, ...]]

    @property
    def complete(self) -> list[datetime.date]:
        return [date for date in self.players if date not in self.absent]

    def rows(self, dates: list[datetime.date]) -> int:
        return sum(len(self.players[date]) for date in dates)


class Runs(NamedTuple):
    """Four runs of the month, one after the other, and the store after each."""

    failing: RunOutcome
    after_failing: dict[datetime.date, int]
    skipping: RunOutcome
    fallback: RunOutcome
    files: set[str]
    commits: list[str]
    again: RunOutcome


@pytest.fixture(scope="module")
def source(league_files: Path) -> Path:
    if REAL_DATA.is_dir():
        return REAL_DATA
    warnings.warn(f"no folder {REAL_DATA}: the month of an invented league in place of the real one", stacklevel=1)
    return league_files


@pytest.fixture(scope="module")
def month(source: Path) -> Month:
    def keys(dataset: str, name: str, key: tuple[str, ...]) -> list[tuple[str, datetime.date]]:
        columns = pq.read_table(source / dataset / f"{name}.parquet", columns=list(key)).to_pydict()
        return [pair for pair in zip(*columns.values(), strict=True) if START <= pair[1] <= END]

    players: dict[datetime.date, set[str]] = defaultdict(set)
    for player, date in sorted(
        keys("nba_analytics", UPCOMING_PLAYER_GAME_CONTEXT.name, UPCOMING_PLAYER_GAME_CONTEXT.key)
    ):
        players[date].add(player)
    present = {t.name: {date for _, date in keys(t.dataset, t.name, t.key)} for t in PHASE4_TABLES}
    absent = {date: tuple(name for name, dates in present.items() if date not in dates) for date in sorted(players)}
    return Month(
        {date: players[date] for date in sorted(players)}, {date: names for date, names in absent.items() if names}
    )


@pytest.fixture(scope="module")
def month_store(spark: SparkSession, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(spark, tmp_path_factory.mktemp("month"))
    store.import_from(source)
    return store


@pytest.fixture(scope="module")
def runs(month_store: Store) -> Runs:
    requested = november(7, 28)
    failing = month_store.backfill(requested, on_missing="fail")
    after_failing = month_store.features_by_date()
    skipping = month_store.backfill(requested, on_missing="skip")
    fallback = month_store.backfill(requested, on_missing="fallback")
    files, commits = month_store.data_files(), month_store.commits()
    again = month_store.backfill(requested, on_missing="fallback")
    return Runs(failing, after_failing, skipping, fallback, files, commits, again)


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the real seasons are not here")
def test_the_month_is_the_one_that_is_known(month: Month) -> None:
    assert len(month.players) == 21
    cache, composite = "player_daily_cache", "player_composite_factors"
    assert month.absent == {
        datetime.date(2021, 11, 7): (cache, composite),
        datetime.date(2021, 11, 8): (cache, composite),
        datetime.date(2021, 11, 9): (cache, composite),
        datetime.date(2021, 11, 11): (composite,),
        datetime.date(2021, 11, 16): (composite,),
    }


def test_fail_writes_the_complete_dates_and_names_the_others(runs: Runs, month: Month) -> None:
    outcome = runs.failing
    assert outcome.exit_code is ExitCode.PARTIAL
    failed = {date.planned.game_date: date.planned.missing_tables for date in outcome.with_status("failed")}
    assert failed == month.absent
    assert runs.after_failing == {date: len(month.players[date]) for date in month.complete}
    assert outcome.rows == {
        "inserted": month.rows(month.complete),
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "not_computed": month.rows(list(month.absent)),
    }


def test_skip_leaves_the_same_dates_out_and_is_content(runs: Runs, month: Month) -> None:
    outcome = runs.skipping
    assert outcome.exit_code is ExitCode.DONE
    assert [date.planned.game_date for date in outcome.with_status("skipped")] == list(month.absent)
    assert (outcome.rows["inserted"], outcome.rows["unchanged"]) == (0, month.rows(month.complete))


def test_fallback_writes_every_date(runs: Runs, month: Month, month_store: Store) -> None:
    outcome = runs.fallback
    assert outcome.exit_code is ExitCode.DONE
    assert outcome.statuses == {"written": len(month.players), "failed": 0, "skipped": 0}
    assert outcome.rows["inserted"] == month.rows(list(month.absent))
    written: dict[datetime.date, set[str]] = defaultdict(set)
    for player, date in month_store.features():
        written[date].add(player)
    assert written == month.players


def test_fallback_rows_say_what_they_were_computed_from(runs: Runs, month: Month, month_store: Store) -> None:
    reasons = defaultdict(set)
    for (_, date), row in month_store.features().items():
        reasons[row["processing_decision_reason"]].add(date)
        assert (len(row["features"]), len(row["feature_sources"]), row["feature_count"]) == (25, 25, 25)
        assert row["updated_at"] is None
    assert reasons == {"computed": set(month.complete), "computed_with_fallback": set(month.absent)}


def test_a_second_run_writes_nothing(runs: Runs, month: Month, month_store: Store) -> None:
    everything = month.rows(list(month.players))
    assert runs.again.rows == {"inserted": 0, "updated": 0, "unchanged": everything, "skipped": 0, "not_computed": 0}
    assert month_store.data_files() == runs.files
    assert month_store.commits() == runs.commits
    assert [runs.commits.count(commit) for commit in ("WRITE", "MERGE")] == [1, 1]


@pytest.mark.parametrize("number", range(4))
def test_the_sum_closes_in_every_run(runs: Runs, month: Month, number: int) -> None:
    outcome = [runs.failing, runs.skipping, runs.fallback, runs.again][number]
    assert outcome.plan.context_rows == sum(outcome.rows.values()) == month.rows(list(month.players))


def test_the_ledger_has_the_runs_and_their_dates(runs: Runs, month: Month, month_store: Store) -> None:
    assert month_store.statuses(runs.failing.run_id) == ["running", "partial"]
    assert month_store.statuses(runs.again.run_id) == ["running", "succeeded"]
    dates = {row["game_date"]: row for row in month_store.ledger(runs.failing.run_id)}
    assert sorted(dates) == list(month.players)
    for date, row in dates.items():
        is_complete = date not in month.absent
        assert row["status"] == ("written" if is_complete else "failed")
        assert row["state"] == ("ready" if is_complete else "missing_upstream")
        assert row["reason"] == (None if is_complete else f"missing {', '.join(month.absent[date])}")
        assert row["context_rows"] == len(month.players[date])
        assert row["inserted"] == (len(month.players[date]) if is_complete else 0)
        if is_complete:
            shares = [row[f"share_{name}"] for name in ("phase4", "phase4_partial", "phase3", "mixed", "early_season")]
            assert sum(shares) == pytest.approx(1)
            assert 40 <= row["mean_quality"] <= 100


def test_the_ledger_has_the_sum(runs: Runs, month: Month, month_store: Store) -> None:
    (finished,) = [row for row in month_store.ledger(runs.failing.run_id, FEATURE_RUNS) if row["finished_at"]]
    assert finished["rows_planned"] == month.rows(list(month.players))
    assert finished["rows_inserted"] == month.rows(month.complete)
    assert finished["rows_not_computed"] == month.rows(list(month.absent))
    assert (finished["dates_written"], finished["dates_failed"]) == (len(month.complete), len(month.absent))
    assert all(finished[f"seconds_{phase}"] is not None for phase in ("plan", "read", "stage", "verify", "merge"))
    assert finished["error"] is None


def test_staging_is_gone(runs: Runs, month_store: Store) -> None:
    assert month_store.staging_folders() == []
