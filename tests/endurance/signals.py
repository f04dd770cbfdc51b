"""A back-fill that is asked to stop in one of its phases: how soon it ends, with which code, and what it leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.store import Store
from tests.endurance.kills import LONGEST, REPOSITORY
from tests.endurance.scenarios import Scenario

PHASES = ("read", "stage", "verify", "merge")
NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SOON = 10.0


@dataclass(frozen=True)
class Stopped:
    """How a process ended that was sent a signal, once or `times`, when the ledger had its run in a phase."""

    phase: str
    number: signal.Signals
    times: int
    seconds: float
    code: int
    status: str | None
    told: str

    @property
    def wrong(self) -> list[str]:
        """What is not as it should be; who insists gets an end at once, and no last words."""
        # Who insists is also obeyed by the system, where Python has not begun to listen again.
        right = (128 + self.number, -self.number) if self.times > 1 else (128 + self.number,)
        found = [] if self.code in right else [f"exit code {self.code}"]
        found += [] if self.seconds < SOON else [f"{self.seconds:.1f} s"]
        if self.times == 1:
            found += [] if self.status == "failed" else [f"the ledger says {self.status}"]
            found += [] if "--resume" in self.told else ["no word of how to resume"]
        return found


def stopped(scenario: Scenario, store: Store, phase: str, number: signal.Signals, times: int = 1) -> Stopped | None:
    """Starts the run and sends it the signal; None when it was never seen in the phase."""
    log = Path(store.root.parent / "told")
    command = [sys.executable, "-m", "jobs", scenario.job, *scenario.arguments, "--warehouse-path", str(store.root)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=output, preexec_fn=_hears)
    if not _comes_to(scenario, store, phase, process):
        process.wait(LONGEST)
        return None
    sent = time.monotonic()
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.2 * (times - 1))
    code = process.wait(LONGEST)
    seconds, run = time.monotonic() - sent, scenario.new_run(store)
    return Stopped(phase, number, times, seconds, code, None if run is None else run.row.status, log.read_text())


def _comes_to(scenario: Scenario, store: Store, phase: str, process: subprocess.Popen[bytes]) -> bool:
    while process.poll() is None:
        run = scenario.new_run(store)
        if run is not None and run.row.phase == phase:
            return True
        time.sleep(0.05)
    return False


def _hears() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C."""
    for number in NUMBERS:
        signal.signal(number, signal.SIG_DFL)
