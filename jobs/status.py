"""Shows the ledger: the newest runs, or one run with its dates and skipped rows; also of a run that is under way.

Reads the ledger alone; on Delta without starting Spark.
"""

from __future__ import annotations

import click

from jobs.cli.arguments import Invocation, job_command
from jobs.ledger.history import LoggedRun, RunHistory
from jobs.ledger.liveness import is_alive
from jobs.reports.status import RunDetails, RunList, RunStatus

JOB = "status"


def status_of(run: LoggedRun) -> RunStatus:
    """A run, and whether it stopped without an end."""
    return RunStatus(run, is_dead=run.row["status"] == "running" and not is_alive(run.row))


@job_command(JOB)
@click.argument("run_id", required=False)
@click.option("--limit", type=click.IntRange(1), default=20, help="How many runs are listed.")
def main(invocation: Invocation, run_id: str | None, limit: int) -> None:
    """Show the newest runs, or one run with its dates."""
    with invocation.warehouse() as warehouse:
        history = RunHistory(warehouse)
        if run_id is None:
            invocation.show(RunList([status_of(run) for run in history.runs()[:limit]]))
        else:
            run = status_of(history.run(run_id))
            invocation.show(RunDetails(run, history.dates(run_id), history.skips(run_id)))


if __name__ == "__main__":
    main()
