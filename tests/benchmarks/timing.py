"""Timing of a whole process: wall seconds, and processor seconds of it and of everything that it started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """What one process took, and what it printed on standard output."""

    wall: float
    cpu: float
    output: str


def timed(*arguments: str) -> Timed:
    """Runs `python -m ARGUMENTS` to its end. RuntimeError, with what it printed, unless it succeeds."""
    before, started = os.times(), time.monotonic()
    process = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - started, os.times()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {process.stderr[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Timed(wall, cpu, process.stdout)
