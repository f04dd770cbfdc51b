"""The command line that all jobs share: settings, output, errors as one line each, exit codes.

What a job does with its settings is the job's own business.
"""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from jobs.cli import signals
from jobs.cli.broken_pipe import nobody_reads
from jobs.cli.commands import JobCommand
from jobs.cli.options import common_options
from jobs.cli.progress import Progress
from jobs.cli.tables import console_for_tables, print_json
from jobs.config.locations import Location
from jobs.config.secrets import scrubbed
from jobs.config.settings import Settings, load_settings
from jobs.config.told import option_settings, taken_from
from jobs.errors import ExitCode, Interrupted, JobError, SparkError
from jobs.reports.report import Report
from jobs.spark.submitted_session import settings_by_executors


@dataclass
class Invocation:
    """One call of a job: its settings, and where its output goes."""

    settings: Settings
    progress: Progress
    json: bool
    verbose: bool

    @contextmanager
    def warehouse(self, *also: Location) -> Iterator[Any]:
        """The configured warehouse, open for the length of the job, with which Spark reaches other locations too."""
        from jobs.warehouse.opening import open_warehouse

        with open_warehouse(self.settings, also=also, verbose=self.verbose) as warehouse:
            yield warehouse

    def show(self, report: Report) -> None:
        """What the job found: one JSON object with `--json`, else tables."""
        try:
            if self.json:
                print_json(report.as_json())
            else:
                report.render(console_for_tables())
            sys.stdout.flush()
        except BrokenPipeError:
            nobody_reads()


def job_command(name: str) -> Callable[[Callable[..., ExitCode | None]], click.Command]:
    """Makes a command of a job: a function of an `Invocation` and of its own options that gives the exit code."""

    def decorate(job: Callable[..., ExitCode | None]) -> click.Command:
        def command(config: Path | None, as_json: bool, verbose: bool, **options: Any) -> None:
            given = taken_from(Settings, options)
            for setting in option_settings(Settings):
                options.pop(setting.name, None)
            try:
                settings = load_settings(given, config=config, executors=settings_by_executors())
                invocation = Invocation(settings, Progress(), as_json, verbose)
                with signals.heard():
                    code = int(job(invocation, **options) or ExitCode.DONE)
            except (Exception, Interrupted) as error:
                code = _report(error, as_json=as_json, verbose=verbose)
            sys.exit(code)

        made = common_options(command)
        made.__click_params__ = [*getattr(job, "__click_params__", []), *made.__click_params__]  # type: ignore[attr-defined]
        settings = {"max_content_width": 110, "show_default": True}
        return click.command(name, cls=JobCommand, help=job.__doc__, context_settings=settings)(made)

    return decorate


def _report(error: Exception | Interrupted, *, as_json: bool, verbose: bool) -> int:
    if verbose:
        traceback.print_exception(error)
    if isinstance(error, JobError | Interrupted):
        code, message = int(error.exit_code), str(error)
    else:
        from jobs.spark.errors import explained

        unwritable = isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EROFS, errno.ENOSPC)
        code, message = int(ExitCode.WRONG_INPUT if unwritable else ExitCode.UNEXPECTED), explained(error)
    if not verbose and (isinstance(error, SparkError) or not isinstance(error, JobError | Interrupted)):
        message += " (--verbose shows where)"
    message = scrubbed(message)
    for line in message.splitlines():
        click.echo(f"error: {line}", err=True)
    if as_json:
        print_json({"status": "failed", "exit_code": code, "error": message})
    return code
