"""Back-fills the feature store: every game date of a range, in one Spark job, staged, verified and merged.

Chooses dates and starts the run; the run itself is `feature_run`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import click

from jobs import sources
from jobs.choosing import chosen_dates, selection_options
from jobs.feature_run import FeatureRun, command, parameters
from jobs.runtime.arguments import Invocation, date_options, job_command, policy_options
from jobs.runtime.claims import check_resumable
from jobs.runtime.configuration import Settings
from jobs.runtime.errors import ExitCode, RefusedError
from jobs.runtime.ledger import Ledger
from jobs.runtime.outcome import RunOutcome
from jobs.runtime.planning import RequestedDates
from jobs.runtime.progress import Progress
from jobs.runtime.resuming import earlier_run, settings_of
from jobs.runtime.run_history import LoggedRun, RunHistory
from jobs.runtime.run_identity import RunIdentity
from jobs.runtime.summary import as_json, print_summary
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.schemas import ML_FEATURE_STORE
from jobs.writing import Writing
from transforms.catalogue import FEATURES

JOB = "backfill_features"


def backfill_features(
    warehouse: Warehouse,
    settings: Settings,
    requested: RequestedDates,
    progress: Progress,
    *,
    dry_run: bool = False,
    resumed: LoggedRun | None = None,
) -> RunOutcome:
    """Computes and writes the requested dates; what became of every date and row is the outcome.

    `resumed` is the run to go on with, with its own settings and dates. ContractError or ConfigurationError before
    anything is written; RefusedError while another run holds one of the dates; VerificationError before anything is
    merged.
    """
    table = ML_FEATURE_STORE
    identity = RunIdentity() if resumed is None else RunIdentity.of_earlier(resumed.run_id, resumed.row["started_at"])
    progress.say(f"run {identity.run_id}: game dates {requested} into {warehouse.place(table)}")
    with progress.phase("read"):
        columns = warehouse.checked_target(table) or table.columns
        prune_by = sources.CONTEXT if settings.prune else None
        writing = Writing(warehouse, table, columns, identity.run_id, len(FEATURES), prune_by)
        run = FeatureRun(warehouse, settings, requested, progress, identity, JOB, writing)
        if resumed is None or resumed.checkpoint is None:
            progress.note(f"{len(run.open_sources())} tables, columns and types as expected")
    if dry_run:
        return planned_only(run)
    ledger = Ledger(
        warehouse,
        identity,
        JOB,
        target=warehouse.identity(table),
        requested=requested,
        parameters=parameters(settings),
        heartbeat_seconds=settings.heartbeat_seconds,
    )
    if resumed is not None:
        check_resumable(resumed, RunHistory(warehouse).writers(warehouse.identity(table)))
    with ledger.held(), progress.watched_by(ledger.enter):
        try:
            outcome = run.carry_out(ledger, resumed)
            ledger.finish(outcome)
        except Exception as error:
            if not isinstance(error, RefusedError):
                again = f"{command(JOB, settings)} --resume {identity.run_id}"
                progress.say(f"run {identity.run_id} stopped; when the cause is gone, go on with it:\n  {again}")
            raise
    return outcome


def planned_only(run: FeatureRun) -> RunOutcome:
    """What a run would do; nothing is written, not even in the ledger."""
    outcome = run.plan()
    outcome.dry_run = {
        "source_rows": dict(outcome.plan.source_rows),
        "source_bytes": sources.estimated_bytes(run.warehouse, run.requested),
        "statements": run.writing.planned_statements(outcome.plan, run.settings),
    }
    return outcome


@job_command(JOB)
@date_options
@selection_options
@policy_options
@click.option("--resume", "resume", metavar="RUN_ID", help="Go on with a run that stopped, with its dates and options.")
@click.option("--dry-run", is_flag=True, help="Print the plan and the MERGE statements; write nothing.")
def main(
    invocation: Invocation,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    resume: str | None,
    dry_run: bool,
    **selection: Any,
) -> ExitCode:
    """Compute the features of every player for a range of game dates and merge them into the feature store."""
    settings, progress = invocation.settings, invocation.progress
    with invocation.warehouse() as warehouse:
        if resume:
            earlier = earlier_run(warehouse, resume, job=JOB, given=[start, end, dates, *selection.values(), dry_run])
            settings, requested = settings_of(earlier, settings), earlier.requested
        else:
            earlier = None
            requested = chosen_dates(warehouse, settings, progress, start, end, dates, **selection)
        if requested is None:
            invocation.show({"job": JOB, "status": "nothing_to_do", "exit_code": 0}, lambda: print("nothing to do"))
            return ExitCode.DONE
        outcome = backfill_features(warehouse, settings, requested, progress, dry_run=dry_run, resumed=earlier)
    invocation.show(as_json(outcome), lambda: print_summary(outcome))
    return outcome.exit_code


if __name__ == "__main__":
    main()
