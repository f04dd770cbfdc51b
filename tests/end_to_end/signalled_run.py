"""A back-fill in a process of its own that is sent a signal when it has come to a point.

python -m tests.end_to_end.signalled_run SIGNAL POINT [options of backfill_features]
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jobs.backfill_features import main as backfill_features
from jobs.warehouse.delta.warehouse import DeltaWarehouse

REPOSITORY = Path(__file__).parents[2]


class Unheard:
    """Raises a signal where Python lets no exception out, as when py4j lets go of an object."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)


def after_a_merge(number: int) -> None:
    """The signal comes when the first slice is merged, and is lost there."""
    merge = DeltaWarehouse.merge

    def merged(*arguments: Any) -> Any:
        counts = merge(*arguments)
        Unheard(number)
        return counts

    DeltaWarehouse.merge = merged  # type: ignore[method-assign, assignment]


def in_a_query(number: int) -> None:
    """The signal comes while Spark computes what is staged."""
    stage = DeltaWarehouse.stage

    def staged(*arguments: Any) -> None:
        threading.Timer(0.5, os.kill, (os.getpid(), number)).start()
        stage(*arguments)

    DeltaWarehouse.stage = staged  # type: ignore[method-assign, assignment]


POINTS: dict[str, Callable[[int], None]] = {"after a merge": after_a_merge, "in a query": in_a_query}


def signalled(number: signal.Signals, point: str, *options: object) -> subprocess.CompletedProcess[str]:
    """A back-fill with these options that is sent a signal at the point; how it ended."""
    command = [sys.executable, "-m", "tests.end_to_end.signalled_run", number.name, point, *map(str, options)]
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        # A shell lets what it starts in the background ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    POINTS[sys.argv[2]](signal.Signals[sys.argv[1]])
    backfill_features.main(sys.argv[3:])
