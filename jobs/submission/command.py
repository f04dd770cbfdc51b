"""What the submitting commands share: their common options, and errors as one line each with their exit code.

No command is built here.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from jobs.cli.options import PathOption, all_of
from jobs.config.secrets import scrubbed
from jobs.errors import JobError


def one_error_each(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lets a command end with the exit code of a JobError, of which each line is printed as an error."""

    @functools.wraps(function)
    def guarded(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except JobError as error:
            for line in scrubbed(str(error)).splitlines():
                click.echo(f"error: {line}", err=True)
            sys.exit(int(error.exit_code))

    return guarded


def end_as(code: int) -> NoReturn:
    """Ends as a process that was started did: of one that a signal has ended, with 128 and the signal's number."""
    sys.exit(128 - code if code < 0 else code)


size_options = all_of(
    click.option("--executors", "executors_count", type=int, help="How many executors."),
    click.option("--executor-cores", "executors_cores", type=int, help="Cores of each."),
    click.option("--executor-memory", "executors_memory", help="Memory of each, as in 4g."),
    click.option("--executor-java-options", "executors_java_options", help="Java options for the JVM of each."),
    click.option("--driver-memory", help="Memory of the driver, as in 4g."),
)

artifact_option = all_of(
    click.option(
        "--artifact",
        type=PathOption(),
        help="Folder of a built artifact.  [default: dist, kept up to date]",
    ),
    click.option("--settings", "settings_path", type=PathOption(), help="YAML file over that of conf/."),
)

job_arguments = all_of(
    click.option("--partial-ok", is_flag=True, help="A partial run (exit code 3) counts as success."),
    click.option("--dry-run", is_flag=True, help="Print what would be run, and run nothing."),
    click.argument("job"),
    click.argument("options", nargs=-1, type=click.UNPROCESSED),
)
