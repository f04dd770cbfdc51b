"""Shows before anything runs what the source tables hold of some dates, and what each date would become and why.

Reads the keys of the sources; nothing is written, not even in the ledger.
"""

from __future__ import annotations

from jobs.backfill import sources
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import requested_options, setting_options
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.planning.coverage import Coverage, coverage_of
from jobs.planning.plan import RequestedDates
from jobs.reports.coverage import CoverageReport
from jobs.warehouse.interface import Warehouse

JOB = "coverage"


def coverage(warehouse: Warehouse, settings: Settings, requested: RequestedDates, progress: Progress) -> Coverage:
    """What a run of the requested dates would find and do.

    ContractError when a source is absent, empty, lacks a column or has another type; ConfigurationError for a date
    whose season has no known beginning.
    """
    with progress.phase("read"):
        opened = sources.open_sources(warehouse, requested)
        progress.note(f"{len(opened)} tables, columns and types as expected")
    with progress.phase("plan"):
        plan = sources.plan_run(warehouse, opened, settings, requested)
        progress.note(plan.described())
    return coverage_of(plan)


@job_command(JOB)
@requested_options
@setting_options("on_missing")
def main(
    invocation: Invocation,
    requested: RequestedDates,
) -> None:
    """Show which source tables are missing on which game dates of a range, and what each date would become."""
    with invocation.warehouse() as warehouse:
        found = coverage(warehouse, invocation.settings, requested, invocation.progress)
    invocation.show(CoverageReport(found, invocation.settings.on_missing, invocation.progress.seconds))


if __name__ == "__main__":
    main()
