"""Shows the ledger: the newest runs, or one run with its dates and skipped rows; also of a run that is under way.

Reads the ledger alone, and on request releases a run that has died; on Delta without starting Spark.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from jobs.cli.arguments import Invocation, job_command
from jobs.ledger.history import LoggedRun, RunHistory
from jobs.ledger.liveness import liveness
from jobs.ledger.release import release
from jobs.reports.status import RunDetails, RunList, RunStatus

JOB = "status"


def status_of(run: LoggedRun) -> RunStatus:
    """A run, and what is known of its life."""
    return RunStatus(run, liveness(run.row))


@job_command(JOB)
@click.argument("run_id", required=False)
@click.option("--limit", type=click.IntRange(1), default=20, help="How many runs are listed.")
@click.option("--release", "released", metavar="RUN_ID", help="Free the dates of a run that has died, then show it.")
def main(invocation: Invocation, run_id: str | None, limit: int, released: str | None) -> None:
    """Show the newest runs, or one run with its dates."""
    with invocation.warehouse() as warehouse:
        history = RunHistory(warehouse)
        if released is not None:
            release(warehouse, released)
            run_id = released
        if run_id is None:
            runs, damage = history.runs_and_damage()
            _warn(invocation, damage)
            invocation.show(RunList([status_of(run) for run in runs[:limit]]))
        else:
            run = status_of(history.run(run_id))
            _warn(invocation, history.damage(run_id))
            invocation.show(RunDetails(run, history.dates(run_id), history.skips(run_id)))


def _warn(invocation: Invocation, damage: Sequence[str]) -> None:
    for line in damage:
        invocation.progress.say(f"warning: {line}")


if __name__ == "__main__":
    main()
