"""The command line that all jobs share: settings, output, errors as one line each, exit codes.

What a job does with its settings is the job's own business.
"""

from __future__ import annotations

import datetime
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from jobs.cli import signals
from jobs.cli.progress import Progress
from jobs.cli.tables import console_for_tables, print_json
from jobs.config.paths import expanded
from jobs.config.settings import Settings, load_settings
from jobs.errors import ExitCode, Interrupted, JobError, SparkError
from jobs.reports.report import Report
from jobs.spark.submitted_session import settings_by_executors

SETTINGS = (
    "warehouse",
    "warehouse_path",
    "on_missing",
    "mode",
    "write_mode",
    "merge_slice_rows",
    "prune",
    "keep_staging",
)


# Only newer versions of click can be subscripted.
class GameDate(click.ParamType):  # type: ignore[type-arg]
    """A date written as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.date:
        """The date; a usage error names the value."""
        try:
            return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as YYYY-MM-DD", param, ctx)


class PathOption(click.ParamType):  # type: ignore[type-arg]
    """A file or folder, `~` expanded, whether a shell has seen it or not."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path; a usage error where `~` stands for nothing, or nothing is given."""
        if not str(value):
            self.fail("the path is empty", param, ctx)
        try:
            return expanded(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class GameDates(click.ParamType):  # type: ignore[type-arg]
    """Several dates with commas between them."""

    name = "dates"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[datetime.date]:
        """The dates in the order given."""
        return [GameDate().convert(part, param, ctx) for part in str(value).split(",") if part.strip()]


@dataclass
class Invocation:
    """One call of a job: its settings, and where its output goes."""

    settings: Settings
    progress: Progress
    json: bool
    verbose: bool

    @contextmanager
    def warehouse(self) -> Iterator[Any]:
        """The configured warehouse, open for the length of the job."""
        from jobs.warehouse.opening import open_warehouse

        with open_warehouse(self.settings, verbose=self.verbose) as warehouse:
            yield warehouse

    def show(self, report: Report) -> None:
        """What the job found: one JSON object with `--json`, else tables."""
        if self.json:
            print_json(report.as_json())
        else:
            report.render(console_for_tables())


class JobCommand(click.Command):
    """A command of which `--json` also gets its usage errors as one JSON object."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """As click's, which shows a usage error on standard error and exits with 2."""
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            return super().main(arguments, *more, **{**extra, "standalone_mode": False})
        except click.ClickException as error:
            error.show()
            if "--json" in arguments:
                print_json({"status": "failed", "exit_code": error.exit_code, "error": error.format_message()})
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("error: interrupted", err=True)
            sys.exit(ExitCode.UNEXPECTED)


def job_command(name: str) -> Callable[[Callable[..., ExitCode | None]], click.Command]:
    """Makes a command of a job: a function of an `Invocation` and of its own options that gives the exit code."""

    def decorate(job: Callable[..., ExitCode | None]) -> click.Command:
        def command(config: Path | None, project: str | None, as_json: bool, verbose: bool, **options: Any) -> None:
            given = {setting: options.pop(setting) for setting in SETTINGS if setting in options}
            given["bigquery"] = {"project": project} if project else None
            try:
                settings = load_settings(given, config=config, executors=settings_by_executors())
                invocation = Invocation(settings, Progress(), as_json, verbose)
                with signals.heard():
                    code = int(job(invocation, **options) or ExitCode.DONE)
            except (Exception, Interrupted) as error:
                code = _report(error, as_json=as_json, verbose=verbose)
            sys.exit(code)

        command.__doc__ = job.__doc__
        for option in reversed(_COMMON):
            command = option(command)
        command.__click_params__ = [*getattr(job, "__click_params__", []), *command.__click_params__]  # type: ignore[attr-defined]
        return click.command(name, cls=JobCommand, context_settings={"max_content_width": 110, "show_default": True})(
            command
        )

    return decorate


def _report(error: Exception | Interrupted, *, as_json: bool, verbose: bool) -> int:
    if verbose:
        traceback.print_exception(error)
    if isinstance(error, JobError | Interrupted):
        code, message = int(error.exit_code), str(error)
    else:
        from jobs.spark.errors import explained

        code, message = int(ExitCode.UNEXPECTED), explained(error)
    if not verbose and (isinstance(error, SparkError) or not isinstance(error, JobError | Interrupted)):
        message += " (--verbose shows where)"
    for line in message.splitlines():
        click.echo(f"error: {line}", err=True)
    if as_json:
        print_json({"status": "failed", "exit_code": code, "error": message})
    return code


_COMMON = [
    click.option(
        "--warehouse", type=click.Choice(["delta", "bigquery"]), help="Where the tables are.  [default: delta]"
    ),
    click.option("--project", help="The Google Cloud project of the tables, with --warehouse bigquery."),
    click.option("--warehouse-path", type=PathOption(), help="Folder of the Delta warehouse."),
    click.option("--config", type=PathOption(), help="YAML file over the settings of conf/."),
    click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object on standard output."),
    click.option("--verbose", is_flag=True, help="Show Spark's own log, and where an error comes from."),
]


def _options(*options: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(job: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            job = option(job)
        return job

    return decorate


date_options = _options(
    click.option("--start", type=GameDate(), help="First game date."),
    click.option("--end", type=GameDate(), help="Last game date, included."),
    click.option("--dates", type=GameDates(), help="Single game dates: a,b,c."),
)

selection_options = _options(
    click.option("--only-failed", metavar="RUN_ID", help="The dates that failed in a run."),
    click.option("--only-missing", is_flag=True, help="Of the dates, those that the feature store lacks."),
    click.option(
        "--changed", is_flag=True, help="Of the dates, those that read a row processed since they were last written."
    ),
)

_on_missing = click.option(
    "--on-missing",
    type=click.Choice(["fail", "skip", "fallback"]),
    help="What becomes of a date that lacks a pre-computed table.  [default: fail]",
)
_mode = click.option(
    "--mode",
    type=click.Choice(["backfill", "daily"]),
    help="daily leaves out rows with incomplete data.  [default: backfill]",
)
_write_mode = click.option(
    "--write-mode",
    type=click.Choice(["merge", "overwrite"]),
    help="overwrite replaces the computed dates whole.  [default: merge]",
)
_slice_rows = click.option(
    "--merge-slice-rows", type=int, help="Rows of one MERGE, in whole months.  [default: 1000000]"
)
_prune = click.option("--prune", is_flag=True, default=None, help="Also delete rows whose context row is gone.")
_keep_staging = click.option("--keep-staging", is_flag=True, default=None, help="Keep the staging table of the run.")

writing_options = _options(_write_mode, _slice_rows, _keep_staging)
policy_options = _options(_on_missing, _mode, _write_mode, _slice_rows, _prune, _keep_staging)
