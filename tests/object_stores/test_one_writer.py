"""Two drivers that know nothing of each other, started at once on an object store: exactly one goes on."""

from __future__ import annotations

import datetime
import multiprocessing
from typing import Any

from jobs.config.settings import load_settings
from jobs.errors import RefusedError
from jobs.ledger.history import RunHistory
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kinds import kind_of
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import new_folder, options

STARTS, DRIVERS = 20, 2
FIRST = datetime.date(2021, 11, 1)


def warehouse_at(path: str, stores: dict[str, Any]) -> Warehouse:
    settings = load_settings({"warehouse_path": path, "object_stores": stores}, environment={})
    return kind_of(settings).open(settings, lambda: None)  # type: ignore[arg-type, return-value]


def drive(path: str, stores: dict[str, Any], together: Any, answers: Any) -> None:
    """Asks for one date after the other, each at the moment when the other driver does, and keeps what it gets."""
    warehouse = warehouse_at(path, stores)
    target = warehouse.identity(ML_FEATURE_STORE)
    for start in range(STARTS):
        day = FIRST + datetime.timedelta(days=start)
        identity = RunIdentity()
        requested = RequestedDates(day, day)
        ledger = Ledger(warehouse, identity, "test", target=target, requested=requested, parameters={})
        together.wait(60)
        try:
            with ledger.held():
                answers.put((start, identity.run_id, True))
                together.wait(60)
        except RefusedError:
            answers.put((start, identity.run_id, False))
            together.wait(60)


def test_of_two_drivers_that_start_at_once_one_goes_on(gcs: FakeGcs) -> None:
    folder, processes = new_folder(gcs), multiprocessing.get_context("spawn")
    together, answers = processes.Barrier(DRIVERS), processes.Queue()
    drivers = [
        processes.Process(target=drive, args=(str(folder), options(gcs), together, answers)) for _ in range(DRIVERS)
    ]
    for driver in drivers:
        driver.start()
    found = [answers.get(timeout=120) for _ in range(DRIVERS * STARTS)]
    for driver in drivers:
        driver.join(60)
    assert [driver.exitcode for driver in drivers] == [0] * DRIVERS
    winners = sorted((start, run_id) for start, run_id, won in found if won)
    assert [start for start, _ in winners] == list(range(STARTS))
    runs = RunHistory(warehouse_at(str(folder), options(gcs))).runs()
    assert sorted(run.run_id for run in runs) == sorted(run_id for _, run_id in winners)
    assert len({run.row.claim for run in runs}) == STARTS
