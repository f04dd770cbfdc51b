"""One writer a date: of runs that start at the same moment one goes on, and the dead hold nothing."""

from __future__ import annotations

import datetime
import multiprocessing
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import RefusedError
from jobs.ledger.claims import check_free, check_still_held
from jobs.ledger.history import RunHistory, runs_of
from jobs.ledger.ledger import Ledger
from jobs.ledger.liveness import is_alive
from jobs.ledger.run_id import RunIdentity, now
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import CLAIM, FEATURE_RUNS
from jobs.warehouse.delta.warehouse import DeltaWarehouse

ROUNDS = 20
TARGET = "nba_predictions.ml_feature_store_v2"
NOVEMBER = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))
LATE_NOVEMBER = RequestedDates(datetime.date(2021, 11, 20), datetime.date(2021, 12, 10))
DECEMBER = RequestedDates(datetime.date(2021, 12, 11), datetime.date(2021, 12, 31))


def no_spark() -> Any:
    raise AssertionError("the ledger needs no Spark")


def ledger_of(root: Path, requested: RequestedDates = NOVEMBER) -> Ledger:
    warehouse = DeltaWarehouse(no_spark, root, {})
    return Ledger(warehouse, RunIdentity(), "backfill_features", target=TARGET, requested=requested, parameters={})


def runs(root: Path) -> list[Any]:
    return runs_of(DeltaWarehouse(no_spark, root, {}).rows(FEATURE_RUNS))


def race(root: Path, requested: RequestedDates, together: Any, answers: Any) -> None:
    for number in range(ROUNDS):
        ledger = ledger_of(root / str(number), requested)
        together.wait()
        try:
            with ledger.held():
                answers.put((number, "went on"))
                together.wait()
        except RefusedError as error:
            answers.put((number, str(error)))
            together.wait()


def test_of_two_runs_that_start_at_the_same_moment_exactly_one_goes_on(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together, answers = context.Barrier(2), context.Queue()
    racers = [
        context.Process(target=race, args=(tmp_path, dates, together, answers)) for dates in (NOVEMBER, LATE_NOVEMBER)
    ]
    for racer in racers:
        racer.start()
    found = [answers.get(timeout=60) for _ in range(2 * ROUNDS)]
    for racer in racers:
        racer.join()
    for number in range(ROUNDS):
        winner, refused = sorted((text for round_, text in found if round_ == number), key=lambda text: len(text))
        assert winner == "went on"
        (run,) = runs(tmp_path / str(number))
        assert f"run {run.run_id} (backfill_features, game dates" in refused
        assert "is under way and holds 2021-11-20, 2021-11-21, 2021-11-22 and 8 more days" in refused


def test_other_dates_are_free(tmp_path: Path) -> None:
    with ledger_of(tmp_path).held(), ledger_of(tmp_path, DECEMBER).held():
        assert len(runs(tmp_path)) == 2


def test_a_run_that_failed_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), ledger_of(tmp_path).held():
        raise ZeroDivisionError("no")
    (failed,) = runs(tmp_path)
    assert (failed.row["status"], failed.row["error"]) == ("failed", "ZeroDivisionError: no")
    with ledger_of(tmp_path).held():
        assert len(runs(tmp_path)) == 2


def row(**changed: Any) -> dict[str, Any]:
    of_this_process = {"host": socket.gethostname(), "pid": multiprocessing.current_process().pid}
    return {"status": "running", "heartbeat_at": now(), **of_this_process, **changed}


def test_a_process_that_is_gone_or_another_under_its_number_is_dead() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert is_alive(row())
    assert not is_alive(row(pid=gone.pid))
    assert not is_alive(row(status="failed"))
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert is_alive(row(pid=child.pid))
        assert not is_alive(row(pid=child.pid, heartbeat_at=now() - datetime.timedelta(minutes=5)))
    finally:
        child.communicate(b"\n")


def test_a_heartbeat_of_another_host_lasts_fifteen_minutes() -> None:
    there = {"host": "elsewhere", "pid": 1}
    assert is_alive(row(**there, heartbeat_at=now() - datetime.timedelta(minutes=14)))
    assert not is_alive(row(**there, heartbeat_at=now() - datetime.timedelta(minutes=16)))


def test_a_run_that_was_overtaken_goes_no_further(tmp_path: Path) -> None:
    with ledger_of(tmp_path).held() as ledger:
        ledger.check_still_held()
        (mine,) = runs(tmp_path)
        later = {**mine.row, "run_id": "20300101T000000Z-aaaaaa", "phase": CLAIM, "heartbeat_at": now()}
        DeltaWarehouse(no_spark, tmp_path, {}).append(FEATURE_RUNS, [later])
        with pytest.raises(RefusedError, match=r"run 20300101T000000Z-aaaaaa .* has its dates now"):
            ledger.check_still_held()
        with pytest.raises(RefusedError):
            check_still_held(RunHistory(DeltaWarehouse(no_spark, tmp_path, {})).runs(), mine)


def test_a_run_is_not_resumed_while_it_lives(tmp_path: Path) -> None:
    with ledger_of(tmp_path).held():
        (run,) = runs(tmp_path)
        with pytest.raises(RefusedError, match="is alive; wait for its end"):
            check_free([run], TARGET, NOVEMBER, run.run_id)
