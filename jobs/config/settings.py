"""Settings of a run: `conf/`, then `--config`, then the environment, then options; the later wins.

Checked as a whole before anything starts; an unknown or wrong entry is named with the place that it came from.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from jobs.config.conf_files import conf_file
from jobs.errors import ConfigurationError
from jobs.schemas import tables as schemas

if TYPE_CHECKING:
    from importlib.abc import Traversable

ENVIRONMENT_PREFIX = "FEATURE_STORE_"
_TEST_PREFIX = "FEATURE_STORE_TEST_"

OnMissing = Literal["fail", "skip", "fallback"]
Mode = Literal["backfill", "daily"]
WriteMode = Literal["merge", "overwrite"]
Compiler = Literal["auto", "quick", "full"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _labels(labels: dict[str, str]) -> dict[str, str]:
    for name, value in labels.items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", name) or not re.fullmatch(r"[a-z0-9_-]{0,63}", value):
            raise ValueError(
                f"{name}: {value!r} is not a label; take lower-case letters, digits, _ and -, at most 63, "
                "and a letter first"
            )
    return labels


Labels = Annotated[dict[str, str], AfterValidator(_labels)]
"""As Google Cloud takes them."""


class Engine(_Strict):
    """How Spark is started."""

    master: str = "local[*]"
    driver_memory: str = "4g"
    compiler: Compiler = "auto"
    full_compiler_megabytes: int = Field(100, ge=1)
    shuffle_partitions: int | Literal["auto"] = "auto"
    java_options: str = ""
    packages: dict[str, str] = {}
    packages_spark41: dict[str, str] = {}

    def packages_of(self, spark_version: str) -> dict[str, str]:
        """What this version of Spark loads, by warehouse."""
        return self.packages if spark_version.startswith("3.") else self.packages_spark41

    @field_validator("shuffle_partitions", mode="before")
    @classmethod
    def _number_or_auto(cls, partitions: Any) -> Any:
        if partitions != "auto" and (not isinstance(partitions, int) or partitions < 1):
            raise ValueError("take auto, or 1 or more")
        return partitions


class BigQuery(_Strict):
    """How BigQuery is reached, what it may cost, and how long anything of it may take."""

    project: str | None = None
    parent_project: str | None = None
    quota_project: str | None = None
    location: str | None = None
    credentials_file: Path | None = None
    access_token: SecretStr | None = None
    rest_endpoint: str | None = None
    grpc_endpoint: str | None = None
    maximum_bytes_billed: int | None = Field(None, ge=1)
    staging_days: int = Field(7, ge=1)
    connect_timeout_seconds: int = Field(5, ge=1)
    read_timeout_seconds: int = Field(20, ge=1)
    write_timeout_seconds: int = Field(3600, ge=1)
    statement_timeout_seconds: int = Field(3600, ge=1)
    labels: Labels = {}


class Settings(_Strict):
    """Everything that a job can be told."""

    warehouse: Literal["delta", "bigquery"] = "delta"
    warehouse_path: Path = Path("warehouse")
    on_missing: OnMissing = "fail"
    mode: Mode = "backfill"
    write_mode: WriteMode = "merge"
    prune: bool = False
    keep_staging: bool = False
    merge_slice_rows: int = Field(1_000_000, ge=1)
    heartbeat_seconds: int = Field(60, ge=1, le=300)
    season_start: dict[int, datetime.date] = {}
    minimum_rows: dict[str, int] = {}
    tables: dict[str, str] = {}
    engine: Engine = Field(default_factory=lambda: Engine.model_validate({}))
    bigquery: BigQuery = Field(default_factory=lambda: BigQuery.model_validate({}))

    @field_validator("minimum_rows")
    @classmethod
    def _known_upstream(cls, rows: dict[str, int]) -> dict[str, int]:
        known = [table.name for table in schemas.PHASE4_TABLES]
        for name, least in rows.items():
            if name not in known:
                raise ValueError(f"{name} is not one of {', '.join(known)}")
            if least < 1:
                raise ValueError(f"{name} is {least}: take 1 or more")
        return rows

    @field_validator("tables")
    @classmethod
    def _known_tables(cls, tables: dict[str, str]) -> dict[str, str]:
        known = [table.name for table in schemas.TABLES]
        for name, place in tables.items():
            if name not in known:
                raise ValueError(f"{name} is not one of {', '.join(known)}")
            if len(place.split(".")) not in (2, 3) or not all(place.split(".")):
                raise ValueError(f"{name} is {place!r}: expected dataset.table or project.dataset.table")
        return tables


def load_settings(
    options: Mapping[str, Any],
    *,
    profile: str = "local",
    config: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    executors: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of a run.

    `options` are those given on the command line (None: not given), `profile` the file of `conf/` to start from,
    `executors` what follows from the cluster.
    Raises ConfigurationError naming each wrong entry, its value and where it stands.
    """
    layers: list[tuple[str, dict[str, Any]]] = [(f"conf/{profile}.yaml", read_file(conf_file(f"{profile}.yaml")))]
    layers.append(("the size of the executors", dict(executors or {})))
    if config is not None:
        layers.append((str(config), read_file(config)))
    layers.append(("the environment", from_environment(environment)))
    layers.append(("the options", {name: value for name, value in options.items() if value is not None}))
    merged: dict[str, Any] = {}
    for _, layer in layers:
        merged = overlaid(merged, layer)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise ConfigurationError(
            "\n".join(explained(problem, layers, Settings) for problem in error.errors())
        ) from None


def read_file(path: Path | Traversable) -> dict[str, Any]:
    """The keys of a YAML file; ConfigurationError when it cannot be read or has none."""
    try:
        content = yaml.safe_load(path.read_text())
    except OSError as error:
        raise ConfigurationError(f"configuration {path}: {error.strerror or error}; give an existing file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"configuration {path}: not YAML: {str(error).splitlines()[0]}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"configuration {path}: expected keys with values, found {type(content).__name__}")
    return content


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings that variables give; ConfigurationError for one that is no YAML value."""
    found: dict[str, Any] = {}
    for name in sorted(environment):
        if not name.startswith(ENVIRONMENT_PREFIX) or name.startswith(_TEST_PREFIX):
            continue
        *parents, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        place = found
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise ConfigurationError(
                    f"configuration in the environment: {name} is a part of an option that has a value too; unset one"
                )
        try:
            place[key] = yaml.safe_load(environment[name])
        except yaml.YAMLError:
            raise ConfigurationError(
                f"configuration in the environment: {name} is {environment[name]!r}, which is not a YAML value"
            ) from None
    return found


def overlaid(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """A layer of settings over another one."""
    merged = dict(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(name), dict)
        merged[name] = overlaid(below[name], value) if both else value
    return merged


def explained(problem: Any, layers: list[tuple[str, dict[str, Any]]], model: type[BaseModel]) -> str:
    """One line for what pydantic says of a setting of this model, with the layer that it stands in."""
    path = [part for part in problem["loc"] if part != "[key]"]
    origin = next((name for name, layer in reversed(layers) if _stands_in(layer, path)), layers[0][0])
    name = ".".join(str(part) for part in path)
    if problem["type"] == "extra_forbidden":
        known = ", ".join(_known_names(path[:-1], model))
        return f"configuration in {origin}: unknown option {name!r} (value {problem['input']!r}); known here: {known}"
    return f"configuration in {origin}: {name} is {problem['input']!r}: {problem['msg']}"


def _stands_in(layer: Any, path: list[Any]) -> bool:
    for part in path:
        if not isinstance(layer, dict):
            return True
        if part not in layer:
            return False
        layer = layer[part]
    return True


def _known_names(path: list[Any], model: Any) -> list[str]:
    for part in path:
        model = model.model_fields[part].annotation
    return sorted(model.model_fields)
