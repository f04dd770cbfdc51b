"""Whether a run that the ledger has as running still lives: by its process on this host, by its heartbeat elsewhere.

Looks at processes and clocks; what follows from a death is decided in `claims`.
"""

from __future__ import annotations

import datetime
import socket
from collections.abc import Mapping
from typing import Any

import psutil

from jobs.ledger.run_id import now

SILENCE = datetime.timedelta(minutes=15)
# Clocks of processes are in hundredths of a second, and heartbeats are written a moment after they are made.
_CLOCK_TOLERANCE = datetime.timedelta(seconds=2)


def is_alive(run: Mapping[str, Any]) -> bool:
    """True while the run of a `feature_runs` row, its newest, may still write.

    It is dead when it has ended, when its heartbeat is older than 15 minutes, or when it is of this host and its
    process is gone. A younger process under the same number is another one.
    """
    if run["status"] != "running" or now() - run["heartbeat_at"] > SILENCE:
        return False
    return run["host"] != socket.gethostname() or _process_lives(run["pid"], run["heartbeat_at"])


def _process_lives(pid: int, heartbeat_at: datetime.datetime) -> bool:
    try:
        process = psutil.Process(pid)
        started_at = datetime.datetime.fromtimestamp(process.create_time(), datetime.timezone.utc)
        return process.status() != psutil.STATUS_ZOMBIE and started_at <= heartbeat_at + _CLOCK_TOLERANCE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
