"""Going on with a run that stopped: which runs can be, and with which of their settings.

Decides on the ledger's row of the run; the steps themselves are those of any run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jobs.config.settings import Settings
from jobs.config.told import settings_of_a_run
from jobs.errors import ConfigurationError, RefusedError
from jobs.ledger.history import LoggedRun, RunHistory
from jobs.ledger.liveness import is_alive
from jobs.warehouse.interface import Warehouse


def earlier_run(warehouse: Warehouse, run_id: str, *, job: str, given: Iterable[Any] = ()) -> LoggedRun:
    """The run to go on with.

    ConfigurationError when dates or other selections are `given` too, when the ledger does not have the run, or when it
    has ended; RefusedError while it is alive.
    """
    if any(given):
        raise ConfigurationError("--resume takes the dates of its run; leave out other dates, selections and --dry-run")
    run = RunHistory(warehouse).run(run_id)
    if run.row["job"] != job:
        raise ConfigurationError(f"run {run_id} is one of {run.row['job']}, not of {job}; resume it there")
    if is_alive(run.row):
        raise RefusedError(f"{run.described} is alive; wait for its end (`status {run_id}` shows how far it is)")
    if run.row["status"] not in ("running", "failed"):
        raise ConfigurationError(
            f"run {run_id} has ended ({run.row['status']}), there is nothing to resume; "
            f"--only-failed {run_id} takes its failed dates, if it has any"
        )
    if run.requested is None:
        raise ConfigurationError(f"the ledger does not know the dates of run {run_id}; start a new run")
    return run


def settings_of(run: LoggedRun, settings: Settings) -> Settings:
    """These settings, with those of the run that decide what it writes."""
    parameters = run.parameters
    changed = {name: parameters[name] for name in settings_of_a_run(Settings) if name in parameters}
    return Settings.model_validate({**settings.model_dump(), **changed})
