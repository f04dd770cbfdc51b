"""A job as it is sent elsewhere: checked here, with the settings of this user in one file that goes with it.

A secret does not travel.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from jobs.cli.commands import job, unknown_job
from jobs.config.layers import from_environment, overlaid, read_file
from jobs.config.settings import Settings, load_settings
from jobs.config.told import taken_from
from jobs.errors import ConfigurationError
from jobs.warehouse.kinds import KINDS


@dataclass(frozen=True)
class JobSpec:
    """A job's name, its options, and the settings that they and this user's files make."""

    name: str
    options: Sequence[str]
    config: Path | None
    settings: Settings
    own_settings: dict[str, Any]

    def arguments(self) -> list[str]:
        """The job and its options for a driver on this machine."""
        return [self.name, *self.options]

    def arguments_elsewhere(self, settings_file: Path | None) -> list[str]:
        """The job and its options for a driver on another machine, beside which a file of settings may lie."""
        options = list(self.options)
        for number, option in enumerate(options):
            if option == "--config":
                del options[number : number + 2]
                break
            if option.startswith("--config="):
                del options[number]
                break
        return [self.name, *options, *(["--config", settings_file.name] if settings_file else [])]

    @contextmanager
    def settings_file(self, name: str) -> Iterator[Path | None]:
        """The file with the settings of `--config` and of the environment, named after `name`; None without any.

        ConfigurationError when a credential is among them.
        """
        for kind in KINDS.values():
            there = [key for key in kind.credentials if self.own_settings.get(kind.name, {}).get(key) is not None]
            if there:
                raise ConfigurationError(
                    f"{kind.name}.{there[0]} does not travel to another machine: leave it out; the driver there has "
                    "the credentials of its service account"
                )
        if not self.own_settings:
            yield None
            return
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"settings-{name}.yaml"
            file.write_text(yaml.safe_dump(self.own_settings))
            yield file


def sent_job(name: str, options: Sequence[str], environment: Mapping[str, str] = os.environ) -> JobSpec:
    """A job with its options, as it would read them. ConfigurationError or a usage error where it would refuse them."""
    command = job(name)
    if command is None:
        raise ConfigurationError(unknown_job(name))
    given = command.make_context(name, list(options)).params
    chosen = taken_from(Settings, given)
    config = given["config"]
    own = overlaid(read_file(config) if config else {}, from_environment(environment, Settings))
    return JobSpec(name, options, config, load_settings(chosen, config=config, environment=environment), own)
