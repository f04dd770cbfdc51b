"""A job inside the process that `spark-submit` has started: found by its name, with its files where they were put.

Nothing here starts Spark.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from jobs.cli.commands import job, unknown_job
from jobs.errors import ExitCode
from jobs.ledger import run_id as run_identity


def run(arguments: Sequence[str], run_id: str | None, place_of: Callable[[str], Path | None]) -> None:
    """Runs a job with its options, and ends the process with its exit code.

    `run_id` is the name that the submitter has given its run; `place_of` finds a file that travelled with the job.
    """
    name, *options = arguments
    command = job(name)
    if command is None:
        print(f"error: {unknown_job(name)}", file=sys.stderr)
        sys.exit(ExitCode.WRONG_INPUT)
    if run_id is not None:
        run_identity.announce(run_id)
    command.main(_with_travelled_config(options, place_of))


def _with_travelled_config(options: Sequence[str], place_of: Callable[[str], Path | None]) -> list[str]:
    """The options, with the file of `--config` where it is now if it is not where the option says."""
    found = list(options)
    for number, option in enumerate(found[:-1]):
        if option == "--config" and not Path(found[number + 1]).exists():
            found[number + 1] = str(place_of(Path(found[number + 1]).name) or found[number + 1])
    return found
