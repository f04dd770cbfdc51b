"""Hosts whose clocks differ and containers that number their processes alike: the living is never overtaken.

And the dead hold nothing, wherever in time their claim lies.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import ConfigurationError, RefusedError
from jobs.ledger import ledger as ledger_module
from jobs.ledger import process
from jobs.ledger.history import LoggedRun, runs_of
from jobs.ledger.ledger import Ledger
from jobs.ledger.release import release
from jobs.ledger.run_id import RunIdentity, now
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import FEATURE_RUNS
from jobs.status import status_of
from jobs.warehouse.delta.warehouse import DeltaWarehouse

NOVEMBER = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))
HEARTBEAT = 0.4
YEAR = 365 * 24 * 60
IN_A_NAMESPACE = ("unshare", "-pf", "--mount-proc")


def no_spark() -> Any:
    raise AssertionError("the ledger needs no Spark")


def warehouse(root: Path) -> DeltaWarehouse:
    return DeltaWarehouse(no_spark, root, {})


def ledger_of(root: Path, said: list[str] | None = None) -> Ledger:
    return Ledger(
        warehouse(root),
        RunIdentity(),
        "backfill_features",
        target="nba_predictions.ml_feature_store_v2",
        requested=NOVEMBER,
        parameters={},
        heartbeat_seconds=HEARTBEAT,
        say=(said if said is not None else []).append,
    )


def the_run(root: Path) -> LoggedRun:
    return runs_of(warehouse(root).rows(FEATURE_RUNS))[0]


def live(root: str, minutes: str, elsewhere: str) -> None:
    """The life of a run in a process of its own, whose clock is some minutes off, until its input ends."""
    ledger_module.now = lambda: now() + datetime.timedelta(minutes=int(minutes))  # type: ignore[attr-defined]
    if elsewhere:
        described = {**process.as_json(), "namespace": "another"}
        process.as_json = lambda: described
    with ledger_of(Path(root)).held():
        print("under way", flush=True)
        sys.stdin.read()


@contextmanager
def living(
    root: Path, minutes: int, *, elsewhere: bool = True, prefix: Sequence[str] = ()
) -> Iterator[subprocess.Popen[str]]:
    """A run that lives meanwhile; elsewhere, so that its process cannot be seen, or on this host."""
    program = f"from {__name__} import live; import sys; live(*sys.argv[1:])"
    arguments = [str(root), str(minutes), "x" if elsewhere else ""]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*prefix, sys.executable, "-c", program, *arguments], stdin=pipe, stdout=pipe, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "under way\n"
        try:
            yield run
        finally:
            run.kill()


@pytest.mark.parametrize("minutes", [-YEAR, -20, 0, 20, YEAR])
def test_a_living_run_of_a_host_with_another_clock_is_not_overtaken(tmp_path: Path, minutes: int) -> None:
    said: list[str] = []
    with living(tmp_path, minutes):
        for _ in range(3):
            with pytest.raises(RefusedError, match="is under way and holds 2021-11-01"):
                ledger_of(tmp_path, said).held().__enter__()
        assert the_run(tmp_path).run_id in str(said) or not minutes


@pytest.mark.parametrize("minutes", [-YEAR, -20, 20, YEAR])
def test_a_run_elsewhere_that_wrote_nothing_while_it_was_watched_is_dead(tmp_path: Path, minutes: int) -> None:
    with living(tmp_path, minutes):
        pass
    said: list[str] = []
    assert status_of(the_run(tmp_path)).status == "silent"
    with ledger_of(tmp_path, said).held() as ledger:
        ledger.check_still_held()
        ledger.end("succeeded")
    assert len(said) == 1
    assert "the ledger is watched, to see whether it lives" in said[0]
    assert the_run(tmp_path).row.status == "succeeded"


@pytest.mark.parametrize("minutes", [-YEAR, 10, YEAR])
def test_a_dead_run_of_this_host_holds_nothing_wherever_its_claim_lies(tmp_path: Path, minutes: int) -> None:
    with living(tmp_path, minutes, elsewhere=False), pytest.raises(RefusedError, match="is under way"):
        ledger_of(tmp_path).held().__enter__()
    assert status_of(the_run(tmp_path)).status == "dead"
    said: list[str] = []
    with ledger_of(tmp_path, said).held() as ledger:
        ledger.check_still_held()
    assert said == []


def test_two_containers_of_one_host_name_do_not_overtake_each_other(tmp_path: Path) -> None:
    """In PID namespaces where the machine allows them; else the other only says that it is in one."""
    allowed = subprocess.run([*IN_A_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    with living(tmp_path, 0, elsewhere=not allowed, prefix=IN_A_NAMESPACE if allowed else ()):
        of_it = the_run(tmp_path)
        assert process.lives(of_it.parameters["process"], of_it.row.pid) is None
        with pytest.raises(RefusedError, match="is under way"):
            ledger_of(tmp_path).held().__enter__()


def test_a_clock_that_is_set_back_during_a_run_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger_of(tmp_path).held() as ledger:
        monkeypatch.setattr(ledger_module, "now", lambda: now() - datetime.timedelta(hours=1))
        ledger.enter("merge")
        ledger.check_still_held()
        ledger.end("partial")
    assert (the_run(tmp_path).row.status, the_run(tmp_path).row.phase) == ("partial", "merge")


def test_a_released_run_holds_nothing_and_goes_no_further(tmp_path: Path) -> None:
    with living(tmp_path, 10):
        pass
    run = the_run(tmp_path)
    with pytest.raises(RefusedError, match=rf"status --release {run.run_id}"):
        ledger_of(tmp_path).held().__enter__()
    release(warehouse(tmp_path), run.run_id)
    assert status_of(the_run(tmp_path)).status == "failed"
    with ledger_of(tmp_path).held() as ledger:
        ledger.check_still_held()
    with pytest.raises(ConfigurationError, match="has ended"):
        release(warehouse(tmp_path), run.run_id)


def test_a_process_whose_run_was_released_goes_no_further(tmp_path: Path) -> None:
    with ledger_of(tmp_path).held() as ledger:
        (row,) = warehouse(tmp_path).rows(FEATURE_RUNS)
        with pytest.raises(RefusedError, match="lives on this host"):
            release(warehouse(tmp_path), row["run_id"])
        elsewhere = {**json.loads(row["parameters"]), "process": {"host": "elsewhere"}}
        later = {"heartbeat_at": row["heartbeat_at"] + datetime.timedelta(seconds=1)}
        warehouse(tmp_path).append(
            FEATURE_RUNS, [{**row, **later, "phase": "read", "parameters": json.dumps(elsewhere)}]
        )
        release(warehouse(tmp_path), row["run_id"])
        with pytest.raises(RefusedError, match="was released; this process goes no further"):
            ledger.check_still_held()
