"""Fills the four pre-computed tables for any range of game dates, strictly before each date, in one Spark job.

Chooses tables and dates; each table is a run of its own, and that is `backfill.run`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from typing import Any

from jobs.backfill.precompute import UpstreamComputation, UpstreamSources
from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill.run import run_table
from jobs.backfill.work import Job
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import date_options, option, writing_options
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.errors import ConfigurationError, ExitCode
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.reports.summary import Summaries
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse

JOB = "backfill_upstream"
ALL = "all"
_BY_NAME = {table.name: table for table in UPSTREAM_TARGETS}


def backfill_upstream(
    warehouse: Warehouse,
    settings: Settings,
    requested: RequestedDates,
    progress: Progress,
    *,
    tables: Sequence[Table] = UPSTREAM_TARGETS,
    only_missing: bool = False,
    again: Mapping[str, Collection[datetime.date]] | None = None,
    dry_run: bool = False,
) -> list[RunOutcome]:
    """Computes and writes the requested dates of each table, one run after the other, from sources opened once.

    `only_missing` takes of each table the dates that it lacks, and those that it is to have `again`, by its name; a
    table that has neither has no run. What the shot zones and the defence of a date are to the other two tables is
    computed with them, not read. Errors as of `run_table`.
    """
    outcomes: list[RunOutcome] = []
    with closing(UpstreamSources(warehouse, settings, requested)) as shared:
        targets = {
            table: requested_of(shared, table, progress, only_missing=only_missing, again=(again or {}).get(table.name))
            for table in tables
        }
        asked = {table: dates for table, dates in targets.items() if dates is not None}
        for table, dates in asked.items():
            warehouse.check_kept(table, [day for day in shared.due_dates() if day in dates])
        if only_missing and asked:
            shared.want(asked.values())
        for table, dates in asked.items():
            job = Job(JOB, warehouse, settings, Progress(progress.console))
            computation = UpstreamComputation(table, shared, dates)
            try:
                outcomes.append(run_table(job, table, dates, computation, dry_run=dry_run))
            except Exception:
                # Whoever resumes a run resumes its table alone.
                if left := [later.name for later in list(asked)[len(outcomes) + 1 :]]:
                    progress.say(f"not begun: {', '.join(left)}; afterwards, the same command with --only-missing")
                raise
    return outcomes


def requested_of(
    shared: UpstreamSources,
    table: Table,
    progress: Progress,
    *,
    only_missing: bool,
    again: Collection[datetime.date] | None = None,
) -> RequestedDates | None:
    """The dates of a table's run: those that it lacks, and those `again`; None when `only_missing` leaves none."""
    if not only_missing:
        return shared.requested
    missing = shared.missing_dates(table)
    progress.say(f"missing  {len(missing)} game dates of {shared.requested} have too few rows in {table.name}")
    due = sorted({*missing, *[day for day in shared.due_dates() if day in (again or ())]})
    return requested_dates(None, None, due) if due else None


def resume_run(
    warehouse: Warehouse, settings: Settings, progress: Progress, run_id: str, given: Collection[Any]
) -> RunOutcome:
    """Resumes a run of this job that stopped, with its table, dates and options. Errors as of `earlier_run`."""
    earlier = earlier_run(warehouse, run_id, job=JOB, given=given)
    assert earlier.requested is not None
    table = _BY_NAME[earlier.parameters["table"]]
    settings = settings_of(earlier, settings)
    computation = UpstreamComputation(table, UpstreamSources(warehouse, settings, earlier.requested), earlier.requested)
    job = Job(JOB, warehouse, settings, progress)
    return run_table(job, table, earlier.requested, computation, resumed=earlier)


def named_tables(given: str) -> list[Table]:
    """The tables of `--table`, in the order in which they are filled; ConfigurationError for an unknown name."""
    names = [name.strip() for name in given.split(",") if name.strip()]
    if unknown := [name for name in names if name not in (ALL, *_BY_NAME)]:
        raise ConfigurationError(f"--table {unknown[0]!r} is none of {ALL}, {', '.join(_BY_NAME)}")
    if not names:
        raise ConfigurationError(f"--table is empty; give {ALL}, or names with commas between")
    return [table for table in UPSTREAM_TARGETS if ALL in names or table.name in names]


@job_command(JOB)
@option("--table", "table", default=ALL, help=f"{ALL}, or names with commas between: {', '.join(_BY_NAME)}.")
@date_options
@option("--only-missing", group="dates", is_flag=True, help="Of the dates, those that a table lacks.")
@writing_options
@option("--resume", "resume", metavar="RUN_ID", help="Resume a run that stopped, with its table, dates and options.")
@option("--dry-run", is_flag=True, help="Print the plan and the MERGE statements; write nothing.")
def main(
    invocation: Invocation,
    table: str,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    only_missing: bool,
    resume: str | None,
    dry_run: bool,
) -> ExitCode:
    """Compute the pre-computed tables for a range of game dates, from games strictly before each."""
    settings, progress = invocation.settings, invocation.progress
    tables = named_tables(table)
    with invocation.warehouse() as warehouse:
        if resume:
            given = [start, end, dates, only_missing, dry_run]
            outcomes = [resume_run(warehouse, settings, progress, resume, given)]
        else:
            outcomes = backfill_upstream(
                warehouse,
                settings,
                requested_dates(start, end, dates),
                progress,
                tables=tables,
                only_missing=only_missing,
                dry_run=dry_run,
            )
    summaries = Summaries(JOB, outcomes)
    invocation.show(summaries)
    return summaries.exit_code


if __name__ == "__main__":
    main()
