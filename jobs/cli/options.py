"""Options of the command line, each in a group of `--help`; those of settings are made from what the settings say.

What an option's value means to a job is the job's own business.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click

from jobs.config.locations import Location, location
from jobs.config.paths import expanded
from jobs.config.settings import Settings
from jobs.config.told import OptionSetting, option_settings
from jobs.planning.plan import requested_dates

Group = Literal["job", "dates", "policy", "writing", "warehouse", "output"]
GROUPS: dict[Group, str] = {
    "job": "Options",
    "dates": "Dates",
    "policy": "Policy",
    "writing": "Writing",
    "warehouse": "Warehouse and settings",
    "output": "Output",
}
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class GroupedOption(click.Option):
    """An option that `--help` shows among those of its group."""

    def __init__(self, *names: Any, group: Group = "job", **attributes: Any) -> None:
        super().__init__(*names, **attributes)
        self.group = group


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


class GameDates(click.ParamType):  # type: ignore[type-arg]
    """Several dates with commas between them."""

    name = "dates"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[datetime.date]:
        """The dates in the order given."""
        return [GameDate().convert(part, param, ctx) for part in str(value).split(",") if part.strip()]


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


class LocationOption(PathOption):
    """A folder, or the URI of one in an object store."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder or URI; a usage error for a scheme that is unknown, or a URI that holds a credential."""
        if not str(value):
            return super().convert(value, param, ctx)
        try:
            return location(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def option(*names: str, group: Group = "job", **attributes: Any) -> Decorator:
    """As `click.option`, in a group of `--help`."""
    return click.option(*names, cls=GroupedOption, group=group, **attributes)


def all_of(*options: Decorator) -> Decorator:
    """Several options as one decorator, in their order."""

    def decorate(job: Callable[..., Any]) -> Callable[..., Any]:
        for one in reversed(options):
            job = one(job)
        return job

    return decorate


def setting_options(*names: str) -> Decorator:
    """The options of these settings: their type, choices, help and default are those of the settings."""
    known = {setting.name: setting for setting in option_settings(Settings)}
    return all_of(*[_setting_option(known[name]) for name in names])


def _setting_option(setting: OptionSetting) -> Decorator:
    flag, kind = f"--{setting.name.replace('_', '-')}", setting.field.annotation
    attributes: dict[str, Any] = {"group": setting.told.group, "default": None, "help": setting.told.help}
    if kind is bool:
        return option(f"{flag}/--no-{flag.removeprefix('--')}", **attributes)
    if setting.field.default is not None:
        attributes["help"] += f"  [default: {setting.field.default}]"
    if get_origin(kind) is Literal:
        return option(flag, type=click.Choice(list(map(str, get_args(kind)))), **attributes)
    if kind is int:
        return option(flag, type=int, **attributes)
    return option(flag, type=LocationOption() if kind == Location else str, **attributes)


date_options = all_of(
    option("--start", group="dates", type=GameDate(), help="First game date."),
    option("--end", group="dates", type=GameDate(), help="Last game date, included."),
    option("--dates", group="dates", type=GameDates(), help="Single game dates: a,b,c."),
)


def requested_options(job: Callable[..., Any]) -> Callable[..., Any]:
    """The options of dates, of a job that takes what they ask for as `requested`.

    ConfigurationError when they make no sense, or ask for no date.
    """

    @date_options
    @functools.wraps(job)
    def with_dates(
        invocation: Any,
        start: datetime.date | None,
        end: datetime.date | None,
        dates: Sequence[datetime.date] | None,
        **options: Any,
    ) -> Any:
        return job(invocation, requested=requested_dates(start, end, dates), **options)

    return with_dates


baseline_options = all_of(
    option("--baseline-start", group="dates", type=GameDate(), help="First date of those to compare features with."),
    option("--baseline-end", group="dates", type=GameDate(), help="Last date of those, included."),
)

selection_options = all_of(
    option("--only-failed", group="dates", metavar="RUN_ID", help="The dates that failed in a run."),
    option("--only-missing", group="dates", is_flag=True, help="Of the dates, those that the feature store lacks."),
    option(
        "--changed",
        group="dates",
        is_flag=True,
        help="Of the dates, those that read a row processed since they were last written.",
    ),
)

computing_options = setting_options("on_missing", "mode")
writing_options = setting_options("write_mode", "merge_slice_rows", "keep_staging")
policy_options = all_of(computing_options, writing_options, setting_options("prune", "replace_versions", "add_played"))

common_options = all_of(
    setting_options("warehouse", "project", "warehouse_path"),
    option("--config", group="warehouse", type=PathOption(), help="YAML file over the settings of conf/."),
    option("--json", "as_json", group="output", is_flag=True, help="The summary as one JSON object on stdout."),
    option("--verbose", group="output", is_flag=True, help="Show Spark's own log, and where an error comes from."),
)
