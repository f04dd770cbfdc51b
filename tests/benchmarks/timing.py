"""Timing of a whole process: wall seconds, processor seconds of it and of all that it started, and its JVM's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Timed:
    """What one process took, and what it printed on standard output."""

    wall: float
    cpu: float
    output: str


@dataclass(frozen=True)
class Measured:
    """One job as a process: as `Timed`, its summary, and what its JVM told (seconds, and bytes written by tasks)."""

    timed: Timed
    summary: Mapping[str, Any]
    tasks: float
    jit: float
    gc: float
    written: float


def measured(*arguments: str) -> Measured:
    """Runs a job with `--json` to its end, as `timed` does."""
    with tempfile.NamedTemporaryFile() as told:
        run = timed("tests.benchmarks.measured_job", told.name, *arguments, "--json")
        return Measured(run, json.loads(run.output), **json.loads(Path(told.name).read_text()))


def timed(*arguments: str) -> Timed:
    """Runs `python -m ARGUMENTS` to its end. RuntimeError, with what it printed, unless it succeeds."""
    before, started = os.times(), time.monotonic()
    process = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - started, os.times()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {process.stderr[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Timed(wall, cpu, process.stdout)
