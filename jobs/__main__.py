"""The command line: every job as a command of one group.

Starts a job; what a job is, its own module says.
"""

from __future__ import annotations

import os
import sys

import click

from jobs.cli.commands import JobGroup
from jobs.config.typed_command import SCRIPT, typed_command


@click.command(
    "player-feature-store",
    cls=JobGroup,
    help="Back-fill player features for many game dates at once, inspect the results, roll a run back.",
    context_settings={"max_content_width": 110},
    epilog="JOB --help shows the options of a job.",
    subcommand_metavar="JOB [OPTIONS]",
)
def jobs() -> None:
    """All jobs."""


def main() -> None:
    """Runs the job that the command line names."""
    if sys.flags.optimize > 1:
        # Spark for Python reads its own docstrings, and does not start without them.
        os.environ.pop("PYTHONOPTIMIZE", None)
        os.execv(sys.executable, [sys.executable, "-m", "jobs", *sys.argv[1:]])
    # Completion asks by the name of the script.
    jobs.main(prog_name=None if typed_command() == SCRIPT else typed_command())


if __name__ == "__main__":
    main()
