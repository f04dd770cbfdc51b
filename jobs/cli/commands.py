"""Click's command and group as this project has them: options in groups, one error each, the nearest name.

Imports no job until it is asked for, so that `--help` is quick.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import resources
from typing import Any

import click

from jobs.cli.broken_pipe import nobody_reads
from jobs.config.secrets import scrubbed

_INTERRUPTED = 130
_JOB = "\n@job_command("
_SIMILAR = 0.6


class OneErrorEach(click.Command):
    """A command whose usage errors are lines on standard error, and with `--json` one JSON object too."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """As click's, which shows a usage error on standard error and exits with 2."""
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            return super().main(arguments, *more, **{**extra, "standalone_mode": False})
        except click.ClickException as error:
            told = io.StringIO()
            error.show(file=told)
            click.echo(scrubbed(told.getvalue()), err=True, nl=False)
            if "--json" in arguments:
                message = scrubbed(error.format_message())
                print(json.dumps({"status": "failed", "exit_code": error.exit_code, "error": message}))
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("error: interrupted", err=True)
            sys.exit(_INTERRUPTED)

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        """As click's, which prints the help here; quietly when nobody reads it."""
        with _nothing_for_nobody():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """As click's, and quiet too."""
        with _nothing_for_nobody():
            return super().invoke(ctx)


@contextmanager
def _nothing_for_nobody() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        nobody_reads()
        raise click.exceptions.Exit(0) from None


class JobCommand(OneErrorEach):
    """The command of a job, its options in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A section a group, in the order of `GROUPS`."""
        from jobs.cli.options import GROUPS, GroupedOption

        records: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                plain = "output" if "--help" in parameter.opts else "job"
                group = parameter.group if isinstance(parameter, GroupedOption) else plain
                records.setdefault(group, []).append(record)
        for group, title in GROUPS.items():
            if group in records:
                with formatter.section(title):
                    formatter.write_dl(records[group])


class JobGroup(OneErrorEach, click.Group):
    """All jobs: the modules of `jobs` with a job's command, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted(jobs_by_name())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a job; None where there is none of this name."""
        return job(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named first; a usage error that names the nearest one where there is none."""
        if args and not args[0].startswith("-") and args[0] not in jobs_by_name():
            ctx.fail(unknown_job(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line per job, without importing any."""
        with formatter.section("Jobs"):
            formatter.write_dl(sorted(jobs_by_name().items()))


def jobs_by_name() -> dict[str, str]:
    """What each job is for, by its name: the first line of its module."""
    found = {}
    for file in resources.files("jobs").iterdir():
        if file.name.endswith(".py") and file.name != "__main__.py":
            text = file.read_text(encoding="utf-8")
            if _JOB in text:
                found[file.name.removesuffix(".py")] = text.splitlines()[0].strip('"')
    return found


def job(name: str) -> JobCommand | None:
    """The command of a job; None where there is none of this name."""
    if name not in jobs_by_name():
        return None
    command = importlib.import_module(f"jobs.{name}").main
    return command if isinstance(command, JobCommand) else None


def unknown_job(name: str) -> str:
    """What to say of a name that no job has."""
    known = jobs_by_name()
    near = get_close_matches(name.replace("-", "_"), known, n=1, cutoff=_SIMILAR)
    advice = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known))}"
    return f"unknown job {name!r}; {advice}"
