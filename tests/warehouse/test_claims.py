"""The one step of check and claim, on every warehouse: of several who ask at the same moment, one gets the dates."""

from __future__ import annotations

import datetime
import threading

from jobs.errors import RefusedError
from jobs.ledger.history import RunHistory
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE
from tests.warehouse.backends import Backend

THREADS = 3
NOVEMBER = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))


def ledger_of(backend: Backend, requested: RequestedDates) -> Ledger:
    warehouse = backend.make_warehouse()
    target = warehouse.identity(ML_FEATURE_STORE)
    return Ledger(warehouse, RunIdentity(), "backfill_features", target=target, requested=requested, parameters={})


def test_of_runs_that_ask_at_the_same_moment_one_gets_the_dates(backend: Backend) -> None:
    started, asked = threading.Barrier(THREADS), threading.Barrier(THREADS)
    answers: list[str] = []

    def ask() -> None:
        ledger = ledger_of(backend, NOVEMBER)
        started.wait()
        try:
            with ledger.held():
                answers.append("has them")
                asked.wait(120)
        except RefusedError as error:
            answers.append(str(error))
            asked.wait(120)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    (run,) = RunHistory(backend.make_warehouse()).runs()
    refused = [answer for answer in answers if answer != "has them"]
    assert len(answers) == THREADS
    assert len(refused) == THREADS - 1
    assert all(f"run {run.run_id} (" in answer and "is under way and holds 2021-11-01" in answer for answer in refused)


def test_one_after_the_other_over_other_dates(backend: Backend) -> None:
    for month in (1, 2, 3):
        days = RequestedDates(datetime.date(2022, month, 1), datetime.date(2022, month, 20))
        with ledger_of(backend, days).held() as ledger:
            ledger.check_still_held()
            ledger.end("succeeded")
    found = RunHistory(backend.make_warehouse()).runs()
    assert [run.row.status for run in found] == ["succeeded"] * 3
    assert [run.requested.start.month for run in found if run.requested] == [3, 2, 1]
