"""Runs that are killed at random instants, go on, and are held against one that nobody has killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jobs.errors import ExitCode
from tests import shared_jvm
from tests.end_to_end.store import Store
from tests.endurance.contents import Contents, contents_of
from tests.endurance.scenarios import Scenario

REPOSITORY = Path(__file__).parents[2]
AGAIN = 1 / 3
LONGEST = 300.0
SHOWN = 5
LATE = 1.1
"""Up to which part of a life the instants are: a little beyond, since the next process may live longer."""

How = Literal["own JVM, both", "own JVM, driver alone", "session's JVM, work goes on", "session's JVM, work cancelled"]
OWN_JVM: tuple[How, How] = ("own JVM, both", "own JVM, driver alone")
"""A driver that is killed alone leaves a JVM, which ends when it notices: nobody waits for that."""
SESSIONS_JVM: tuple[How, How] = ("session's JVM, work goes on", "session's JVM, work cancelled")
"""The driver is killed; what the JVM has under way then comes to its end, or its jobs are cancelled."""


@dataclass(frozen=True)
class Kill:
    """One kill: after how many seconds, of what, and in which phase."""

    seconds: float
    how: How
    phase: str


@dataclass(frozen=True)
class Uninterrupted:
    """What a process leaves that nobody kills, and how many seconds it lives."""

    contents: Contents
    seconds: float


@dataclass
class Tally:
    """What became of the runs of one scenario; `ended` are those that ended before their instant had come."""

    runs: int = 0
    ended: int = 0
    kills: list[Kill] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def phases(self) -> str:
        """How many kills fell into which phase."""
        return _counted(kill.phase for kill in self.kills)

    @property
    def ways(self) -> str:
        """How many kills were of what."""
        return _counted(kill.how for kill in self.kills)


def _counted(each: Iterable[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in Counter(each).most_common())


class Killer:
    """Kills runs of scenarios at instants of a seed.

    `own_jvm` is the share of processes that start a JVM; the others drive that of the scenario's session. `life` is
    how many seconds the former live, about; without it a first one of each scenario measures that, as of the latter.
    """

    def __init__(self, folder: Path, seed: int, own_jvm: float = 1 / 3, life: float | None = None) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._share = own_jvm
        self._life_given = life
        self._uninterrupted: dict[tuple[str, bool], Uninterrupted] = {}
        self._lives: dict[tuple[str, bool], float] = {}
        self.tallies: dict[str, Tally] = {}

    def run(self, scenario: Scenario) -> list[str]:
        """One run that is killed, perhaps twice, and goes on: in what it differs then. Adds to the scenario's tally."""
        expected = self._without_kills(scenario, own_jvm=False).contents
        tally = self.tallies.setdefault(scenario.name, Tally())
        earlier = len(tally.kills)
        with self._copied(scenario) as store:
            groups = [self._started(scenario, store, (scenario.job, *scenario.arguments))]
            if self._random.random() < AGAIN and not scenario.is_done(store):
                groups.append(self._started(scenario, store, scenario.again(store)))
            tally.runs += 1
            try:
                scenario.end(store)
                differences = contents_of(store, scenario.job).differences(expected)
            except Exception as error:
                differences = [f"{type(error).__name__}: {error}"]
            told = f"{scenario.name}, killed {tally.kills[earlier:]}"
            failures = [f"{told}: {difference}" for difference in differences[:SHOWN]]
            tally.failures += failures
            for group in groups:
                _end(group)
        return failures

    @contextmanager
    def _copied(self, scenario: Scenario) -> Iterator[Store]:
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as temporary:
            yield scenario.before.copied_to(Path(temporary) / "warehouse")

    def _started(self, scenario: Scenario, store: Store, arguments: tuple[str, ...]) -> int:
        """Starts a process and kills it at an instant of its life; the group that it was in."""
        tally, own_jvm = self.tallies[scenario.name], self._random.random() < self._share
        how = self._random.choice(OWN_JVM if own_jvm else SESSIONS_JVM)
        seconds = self._random.uniform(0, LATE * self._life(scenario, own_jvm=own_jvm))
        process = _process(store, arguments, own_jvm=own_jvm)
        if (lived := _lived(process, seconds)) is not None:
            if arguments[1:] == scenario.arguments:
                self._lives[scenario.name, own_jvm] = lived
            tally.ended += 1
            return process.pid
        (os.killpg if how == "own JVM, both" else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        tally.kills.append(Kill(round(seconds, 2), how, _phase(scenario, store)))
        if not own_jvm:
            shared_jvm.wait_for_work_left(store.spark, cancelled=how == "session's JVM, work cancelled")
        return process.pid

    def _life(self, scenario: Scenario, *, own_jvm: bool) -> float:
        """How long a process lives on this machine that nobody kills, as was seen last."""
        key = (scenario.name, own_jvm)
        if key not in self._lives:
            given = self._life_given if own_jvm else None
            self._lives[key] = given or self._without_kills(scenario, own_jvm=own_jvm).seconds
        return self._lives[key]

    def _without_kills(self, scenario: Scenario, *, own_jvm: bool) -> Uninterrupted:
        key = (scenario.name, own_jvm)
        if key not in self._uninterrupted:
            with self._copied(scenario) as store:
                process = _process(store, (scenario.job, *scenario.arguments), own_jvm=own_jvm)
                lived = _lived(process, LONGEST)
                assert lived is not None, f"not done within {LONGEST} s"
                self._uninterrupted[key] = Uninterrupted(contents_of(store, scenario.job), lived)
        return self._uninterrupted[key]


def _process(store: Store, arguments: tuple[str, ...], *, own_jvm: bool) -> subprocess.Popen[bytes]:
    spark = None if own_jvm else store.spark
    command = [*shared_jvm.interpreter(spark), "jobs", *arguments, "--warehouse-path", str(store.root)]
    environment = shared_jvm.environment(spark)
    with (store.root.parent / "output").open("ab") as output:
        return subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=output, stderr=output, start_new_session=True
        )


def _lived(process: subprocess.Popen[bytes], seconds: float) -> float | None:
    """The seconds of a process that ends by itself, as it should; None of one that still lives after so many."""
    began = time.monotonic()
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    assert code in (ExitCode.DONE, ExitCode.PARTIAL), f"exit code {code} of {process.args!r}"
    return time.monotonic() - began


def _end(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _phase(scenario: Scenario, store: Store) -> str:
    """Where the ledger says that a run was when it was killed."""
    run = scenario.new_run(store)
    if run is None:
        return "before the claim"
    return str(run.row.phase) if run.row.status == "running" else "after the end"
