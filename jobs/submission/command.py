"""What the submitting commands share: errors as one line each with their exit code, and a file over `conf/`.

No command is built here.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import click

from jobs.runtime.errors import JobError


def one_error_each(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lets a command end with the exit code of a JobError, of which each line is printed as an error."""

    @functools.wraps(function)
    def guarded(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except JobError as error:
            for line in str(error).splitlines():
                click.echo(f"error: {line}", err=True)
            sys.exit(int(error.exit_code))

    return guarded
