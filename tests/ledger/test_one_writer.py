"""One writer a date: of runs that start at the same moment one goes on, and the dead hold nothing."""

from __future__ import annotations

import datetime
import multiprocessing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import ContractError, JobError, RefusedError
from jobs.ledger.claims import check_free, check_still_held
from jobs.ledger.history import RunHistory, runs_of
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity, now
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import CLAIM, FEATURE_RUN_DATES, FEATURE_RUNS
from jobs.warehouse.delta.lock import exclusive
from jobs.warehouse.delta.warehouse import DeltaWarehouse

ROUNDS = 10
RACERS = 6
TARGET = "nba_predictions.ml_feature_store_v2"
NOVEMBER = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))
LATE_NOVEMBER = RequestedDates(datetime.date(2021, 11, 20), datetime.date(2021, 12, 10))
DECEMBER = RequestedDates(datetime.date(2021, 12, 11), datetime.date(2021, 12, 31))
JANUARY = RequestedDates(datetime.date(2022, 1, 1), datetime.date(2022, 1, 31))


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
                # The first row of the second table of the ledger, of several processes at once.
                together.wait()
                ledger.write_rolled_back([requested.start], "another")
                answers.put((number, "went on"))
                together.wait()
        except RefusedError as error:
            together.wait()
            answers.put((number, str(error)))
            together.wait()


def raced(root: Path, of_each: Sequence[RequestedDates]) -> list[tuple[int, str]]:
    """What each of some processes was told in each round, in which all claimed their dates at the same moment."""
    context = multiprocessing.get_context("spawn")
    together, answers = context.Barrier(len(of_each)), context.Queue()
    racers = [context.Process(target=race, args=(root, dates, together, answers)) for dates in of_each]
    for racer in racers:
        racer.start()
    found = [answers.get(timeout=120) for _ in range(len(racers) * ROUNDS)]
    for racer in racers:
        racer.join()
    return found


def test_of_runs_that_start_at_the_same_moment_exactly_one_goes_on(tmp_path: Path) -> None:
    found = raced(tmp_path, [NOVEMBER, LATE_NOVEMBER] * (RACERS // 2))
    for number in range(ROUNDS):
        of_round = [text for round_, text in found if round_ == number]
        assert of_round.count("went on") == 1
        (run,) = runs(tmp_path / str(number))
        assert len(of_round) == RACERS
        for refused in (text for text in of_round if text != "went on"):
            assert f"run {run.run_id} (backfill_features, game dates" in refused
            assert "is under way and holds 2021-11-" in refused


def test_first_runs_over_different_dates_all_go_on(tmp_path: Path) -> None:
    found = raced(tmp_path, [NOVEMBER, DECEMBER, JANUARY])
    assert [text for _, text in found] == ["went on"] * 3 * ROUNDS
    for number in range(ROUNDS):
        assert len(runs(tmp_path / str(number))) == 3
        dates = DeltaWarehouse(no_spark, tmp_path / str(number), {}).rows(FEATURE_RUN_DATES)
        assert sorted(row["game_date"] for row in dates) == [NOVEMBER.start, DECEMBER.start, JANUARY.start]


def test_a_lock_that_is_not_free_in_time_refuses_the_run(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock"), pytest.raises(RefusedError, match="is locked by another process"):
        exclusive(tmp_path / "lock", seconds=0.1).__enter__()


def test_other_dates_are_free(tmp_path: Path) -> None:
    with ledger_of(tmp_path).held(), ledger_of(tmp_path, DECEMBER).held():
        assert len(runs(tmp_path)) == 2


def test_a_run_that_failed_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), ledger_of(tmp_path).held():
        raise ZeroDivisionError("no")
    (failed,) = runs(tmp_path)
    assert (failed.row.status, failed.row.error) == ("failed", "ZeroDivisionError: no")
    with ledger_of(tmp_path).held():
        assert len(runs(tmp_path)) == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ContractError("table a: x is missing\ntable b: y is missing"),
            "ContractError: table a: x is missing; table b",
        ),
        (RuntimeError("o64.sql failed\n\tat org.apache.spark.Some(Some.scala:1)\n\tat more"), "RuntimeError: o64.sql"),
        (JobError("401 for Bearer planted_token_of_nobody"), "JobError: 401 for …"),
    ],
)
def test_the_error_of_a_run_is_one_line_without_stack_or_secret(tmp_path: Path, error: Exception, told: str) -> None:
    with pytest.raises(type(error)), ledger_of(tmp_path).held():
        raise error
    (failed,) = runs(tmp_path)
    assert failed.row.error.startswith(told)
    assert not [sign for sign in ("\n", "\tat ", "planted") if sign in failed.row.error]


def test_a_run_that_was_overtaken_goes_no_further(tmp_path: Path) -> None:
    with ledger_of(tmp_path).held() as ledger:
        ledger.check_still_held()
        (mine,) = runs(tmp_path)
        later = {**mine.row.as_values(), "run_id": "20300101T000000Z-aaaaaa", "phase": CLAIM, "heartbeat_at": now()}
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
