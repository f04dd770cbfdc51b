"""Whether a run that the ledger has as running still lives: by its process where it can be seen, else by its heartbeat.

Looks at processes and clocks; what follows from a death is decided in `claims`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import Enum
from typing import Any

from jobs.ledger import process
from jobs.ledger.run_id import now
from jobs.ledger.run_row import RunRow

SILENCE = datetime.timedelta(minutes=15)
ENDED = ("succeeded", "partial", "failed")
"""The states in which a run has ended; one that this version does not know may be under way."""


class Liveness(Enum):
    """What is known of a run."""

    ENDED = "ended"
    DEAD = "dead"
    """Its process is gone."""
    ALIVE = "alive"
    """Its process was seen, or its heartbeat is of the last 15 minutes."""
    SILENT = "silent"
    """Its process cannot be seen, and its heartbeat is more than 15 minutes off this clock, in either direction.

    It is dead, or its host's clock is another: only the ledger tells, in which a living run goes on writing.
    """


def liveness(row: RunRow) -> Liveness:
    """What is known of the run of a row, its newest."""
    if row.status in ENDED:
        return Liveness.ENDED
    seen = process.lives(_process_of(row), row.pid)
    if seen is not None:
        return Liveness.ALIVE if seen else Liveness.DEAD
    return Liveness.SILENT if abs(now() - row.heartbeat_at) > SILENCE else Liveness.ALIVE


def is_alive(row: RunRow) -> bool:
    """True while the run of a row is known to live; a silent one may."""
    return liveness(row) is Liveness.ALIVE


def _process_of(row: RunRow) -> Mapping[str, Any] | None:
    try:
        found = row.told.get("process")
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, dict) else None
