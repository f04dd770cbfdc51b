"""Back-fills the feature store: every game date of a range, in one Spark job, staged, verified and merged.

Reads top to bottom like the line from plan to summary; each step is somewhere else.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import click

from jobs import sources
from jobs.runtime.arguments import Invocation, date_options, job_command, policy_options
from jobs.runtime.configuration import Settings
from jobs.runtime.errors import ExitCode
from jobs.runtime.ledger import Ledger
from jobs.runtime.outcome import RunOutcome, begin_outcomes
from jobs.runtime.planning import RequestedDates, requested_dates
from jobs.runtime.progress import Progress
from jobs.runtime.run_identity import RunIdentity
from jobs.runtime.summary import as_json, print_summary
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.schemas import ML_FEATURE_STORE
from jobs.writing import Writing
from transforms.catalogue import FEATURES

JOB = "backfill_features"


def backfill_features(
    warehouse: Warehouse, settings: Settings, requested: RequestedDates, progress: Progress, *, dry_run: bool = False
) -> RunOutcome:
    """Computes and writes the requested dates; what became of every date and row is the outcome.

    ContractError or ConfigurationError before anything is written; VerificationError before anything is merged.
    """
    run, table = RunIdentity(), ML_FEATURE_STORE
    progress.say(f"run {run.run_id}: game dates {requested} into {warehouse.place(table)}")
    with progress.phase("read"):
        target_columns = warehouse.checked_target(table)
        opened = sources.open_sources(warehouse, requested)
        progress.note(f"{len(opened)} tables, columns and types as expected")
    with progress.phase("plan"):
        plan = sources.plan_run(warehouse, opened, settings, requested)
        progress.note(plan.described())
    outcome = RunOutcome(run.run_id, JOB, warehouse.place(table), plan, begin_outcomes(plan), seconds=progress.seconds)
    writing = Writing(warehouse, table, target_columns or table.columns, run.run_id, len(FEATURES))
    outcome.notes += [*writing.notes(), *plan.notes()]
    if dry_run:
        outcome.dry_run = {
            "source_rows": dict(plan.source_rows),
            "source_bytes": sources.estimated_bytes(warehouse, requested),
            "statements": writing.planned_statements(plan, settings),
        }
        return outcome
    with Ledger(warehouse, run, JOB, parameters(settings, requested)).recorded(outcome) as ledger:
        if plan.unkeyed_rows:
            outcome.leave_out(sources.rows_without_key(opened))
        if to_write := plan.by_action("write"):
            with progress.phase("compute"):
                rows = sources.computed_rows(opened, to_write, created_at=run.started_at, settings=settings)
            with writing.staging(keep=settings.keep_staging):
                with progress.phase("stage"):
                    writing.stage(rows)
                with progress.phase("verify"):
                    staged = writing.verify(to_write)
                    if short := writing.short_dates(staged, to_write):
                        again = sources.computed_rows(opened, short, created_at=run.started_at, settings=settings)
                        outcome.leave_out(sources.left_out(again))
                    writing.check_counts(staged, outcome)
                with progress.phase("merge"):
                    writing.merge(staged, outcome, ledger, settings)
        outcome.check_sum()
    return outcome


def parameters(settings: Settings, requested: RequestedDates) -> dict[str, Any]:
    """What the ledger keeps of how a run was started."""
    return {"requested": str(requested), **settings.model_dump(mode="json")}


@job_command(JOB)
@date_options
@policy_options
@click.option("--dry-run", is_flag=True, help="Print the plan and the MERGE statements; write nothing.")
def main(
    invocation: Invocation,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    dry_run: bool,
) -> ExitCode:
    """Compute the features of every player for a range of game dates and merge them into the feature store."""
    requested = requested_dates(start, end, dates)
    with invocation.warehouse() as warehouse:
        outcome = backfill_features(warehouse, invocation.settings, requested, invocation.progress, dry_run=dry_run)
    invocation.show(as_json(outcome), lambda: print_summary(outcome))
    return outcome.exit_code


if __name__ == "__main__":
    main()
