"""Two drivers that know nothing of each other, started at once on an object store: exactly one goes on."""

from __future__ import annotations

import datetime
import multiprocessing
from typing import Any
from uuid import uuid4

import pytest

from jobs.config.settings import load_settings
from jobs.errors import RefusedError
from jobs.ledger.history import RunHistory
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kinds import kind_of
from tests.object_stores.reached import CREDENTIAL, new_folder, options, s3_options

# The S3 of the tests answers one request at a time.
STARTS, DRIVERS = {"gs": 20, "s3a": 5}, 2
FIRST = datetime.date(2021, 11, 1)


def warehouse_at(path: str, stores: dict[str, Any]) -> Warehouse:
    settings = load_settings({"warehouse_path": path, "object_stores": stores}, environment={})
    return kind_of(settings).open(settings, lambda: None)  # type: ignore[arg-type, return-value]


def drive(path: str, stores: dict[str, Any], starts: int, together: Any, answers: Any) -> None:
    """Asks for one date after the other, each at the moment when the other driver does, and keeps what it gets."""
    warehouse = warehouse_at(path, stores)
    target = warehouse.identity(ML_FEATURE_STORE)
    for start in range(starts):
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


@pytest.fixture(params=["gcs", "s3"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """A warehouse that nobody else knows, and how its store is reached."""
    server = request.getfixturevalue(request.param)
    if request.param == "gcs":
        return str(new_folder(server)), options(server)
    for name, value in CREDENTIAL.items():
        monkeypatch.setenv(name, value)
    return f"s3://{server.make_bucket(f'bucket-{uuid4().hex[:8]}')}/warehouse", s3_options(server)


def test_of_two_drivers_that_start_at_once_one_goes_on(place: tuple[str, dict[str, Any]]) -> None:
    processes, (starts,) = multiprocessing.get_context("spawn"), [STARTS[scheme] for scheme in place[1]]
    together, answers = processes.Barrier(DRIVERS), processes.Queue()
    drivers = [processes.Process(target=drive, args=(*place, starts, together, answers)) for _ in range(DRIVERS)]
    for driver in drivers:
        driver.start()
    found = [answers.get(timeout=120) for _ in range(DRIVERS * starts)]
    for driver in drivers:
        driver.join(60)
    assert [driver.exitcode for driver in drivers] == [0] * DRIVERS
    winners = sorted((start, run_id) for start, run_id, won in found if won)
    assert [start for start, _ in winners] == list(range(starts))
    runs = RunHistory(warehouse_at(*place)).runs()
    assert sorted(run.run_id for run in runs) == sorted(run_id for _, run_id in winners)
    assert len({run.row.claim for run in runs}) == starts
