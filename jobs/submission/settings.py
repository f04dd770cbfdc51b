"""Where jobs are submitted to and how large: `conf/cluster.yaml`, `conf/dataproc.yaml`, a file over them, options.

Checked as a whole before anything is submitted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from jobs.config.conf_files import conf_file
from jobs.config.layers import Layer, explained, merged_layers, read_file
from jobs.config.settings import Labels, Strict
from jobs.config.sizes import Memory
from jobs.errors import ConfigurationError

_SECRET = re.compile(r"(?i:secret|password|token|[._-]key)$|[a-z]Key$")

SettingsType = TypeVar("SettingsType", bound="Submission")


def _bucket(name: str) -> str:
    name = name.removeprefix("gs://").rstrip("/")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", name):
        raise ValueError(f"{name!r} is not the name of a bucket")
    return name


def _no_secrets(properties: dict[str, str]) -> dict[str, str]:
    """Properties are arguments of a process, which everybody on the machine can read."""
    for name in properties:
        if _SECRET.search(name):
            raise ValueError(
                f"{name} is a secret, and everybody could read it in the arguments of a process; give it to Spark by "
                "its own spark-defaults.conf, or by a credential provider"
            )
    return properties


Bucket = Annotated[str, AfterValidator(_bucket)]


class Executors(Strict):
    """How many executors, and how large."""

    count: int = Field(2, ge=1)
    cores: int = Field(2, ge=1)
    memory: Memory = "4g"
    java_options: str = ""


class Submission(Strict):
    """What all places to submit to have in common."""

    driver_memory: Memory = "4g"
    executors: Executors = Field(default_factory=lambda: Executors.model_validate({}))
    properties: Annotated[dict[str, str], AfterValidator(_no_secrets)] = Field(default_factory=dict)


class ClusterSettings(Submission):
    """A Spark master."""

    master: str | None = None
    deploy_mode: Literal["client", "cluster"] = "client"


Version = Literal["2.3", "3.0"]


class DataprocSettings(Submission):
    """A Dataproc cluster, or without one a serverless batch; `version` is that of the image or of the runtime.

    `delta` says where the job has Delta from: a package that it fetches, by cluster or batch and version, or the image.
    """

    project: str | None = None
    region: str | None = None
    cluster: str | None = None
    bucket: Bucket | None = None
    service_account: str | None = None
    subnet: str | None = None
    version: Version = "2.3"
    delta: Literal["package", "image"] = "package"
    delta_packages: dict[Literal["cluster", "batch"], dict[Version, str]] = Field(default_factory=dict)
    labels: Labels = Field(default_factory=dict)


def load(kind: type[SettingsType], profile: str, options: Mapping[str, Any], file: Path | None) -> SettingsType:
    """The settings of a submission. ConfigurationError naming each wrong entry, its value and where it stands."""
    layers: list[Layer] = [(f"conf/{profile}.yaml", read_file(conf_file(f"{profile}.yaml")))]
    if file is not None:
        layers.append((str(file), read_file(file)))
    layers.append(("the options", _given(options)))
    try:
        return kind.model_validate(merged_layers(layers))
    except ValidationError as error:
        raise ConfigurationError("\n".join(explained(found, layers, kind) for found in error.errors())) from None


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given; `executors_count` is a key of `executors`."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value == ():
            continue
        parent, _, key = name.partition("_") if name.startswith("executors_") else ("", "", name)
        (found.setdefault(parent, {}) if parent else found)[key] = value
    return found
