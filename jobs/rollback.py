"""Puts the dates of a run back to what they held before it, by one MERGE from an earlier state of the target.

A run of its own in the ledger: it holds the dates while it works.
"""

from __future__ import annotations

import datetime

import click

from jobs.backfill.checkpoint import Checkpoint
from jobs.backfill.work import Job, ended_by
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.errors import ConfigurationError, ContractError, ExitCode, Interrupted, RefusedError
from jobs.ledger.history import LoggedRun, RunHistory
from jobs.ledger.ledger import Ledger
from jobs.ledger.liveness import is_alive
from jobs.ledger.run_id import RunIdentity
from jobs.planning.plan import RequestedDates
from jobs.reports.rollback import RolledBack
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import ML_FEATURE_STORE, OF_OTHERS, Table
from jobs.warehouse.counting_statements import repeated_keys_statement
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.statements import restore_statement

JOB = "rollback"
_WRITTEN = {table.name: table for table in (ML_FEATURE_STORE, *UPSTREAM_TARGETS)}


def rollback(
    warehouse: Warehouse, settings: Settings, run_id: str, progress: Progress, *, force: bool = False
) -> RolledBack:
    """Undoes a run; says which dates, and how many rows were updated, inserted and deleted.

    ConfigurationError for a run that wrote nothing or is undone already; RefusedError while it lives, while another run
    holds one of its dates, and, without `force`, when a later run has written one of them.
    """
    identity = RunIdentity()
    undone = RunHistory(warehouse).run(run_id)
    table = _WRITTEN[undone.parameters.get("table", ML_FEATURE_STORE.name)]
    game_dates = _dates_of(warehouse, undone)
    _check(warehouse, undone, table, game_dates, force=force)
    columns = warehouse.actual_columns(table)
    if columns is None:
        raise ContractError(f"table {warehouse.display_name(table)} does not exist; there is nothing to put back")
    warehouse.check_version(table, undone.target_before or "")
    warehouse.check_changeable(table, (game_dates[0], game_dates[-1]), replaces=True)
    requested = RequestedDates(game_dates[0], game_dates[-1], tuple(game_dates))
    progress.say(f"run {identity.run_id}: puts {len(game_dates)} dates back to what they held before run {run_id}")
    ledger = Ledger(
        warehouse,
        identity,
        JOB,
        target=warehouse.identity(table),
        requested=requested,
        parameters={"table": table.name, "rolled_back": run_id, "force": force},
        heartbeat_seconds=settings.heartbeat_seconds,
        say=progress.say,
    )
    with ledger.held(), progress.watched_by(ledger.enter):
        try:
            _drop_what_was_left(warehouse, table, run_id)
            with progress.phase("stage"):
                warehouse.stage_version(table, undone.target_before or "", game_dates, identity.run_id)
            staged = warehouse.staged_columns(table, identity.run_id)
            writable = [column.name for column in columns if not column.generated]
            ours = {name for name in table.column_names if name not in (*table.key, *OF_OTHERS)}
            staging = warehouse.staging_name(table, identity.run_id)
            (keys,) = warehouse.ask(lambda dialect: repeated_keys_statement(dialect, table, staging))
            statement = restore_statement(
                warehouse.dialect,
                table,
                [name for name in writable if name in staged],
                target=warehouse.sql_name(table),
                staging=staging,
                game_dates=game_dates,
                updated=[name for name in writable if name in ours],
                by_key=not keys["repeated"],
            )
            ledger.check_still_held()
            with progress.phase("merge"):
                counts = warehouse.merge(table, statement, identity.run_id, 1)
        except (Exception, Interrupted) as error:
            if not isinstance(error, RefusedError):
                job = Job(JOB, warehouse, settings, progress)
                again = f"{job.command} {run_id}{' --force' if force else ''}"
                progress.say(f"run {identity.run_id} {ended_by(error, 'run it again')}:\n  {again}")
            raise
        finally:
            warehouse.drop_staging(table, identity.run_id)
        ledger.write_rolled_back(game_dates, run_id)
        rows = {"inserted": counts.inserted, "updated": counts.updated, "deleted": counts.deleted}
        ledger.end(
            "succeeded", rows_inserted=rows["inserted"], rows_updated=rows["updated"], rows_pruned=rows["deleted"]
        )
    return RolledBack(identity.run_id, run_id, game_dates, rows)


def _drop_what_was_left(warehouse: Warehouse, table: Table, undone: str) -> None:
    """Staging tables of earlier tries, which were killed: each try is a run of its own, and nobody resumes one."""
    for run in RunHistory(warehouse).runs():
        if run.rolled_back == undone and run.row.status != "succeeded":
            warehouse.drop_staging(table, run.run_id)


def _dates_of(warehouse: Warehouse, undone: LoggedRun) -> list[datetime.date]:
    """The dates that the run wrote; of one that stopped, also those that it may have written without a record."""
    dates = {date.game_date for date in RunHistory(warehouse).dates(undone.run_id) if date.is_written}
    if undone.row.status in ("running", "failed") and undone.checkpoint is not None:
        if (checkpoint := Checkpoint.readable(undone.checkpoint)) is not None:
            dates |= {planned.game_date for planned in checkpoint.plan.by_action("write")}
        elif undone.requested is not None:
            dates |= set(undone.requested.overlap(undone.requested))
    if not dates or undone.target_before is None:
        raise ConfigurationError(f"run {undone.run_id} wrote nothing; there is nothing to put back")
    return sorted(dates)


def _check(
    warehouse: Warehouse, undone: LoggedRun, table: Table, game_dates: list[datetime.date], *, force: bool
) -> None:
    target = warehouse.identity(table)
    if undone.target != target:
        raise ConfigurationError(
            f"run {undone.run_id} wrote {undone.target}, not {target}; name that table in `tables` to undo it"
        )
    if is_alive(undone.row):
        raise RefusedError(f"{undone.described} is alive; wait for its end, or end it")
    history = RunHistory(warehouse)
    for run in history.runs():
        if run.rolled_back == undone.run_id and run.row.status == "succeeded" and not force:
            raise ConfigurationError(f"run {undone.run_id} was undone already, by run {run.run_id}")
    for game_date, wrote in history.writers(target).items():
        for recorded_at, other in wrote:
            later = other.run_id != undone.run_id and recorded_at > undone.claimed_at
            if game_date in game_dates and later and not force:
                raise RefusedError(
                    f"run {other.run_id} has written {game_date} after run {undone.run_id}; undo that one first, or "
                    "take --force to lose what it wrote on these dates"
                )


@job_command(JOB)
@click.argument("run_id")
@click.option("--force", is_flag=True, help="Roll back even if a later run has written one of the dates.")
def main(invocation: Invocation, run_id: str, force: bool) -> ExitCode:
    """Put the dates of a run back to what they held before it."""
    with invocation.warehouse() as warehouse:
        done = rollback(warehouse, invocation.settings, run_id, invocation.progress, force=force)
    invocation.show(done)
    return ExitCode.DONE


if __name__ == "__main__":
    main()
