"""Freeing the dates of a run that has died where nobody can see it: one more row of the ledger, nothing is removed."""

from __future__ import annotations

import datetime
import json

from jobs.errors import ConfigurationError, RefusedError
from jobs.ledger import process
from jobs.ledger.history import RunHistory
from jobs.ledger.liveness import ENDED
from jobs.ledger.run_id import now
from jobs.schemas.tables import FEATURE_RUNS, RELEASED
from jobs.warehouse.interface import Warehouse


def release(warehouse: Warehouse, run_id: str) -> None:
    """Writes that a run has failed; it can be resumed or undone then, and others may have its dates.

    A process of it that is still alive elsewhere goes no further than its next MERGE. RefusedError when its process is
    seen on this host, ConfigurationError when the run has ended.
    """
    run = RunHistory(warehouse).run(run_id)
    row = run.row
    if row.status in ENDED:
        raise ConfigurationError(f"run {run_id} has ended ({row.status}); it holds no dates")
    if process.lives(run.parameters.get("process"), row.pid):
        raise RefusedError(f"{run.described} lives on this host; end that process, then its dates are free")
    # Later than all that its process writes: the number of the claim counts before the time.
    parameters = {**run.parameters, "claim": row.claim + 1}
    after = row.heartbeat_at + datetime.timedelta(microseconds=1)
    released = {
        **row.as_values(),
        "parameters": json.dumps(parameters, default=str, sort_keys=True),
        "status": "failed",
        "phase": RELEASED,
        "heartbeat_at": max(now(), after),
        "finished_at": now(),
        "error": "released: somebody has said that no process of it lives",
    }
    warehouse.append(FEATURE_RUNS, [released])
