"""Settings of a run: `conf/`, then `--config`, then the environment, then options; the later wins.

Checked as a whole before anything starts; an unknown or wrong entry is named with the place that it came from.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from jobs.config.conf_files import conf_file
from jobs.config.layers import ENVIRONMENT, Layer, explained, from_environment, merged_layers, read_file
from jobs.config.locations import Location, location
from jobs.config.object_stores import ObjectStores
from jobs.config.paths import expanded
from jobs.config.secrets import shown
from jobs.config.sizes import Memory, mebibytes
from jobs.config.table_names import PROJECT, expected_name, is_table_name, shared_places
from jobs.config.told import Told
from jobs.errors import ConfigurationError
from jobs.schemas import tables as schemas

OnMissing = Literal["fail", "skip", "fallback"]
Mode = Literal["backfill", "daily"]
WriteMode = Literal["merge", "overwrite"]
WarehouseName = Literal["delta", "bigquery"]
Compiler = Literal["auto", "quick", "full"]

_MASTER = re.compile(r"local(\[(\*|[1-9]\d{0,3})(,\s*[1-9]\d{0,3})?\])?")
_PACKAGE = re.compile(r"[\w.-]+:[\w.-]+:[\w.-]+(:[\w.-]+)?")
_MOST_PARTITIONS = 100_000
_LEAST_MEMORY = 512
_LEAST_COUNTING_MEMORY = 64
_LONGEST_SECONDS = 7 * 24 * 3600


def _labels(labels: dict[str, str]) -> dict[str, str]:
    for name, value in labels.items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", name) or not re.fullmatch(r"[a-z0-9_-]{0,63}", value):
            raise ValueError(
                f"{shown(name) or 'a key'}: {shown(value, [name]) or 'its value'} is not a label; take lower-case "
                "letters, digits, _ and -, at most 63, and a letter first"
            )
    return labels


Labels = Annotated[dict[str, str], AfterValidator(_labels)]
"""As Google Cloud takes them."""

ExpandedPath = Annotated[Path, AfterValidator(expanded)]


def _project(project: str | None) -> str | None:
    if project is not None and not re.fullmatch(PROJECT, project):
        raise ValueError("not the id of a Google Cloud project; take lower-case letters, digits and -")
    return project


Project = Annotated[str | None, AfterValidator(_project)]
Seconds = Annotated[int, Field(ge=1, le=_LONGEST_SECONDS)]


class Strict(BaseModel):
    """Settings of which every key is known and nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Engine(Strict):
    """How Spark is started."""

    master: str = "local[*]"
    driver_memory: Memory = "4g"
    compiler: Compiler = "auto"
    full_compiler_megabytes: int = Field(100, ge=1)
    shuffle_partitions: int | Literal["auto"] = "auto"
    java_options: str = ""
    counting_memory: Memory = "1g"
    counting_threads: int = Field(2, ge=1, le=256)
    packages: dict[str, str] = {}
    packages_spark41: dict[str, str] = {}

    def packages_of(self, spark_version: str) -> dict[str, str]:
        """What this version of Spark loads, by warehouse and by scheme."""
        return self.packages if spark_version.startswith("3.") else self.packages_spark41

    @field_validator("master")
    @classmethod
    def _on_this_machine(cls, master: str) -> str:
        if not _MASTER.fullmatch(master):
            raise ValueError(
                "take local[*] or local[N]; jobs run on another Spark master by ./spark-submit.sh cluster --master"
            )
        return master

    @field_validator("driver_memory")
    @classmethod
    def _enough_memory(cls, memory: str) -> str:
        if mebibytes(memory) < _LEAST_MEMORY:
            raise ValueError(f"Spark needs {_LEAST_MEMORY}m or more")
        return memory

    @field_validator("counting_memory")
    @classmethod
    def _enough_to_count(cls, memory: str) -> str:
        if mebibytes(memory) < _LEAST_COUNTING_MEMORY:
            raise ValueError(f"counting needs {_LEAST_COUNTING_MEMORY}m or more")
        return memory

    @field_validator("shuffle_partitions", mode="before")
    @classmethod
    def _number_or_auto(cls, partitions: Any) -> Any:
        if partitions == "auto":
            return partitions
        if isinstance(partitions, bool) or not re.fullmatch(r"[1-9]\d{0,5}", str(partitions), re.ASCII):
            raise ValueError(f"take auto, or 1 to {_MOST_PARTITIONS:,}")
        if int(partitions) > _MOST_PARTITIONS:
            raise ValueError(f"take auto, or 1 to {_MOST_PARTITIONS:,}")
        return int(partitions)

    @field_validator("java_options")
    @classmethod
    def _options_of_java(cls, options: str) -> str:
        for number, option in enumerate(options.split(), start=1):
            if not option.startswith("-"):
                raise ValueError(f"the {number}. of them does not begin with -; put spaces between options only")
            if option.startswith(("-Xmx", "-XX:MaxHeapSize")):
                raise ValueError("the size of the heap is engine.driver_memory; leave -Xmx out")
        return options

    @field_validator("packages", "packages_spark41")
    @classmethod
    def _coordinates(cls, packages: dict[str, str]) -> dict[str, str]:
        for name, package in packages.items():
            if not _PACKAGE.fullmatch(package):
                raise ValueError(f"{name} is {shown(package, [name])}: expected group:artifact:version[:classifier]")
        return packages


class BigQuery(Strict):
    """How BigQuery is reached, what it may cost, and how long anything of it may take."""

    project: Annotated[Project, Told("The Google Cloud project of the tables, on BigQuery.", "warehouse")] = None
    parent_project: Project = None
    quota_project: Project = None
    location: str | None = None
    credentials_file: ExpandedPath | None = None
    access_token: SecretStr | None = None
    rest_endpoint: str | None = None
    grpc_endpoint: str | None = None
    maximum_bytes_billed: int | None = Field(None, ge=1)
    staging_days: int = Field(7, ge=1, le=3650)
    connect_timeout_seconds: Seconds = 5
    read_timeout_seconds: Seconds = 20
    write_timeout_seconds: Seconds = 3600
    statement_timeout_seconds: Seconds = 3600
    labels: Labels = {}


def _check_precomputed(name: str) -> None:
    known = [table.name for table in schemas.PHASE4_TABLES]
    if name not in known:
        raise ValueError(f"{shown(name) or 'a key'} is not one of {', '.join(known)}".replace("'", ""))


class Settings(Strict):
    """Everything that a job can be told."""

    warehouse: Annotated[WarehouseName, Told("Where the tables are.", "warehouse")] = "delta"
    warehouse_path: Annotated[
        Location,
        PlainValidator(location),
        PlainSerializer(str),
        Told("Folder or URI of the Delta warehouse.", "warehouse"),
    ] = Path("warehouse")
    on_missing: Annotated[
        OnMissing, Told("What becomes of a date that lacks a pre-computed table.", "policy", of_run=True)
    ] = "fail"
    mode: Annotated[Mode, Told("daily skips rows with incomplete data.", "policy", of_run=True)] = "backfill"
    write_mode: Annotated[WriteMode, Told("overwrite replaces the computed dates whole.", "writing", of_run=True)] = (
        "merge"
    )
    prune: Annotated[bool, Told("Also delete rows whose context row is gone.", "writing", of_run=True)] = False
    keep_staging: Annotated[bool, Told("Keep the staging table of the run.", "writing", of_run=True)] = False
    merge_slice_rows: Annotated[
        int, Told("Rows of one MERGE, in whole months.", "writing", of_run=True), Field(ge=1)
    ] = 1_000_000
    replace_versions: Annotated[bool, Told("Write over rows of another feature_version.", "policy", of_run=True)] = (
        False
    )
    add_played: Annotated[
        bool, Told("Also a row for each player who played and has no context row.", "policy", of_run=True)
    ] = False
    heartbeat_seconds: int = Field(60, ge=1, le=300)
    season_start: Annotated[dict[int, datetime.date], Told(of_run=True)] = {}
    minimum_rows: Annotated[dict[str, int], Told(of_run=True)] = {}
    minimum_share: Annotated[dict[str, float], Told(of_run=True)] = {}
    tables: dict[str, str] = {}
    engine: Engine = Field(default_factory=lambda: Engine.model_validate({}))
    object_stores: ObjectStores = Field(default_factory=lambda: ObjectStores.model_validate({}))
    bigquery: BigQuery = Field(default_factory=lambda: BigQuery.model_validate({}))

    _config_file: Path | None = PrivateAttr(None)

    @property
    def config_file(self) -> Path | None:
        """The file of `--config` that is among these settings, for a command that is to have the same."""
        return self._config_file

    @field_validator("minimum_rows")
    @classmethod
    def _rows_of_known_tables(cls, rows: dict[str, int]) -> dict[str, int]:
        for name, least in rows.items():
            _check_precomputed(name)
            if least < 1:
                raise ValueError(f"{name} is {least}: take 1 or more")
        return rows

    @field_validator("minimum_share")
    @classmethod
    def _shares_of_known_tables(cls, shares: dict[str, float]) -> dict[str, float]:
        for name, least in shares.items():
            _check_precomputed(name)
            if not 0 <= least <= 1:
                raise ValueError(f"{name} is {least}: take a share from 0 to 1")
        return shares

    @field_validator("tables")
    @classmethod
    def _known_tables(cls, tables: dict[str, str], info: Any) -> dict[str, str]:
        known = [table.name for table in schemas.TABLES]
        warehouse = info.data.get("warehouse", "delta")
        for name, place in tables.items():
            if name not in known:
                raise ValueError(f"{shown(name) or 'a key'} is not one of {', '.join(known)}".replace("'", ""))
            if not is_table_name(warehouse, place):
                raise ValueError(f"{name} is {shown(place, [name]) or 'no name'}: expected {expected_name(warehouse)}")
        return tables

    @model_validator(mode="after")
    def _a_place_each(self) -> Settings:
        if shared := shared_places(self.tables, self.bigquery.project):
            raise ValueError("\n".join(shared))
        return self


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
    layers: list[Layer] = [(f"conf/{profile}.yaml", read_file(conf_file(f"{profile}.yaml")))]
    layers.append(("the size of the executors", executors or {}))
    if config is not None:
        layers.append((str(config), read_file(config)))
    layers.append((ENVIRONMENT, from_environment(environment, Settings)))
    layers.append(("the options", {name: value for name, value in options.items() if value is not None}))
    try:
        settings = Settings.model_validate(merged_layers(layers))
    except ValidationError as error:
        raise ConfigurationError(
            "\n".join(explained(problem, layers, Settings) for problem in error.errors())
        ) from None
    settings._config_file = config
    return settings
