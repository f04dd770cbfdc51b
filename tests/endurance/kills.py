"""Runs that are killed at random instants, go on, and are held against one that nobody has killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from jobs.errors import ExitCode
from tests.end_to_end.store import Store
from tests.endurance.contents import Contents, contents_of
from tests.endurance.scenarios import Scenario

REPOSITORY = Path(__file__).parents[2]
AGAIN = 1 / 3
LONGEST = 300.0
SHOWN = 5


@dataclass(frozen=True)
class Kill:
    """One kill: after how many seconds, of the whole group of processes or of the driver alone, and in which phase."""

    seconds: float
    whole_group: bool
    phase: str


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
        return ", ".join(
            f"{phase} {times}" for phase, times in Counter(kill.phase for kill in self.kills).most_common()
        )


class Killer:
    """Kills runs of scenarios at instants of a seed.

    `life` is how many seconds a process lives, about; without it a first one measures that. What ends earlier counts.
    """

    def __init__(self, folder: Path, seed: int, life: float | None = None) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._uninterrupted: dict[str, Contents] = {}
        self._lives: dict[str, float] = {} if life is None else {"": life}
        self.tallies: dict[str, Tally] = {}

    def run(self, scenario: Scenario) -> list[str]:
        """One run that is killed, perhaps twice, and goes on: in what it differs then. Adds to the scenario's tally."""
        expected, tally = self._expected(scenario), self.tallies.setdefault(scenario.name, Tally())
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

    def _expected(self, scenario: Scenario) -> Contents:
        if scenario.name not in self._uninterrupted:
            with self._copied(scenario) as store:
                scenario.end(store)
                self._uninterrupted[scenario.name] = contents_of(store, scenario.job)
        return self._uninterrupted[scenario.name]

    @contextmanager
    def _copied(self, scenario: Scenario) -> Iterator[Store]:
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as temporary:
            yield scenario.before.copied_to(Path(temporary) / "warehouse")

    def _started(self, scenario: Scenario, store: Store, arguments: tuple[str, ...]) -> int:
        """Starts a process and kills it at an instant of its life; the group that it was in."""
        tally, longest = self.tallies[scenario.name], self._life(scenario)
        seconds, whole_group = self._random.uniform(0, longest), self._random.random() < 0.5
        process = _process(store, arguments)
        if (lived := _lived(process, seconds)) is not None:
            self._lives[scenario.name] = min(longest, lived)
            tally.ended += 1
            return process.pid
        # A driver that is killed alone leaves a JVM, which ends when it notices: nobody waits for that.
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        tally.kills.append(Kill(round(seconds, 2), whole_group, _phase(scenario, store)))
        return process.pid

    def _life(self, scenario: Scenario) -> float:
        """How long a process lives on this machine that nobody kills."""
        if not self._lives:
            with self._copied(scenario) as store:
                process = _process(store, (scenario.job, *scenario.arguments))
                lived = _lived(process, LONGEST)
                assert lived is not None, f"not done within {LONGEST} s"
                self._lives[""] = lived
        return self._lives.get(scenario.name, self._lives[""])


def _process(store: Store, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jobs", *arguments, "--warehouse-path", str(store.root)]
    with (store.root.parent / "output").open("ab") as output:
        return subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=output, start_new_session=True)


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
