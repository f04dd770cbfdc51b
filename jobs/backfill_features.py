"""Back-fills the feature store: every game date of a range, in one Spark job, staged, verified and merged.

Chooses dates and starts the run; the run itself is `backfill.run`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

from jobs.backfill.dates import chosen_dates
from jobs.backfill.features import FeatureComputation
from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill.run import run_table
from jobs.backfill.sources import check_contracts
from jobs.backfill.versions import check_versions
from jobs.backfill.work import Job
from jobs.backfill_upstream import backfill_upstream
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import date_options, policy_options, selection_options
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.errors import ExitCode
from jobs.ledger.history import LoggedRun
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates
from jobs.reports.summary import NothingToDo, Summary
from jobs.schemas.tables import ML_FEATURE_STORE, PHASE4_TABLES, SOURCES
from jobs.warehouse.interface import Warehouse

JOB = "backfill_features"


def backfill_features(
    warehouse: Warehouse,
    settings: Settings,
    requested: RequestedDates,
    progress: Progress,
    *,
    dry_run: bool = False,
    resumed: LoggedRun | None = None,
    filled: Mapping[str, Collection[datetime.date]] | None = None,
) -> RunOutcome:
    """Computes and writes the requested dates; what became of every date and row is the outcome.

    `resumed` is the run to resume, with its own settings and dates; `filled` are dates that a pre-computed table, by
    its name, is to have by then. Errors as of `run_table`.
    """
    check_versions(warehouse, settings, requested)
    computation = FeatureComputation(warehouse, settings, requested, filled)
    job = Job(JOB, warehouse, settings, progress)
    return run_table(job, ML_FEATURE_STORE, requested, computation, dry_run=dry_run, resumed=resumed)


def with_upstream(
    warehouse: Warehouse,
    settings: Settings,
    requested: RequestedDates,
    progress: Progress,
    *,
    again: Mapping[str, Collection[datetime.date]] | None = None,
    dry_run: bool = False,
) -> tuple[list[RunOutcome], RunOutcome]:
    """Fills what is missing of the pre-computed tables on the requested dates, then computes the features of these.

    `again` are dates of a pre-computed table, by its name, that are written though they are there.
    The outcomes of the tables that lacked dates, and that of the features. What the features need beside the tables to
    be filled is checked before anything is written.
    """
    check_contracts(warehouse, [table for table in SOURCES if table not in PHASE4_TABLES])
    check_versions(warehouse, settings, requested)
    upstream = backfill_upstream(
        warehouse, settings, requested, progress, only_missing=True, again=again, dry_run=dry_run
    )
    filled = {outcome.table: outcome.to_write() for outcome in upstream}
    features = backfill_features(
        warehouse, settings, requested, Progress(progress.console), dry_run=dry_run, filled=filled
    )
    return upstream, features


@job_command(JOB)
@date_options
@selection_options
@policy_options
@click.option(
    "--with-upstream", "fill", is_flag=True, help="Fill the pre-computed tables first, on the dates that lack them."
)
@click.option("--resume", "resume", metavar="RUN_ID", help="Resume a run that stopped, with its dates and options.")
@click.option("--dry-run", is_flag=True, help="Print the plan and the MERGE statements; write nothing.")
def main(
    invocation: Invocation,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    fill: bool,
    resume: str | None,
    dry_run: bool,
    **selection: Any,
) -> ExitCode:
    """Compute the features of every player for a range of game dates and merge them into the feature store."""
    settings, progress = invocation.settings, invocation.progress
    upstream: list[RunOutcome] | None = None
    with invocation.warehouse() as warehouse:
        if resume:
            earlier = earlier_run(
                warehouse, resume, job=JOB, given=[start, end, dates, *selection.values(), fill, dry_run]
            )
            settings, requested = settings_of(earlier, settings), earlier.requested
        else:
            earlier = None
            requested = chosen_dates(warehouse, settings, progress, start, end, dates, **selection)
        if requested is None:
            invocation.show(NothingToDo(JOB))
            return ExitCode.DONE
        if fill:
            upstream, outcome = with_upstream(warehouse, settings, requested, progress, dry_run=dry_run)
        else:
            outcome = backfill_features(warehouse, settings, requested, progress, dry_run=dry_run, resumed=earlier)
    invocation.show(Summary(outcome, upstream))
    return outcome.exit_code


if __name__ == "__main__":
    main()
