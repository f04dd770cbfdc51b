"""Whether a run that the ledger has as running still lives: by its process where it can be seen, else by its heartbeat.

Looks at processes and clocks; what follows from a death is decided in `claims`.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from jobs.ledger import process
from jobs.ledger.run_id import now

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


def liveness(run: Mapping[str, Any]) -> Liveness:
    """What is known of the run of a `feature_runs` row, its newest."""
    if run["status"] in ENDED:
        return Liveness.ENDED
    seen = process.lives(_process_of(run), run["pid"])
    if seen is not None:
        return Liveness.ALIVE if seen else Liveness.DEAD
    return Liveness.SILENT if abs(now() - run["heartbeat_at"]) > SILENCE else Liveness.ALIVE


def is_alive(run: Mapping[str, Any]) -> bool:
    """True while the run of a `feature_runs` row is known to live; a silent one may."""
    return liveness(run) is Liveness.ALIVE


def _process_of(run: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        found = json.loads(run.get("parameters") or "{}").get("process")
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, dict) else None
