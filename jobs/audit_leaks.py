"""Looks for leaks: stored pre-computed rows and features that have seen a game of the day that they are keyed to.

Reads only; recomputes every row twice, from games before its date and from those of the date too.
"""

from __future__ import annotations

import click

from jobs.audits.leakage import LeakSources, spread
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import requested_options
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.errors import ConfigurationError, ExitCode
from jobs.planning.plan import RequestedDates
from jobs.reports.leakage import Audit
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.warehouse.interface import Warehouse

JOB = "audit_leaks"


def audit_leaks(
    warehouse: Warehouse,
    settings: Settings,
    requested: RequestedDates,
    progress: Progress,
    *,
    sample: int | None = None,
) -> Audit:
    """Audits the pre-computed tables and the feature store on the requested dates, or on `sample` of them.

    What comes after is altered for each date of a sample, and without one for a single date: that takes a computation
    of its own for each.
    Tables that do not exist are noted, not audited. ContractError when a source is absent or not of its contract;
    ConfigurationError when no date is left to audit.
    """
    audit = Audit(requested, seconds=progress.seconds)
    with progress.phase("plan"):
        opened = LeakSources(warehouse, settings, requested, sample)
        if not opened.dates:
            raise ConfigurationError(
                f"no game date outside the early season in {requested}; nothing was known before the others"
            )
        audit.dates = [planned.game_date for planned in opened.dates]
        progress.note(f"{len(opened.dates)} game dates of {requested} are audited")
    for table in UPSTREAM_TARGETS:
        with progress.phase(table.name):
            if (found := opened.audited_table(table)) is None:
                audit.notes.append(f"table {warehouse.display_name(table)} does not exist or holds none of the dates")
            else:
                audit.tables.append(found)
    with progress.phase("features"):
        if (found := opened.audited_features()) is None:
            audit.notes.append("the feature store does not exist or holds none of the dates")
        else:
            audit.tables.append(found)
    with progress.phase("future"):
        audit.altered += opened.altered_futures(spread(opened.dates, sample or 1))
    opened.close()
    return audit


@job_command(JOB)
@requested_options
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Audit N game dates, spread evenly, instead of all; and alter what comes after each of them.",
)
def main(
    invocation: Invocation,
    requested: RequestedDates,
    sample: int | None,
) -> ExitCode:
    """Find pre-computed values and features that have seen a game of their own day; exit 3 on a leak."""
    with invocation.warehouse() as warehouse:
        audit = audit_leaks(warehouse, invocation.settings, requested, invocation.progress, sample=sample)
    invocation.show(audit)
    return audit.exit_code


if __name__ == "__main__":
    main()
