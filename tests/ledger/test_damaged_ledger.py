"""A ledger that is damaged: one sentence names the file, what still works, and how to mend it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.backfill.resume import earlier_run
from jobs.errors import ConfigurationError, ContractError
from jobs.ledger.history import RunHistory
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity, now
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import FEATURE_RUN_DATES, FEATURE_RUNS
from jobs.status import status_of
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.endurance.unreadable import unreadable

NOVEMBER = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))


def no_spark() -> Any:
    raise AssertionError("the ledger needs no Spark")


@pytest.fixture
def warehouse(tmp_path: Path) -> DeltaWarehouse:
    """With one run in its ledger."""
    made = DeltaWarehouse(no_spark, tmp_path / "warehouse", {})
    with Ledger(
        made, RunIdentity(), "backfill_features", target="t", requested=NOVEMBER, parameters={}
    ).held() as ledger:
        ledger.end("succeeded")
    return made


def files(warehouse: DeltaWarehouse, pattern: str) -> list[Path]:
    return sorted(Path(str(warehouse.folder(FEATURE_RUNS))).glob(pattern))


DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a commit is cut off": ("_delta_log/*.json", lambda file: file.write_text(file.read_text()[:-20])),
    "a commit is empty": ("_delta_log/*.json", lambda file: file.write_text("")),
    "a data file is gone": ("*.parquet", lambda file: file.unlink()),
    "a data file is cut off": ("*.parquet", lambda file: file.write_bytes(file.read_bytes()[:100])),
    "a data file is overwritten": ("*.parquet", lambda file: file.write_bytes(b"x" * file.stat().st_size)),
}


@pytest.mark.parametrize(("pattern", "damage"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_named(warehouse: DeltaWarehouse, pattern: str, damage: Callable[[Path], object]) -> None:
    file = files(warehouse, pattern)[-1]
    damage(file)
    with pytest.raises(ContractError, match=re.escape(str(file))) as raised:
        RunHistory(warehouse).runs()
    text = str(raised.value)
    assert "nba_orchestration.feature_runs" in text
    assert "which begins a new ledger" in text
    assert "coverage, results, validate, compare" in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("pattern", ["_delta_log/*.json", "*.parquet"])
def test_a_file_that_cannot_be_read_is_named(warehouse: DeltaWarehouse, pattern: str) -> None:
    file = files(warehouse, pattern)[-1]
    with unreadable(file), pytest.raises(ContractError, match=re.escape(str(file))) as raised:
        RunHistory(warehouse).runs()
    assert "which begins a new ledger" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert len(RunHistory(warehouse).runs()) == 1


def test_a_commit_that_is_missing_between_others_is_named(warehouse: DeltaWarehouse) -> None:
    commit = files(warehouse, "_delta_log/*.json")[1]
    commit.unlink()
    with pytest.raises(ContractError, match=re.escape(commit.name)):
        RunHistory(warehouse).runs()


OTHER = "20211121T083000Z-abcdef"
damaged_rows = pytest.mark.parametrize(
    ("name", "value"), [("parameters", "{cut o"), ("parameters", "[]"), ("heartbeat_at", None), ("started_at", None)]
)


def enter(warehouse: DeltaWarehouse, **values: Any) -> None:
    """A row of another run."""
    good = {"run_id": OTHER, "status": "running", "started_at": now(), "heartbeat_at": now(), "parameters": "{}"}
    warehouse.append(FEATURE_RUNS, [{**good, **values}])


def claim(warehouse: DeltaWarehouse) -> None:
    with Ledger(warehouse, RunIdentity(), "backfill_features", target="t", requested=NOVEMBER, parameters={}).held():
        pass


@damaged_rows
def test_a_damaged_row_is_told_and_the_other_runs_serve(warehouse: DeltaWarehouse, name: str, value: Any) -> None:
    (whole,) = RunHistory(warehouse).runs()
    enter(warehouse, **{name: value})
    runs, (told,) = RunHistory(warehouse).runs_and_damage()
    assert runs == [whole]
    assert re.search(rf"nba_orchestration\.feature_runs .*a row of run {OTHER} is damaged \({name} is ", told)
    assert f"DELETE FROM delta.`{warehouse.folder(FEATURE_RUNS)}` WHERE run_id = '{OTHER}'" in told


@damaged_rows
def test_nobody_claims_dates_beside_a_run_of_which_only_a_damaged_row_is_left(
    warehouse: DeltaWarehouse, name: str, value: Any
) -> None:
    enter(warehouse, **{name: value})
    with pytest.raises(ContractError, match=rf"a row of run {OTHER} is damaged .* DELETE FROM"):
        claim(warehouse)


@damaged_rows
def test_a_run_with_a_damaged_row_is_known_by_its_others(warehouse: DeltaWarehouse, name: str, value: Any) -> None:
    enter(warehouse, status="failed")
    enter(warehouse, **{name: value})
    runs, (told,) = RunHistory(warehouse).runs_and_damage()
    assert [run.row.status for run in runs if run.run_id == OTHER] == ["failed"]
    assert "it is passed over, the other rows of the run count" in told
    claim(warehouse)


def test_a_damaged_row_of_a_date_is_told_and_the_other_dates_serve(warehouse: DeltaWarehouse) -> None:
    good = {"run_id": OTHER, "game_date": datetime.date(2021, 11, 2), "status": "written", "recorded_at": now()}
    warehouse.append(FEATURE_RUN_DATES, [good, {**good, "game_date": None}])
    assert [date.game_date for date in RunHistory(warehouse).dates(OTHER)] == [good["game_date"]]
    (told,) = RunHistory(warehouse).damage(OTHER)
    assert "feature_run_dates" in told
    assert "(game_date is None); it is passed over" in told


def test_a_run_of_a_newer_version_is_not_said_to_have_ended(warehouse: DeltaWarehouse) -> None:
    (run,) = RunHistory(warehouse).runs()
    newer = {
        "status": "paused",
        "phase": "dreaming",
        "heartbeat_at": now() - datetime.timedelta(days=1),
        "host": "there",
    }
    run_id = "20211121T083000Z-abcdef"
    warehouse.append(
        FEATURE_RUNS, [{**run.row.as_values(), "run_id": run_id, "code_version": "9.0", "parameters": "{}", **newer}]
    )
    found = status_of(RunHistory(warehouse).run(run_id))
    assert found.status == "silent"
    assert found.advice == "this version does not know the status 'paused'; ask with version 9.0"
    with pytest.raises(ConfigurationError, match=r"has the status 'paused', which this version does not know.*9\.0"):
        earlier_run(warehouse, run_id, job="backfill_features")
