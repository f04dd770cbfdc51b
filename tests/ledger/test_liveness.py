"""Whether a run lives: by its process where that can be seen, else by its heartbeat."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from jobs.ledger import process
from jobs.ledger.liveness import Liveness, liveness
from jobs.ledger.run_id import now
from jobs.ledger.run_row import RunRow
from jobs.schemas.tables import FEATURE_RUNS

YEAR = datetime.timedelta(days=365)


def row(of: dict[str, Any] | None = None, **changed: Any) -> RunRow:
    """A row of this process, or of another that called itself `of`."""
    parameters = json.dumps({"process": {**process.as_json(), **(of or {})}})
    values = {"status": "running", "heartbeat_at": now(), "pid": os.getpid(), "parameters": parameters, **changed}
    return RunRow.of_row(values)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """Another process, which has said who it is."""
    program = "import json; from jobs.ledger import process; print(json.dumps(process.as_json()), flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, text=True) as started:
        yield started
        started.kill()


def of_child(child: subprocess.Popen[str], **changed: Any) -> RunRow:
    assert child.stdout is not None
    return row(json.loads(child.stdout.readline()), **{"pid": child.pid, **changed})


@pytest.mark.parametrize("off", [-YEAR, datetime.timedelta(), YEAR])
def test_a_process_that_is_seen_lives_whatever_clocks_say(
    child: subprocess.Popen[str], off: datetime.timedelta
) -> None:
    assert liveness(of_child(child, heartbeat_at=now() + off)) is Liveness.ALIVE


@pytest.mark.parametrize("off", [-YEAR, datetime.timedelta(), YEAR])
def test_a_process_that_is_gone_is_dead_whatever_clocks_say(
    child: subprocess.Popen[str], off: datetime.timedelta
) -> None:
    of_it = of_child(child, heartbeat_at=now() + off)
    child.kill()
    child.wait()
    assert liveness(of_it) is Liveness.DEAD


def test_another_process_under_its_number_is_another(child: subprocess.Popen[str]) -> None:
    assert liveness(of_child(child, pid=os.getpid())) is Liveness.DEAD


@pytest.mark.parametrize("named", ["host", "boot", "namespace"])
def test_a_process_of_another_host_start_or_namespace_lives_by_its_heartbeat(named: str) -> None:
    elsewhere: dict[str, Any] = {named: "another"}
    for minutes, expected in (
        (14, Liveness.ALIVE),
        (-14, Liveness.ALIVE),
        (16, Liveness.SILENT),
        (-16, Liveness.SILENT),
    ):
        heard = now() - datetime.timedelta(minutes=minutes)
        assert liveness(row(elsewhere, pid=1, heartbeat_at=heard)) is expected, minutes


@pytest.mark.parametrize("parameters", [None, "{}", "no JSON", '{"process": {"host": "vm"}}'])
def test_a_process_that_is_not_described_lives_by_its_heartbeat(parameters: str | None) -> None:
    assert liveness(row(pid=1, parameters=parameters)) is Liveness.ALIVE


def test_an_ended_run_is_not_alive_and_an_unknown_status_is_no_end() -> None:
    assert [liveness(row(status=status)) for status in ("succeeded", "partial", "failed")] == 3 * [Liveness.ENDED]
    assert liveness(row(status="paused")) is Liveness.ALIVE


def test_a_row_of_a_run_has_the_columns_of_its_table_in_their_order() -> None:
    assert [field.name for field in fields(RunRow)] == FEATURE_RUNS.column_names
