"""Resuming a run that stopped: which runs can be resumed, and which of their settings count.

Decides on the ledger's row of the run; the steps themselves are those of any run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jobs.config.settings import Settings
from jobs.config.told import settings_of_a_run
from jobs.errors import ConfigurationError, RefusedError
from jobs.ledger.history import LoggedRun, RunHistory
from jobs.ledger.liveness import ENDED, is_alive
from jobs.schemas.tables import TABLES
from jobs.warehouse.interface import Warehouse


def earlier_run(warehouse: Warehouse, run_id: str, *, job: str, given: Iterable[Any] = ()) -> LoggedRun:
    """The run to resume.

    ConfigurationError when dates or other selections are `given` too, when the ledger does not have the run, or when it
    has ended or was undone; RefusedError while it is alive.
    """
    if any(given):
        raise ConfigurationError("--resume takes the dates of its run; leave out other dates, selections and --dry-run")
    history = RunHistory(warehouse)
    run = history.run(run_id)
    if run.row.job != job:
        raise ConfigurationError(f"run {run_id} is one of {run.row.job}, not of {job}; resume it there")
    if is_alive(run.row):
        raise RefusedError(f"{run.described} is alive; wait for its end (`status {run_id}` shows how far it is)")
    if (undone := history.undone(run_id)) is not None:
        raise ConfigurationError(
            f"run {run_id} was undone by run {undone.run_id}, and what it had merged is gone; "
            "start a new run for its dates"
        )
    if run.row.status not in ("running", *ENDED):
        raise ConfigurationError(
            f"run {run_id} has the status {run.row.status!r}, which this version does not know; resume it with the "
            f"version that wrote it ({run.row.code_version})"
        )
    if run.row.status not in ("running", "failed"):
        raise ConfigurationError(
            f"run {run_id} has ended ({run.row.status}), there is nothing to resume; "
            f"--only-failed {run_id} takes its failed dates, if it has any"
        )
    if run.requested is None:
        raise ConfigurationError(f"the ledger does not know the dates of run {run_id}; start a new run")
    return run


def settings_of(run: LoggedRun, settings: Settings) -> Settings:
    """These settings, with those of the run that decide what it writes."""
    parameters = run.parameters
    changed = {name: parameters[name] for name in settings_of_a_run(Settings) if name in parameters}
    of_run = Settings.model_validate({**settings.model_dump(), **changed})
    return settings.model_copy(update={name: getattr(of_run, name) for name in changed})


def check_same_places(run: LoggedRun, settings: Settings, target: str) -> None:
    """ConfigurationError when a table that the run reads or writes would now be another one, `target` among them."""
    parameters = run.parameters
    how = "resume it with the --config, environment and options that it was started with"
    if (before := parameters.get("warehouse")) not in (None, settings.warehouse):
        raise ConfigurationError(f"run {run.run_id} is of a {before} warehouse, not of {settings.warehouse}; {how}")
    if run.target != target:
        raise ConfigurationError(f"run {run.run_id} writes {run.target}, not {target}; {how}")
    places = parameters.get("tables", {})
    for table in TABLES:
        usual = f"{table.dataset}.{table.name}"
        was, now = (named.get(table.name, usual) for named in (places, settings.tables))
        if was != now:
            raise ConfigurationError(f"run {run.run_id} has {table.name} in {was}, not in {now}; {how}")


def check_same_version(run: LoggedRun, version: str | None) -> None:
    """ConfigurationError when the rows that a run has staged are not of the `feature_version` that is written now."""
    if (before := run.parameters.get("feature_version")) not in (None, version):
        raise ConfigurationError(
            f"run {run.run_id} writes rows of {before}, this version of the program those of {version}; resume it with "
            f"the version that wrote it ({run.row.code_version}), or start a new run"
        )
