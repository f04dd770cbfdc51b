"""Feature tables for reading: the configured store or another table like it, under contract, of some dates.

Nothing is written through here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.config.paths import expanded
from jobs.config.table_names import is_table_name
from jobs.errors import ConfigurationError, ContractError
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE, Table
from jobs.warehouse import contract
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.interface import Warehouse


@dataclass(frozen=True)
class FeatureTable:
    """One table that is there and is as the contract says; `table` has the columns that were found."""

    warehouse: Warehouse
    table: Table

    @property
    def display_name(self) -> str:
        """Where it is."""
        return self.warehouse.display_name(self.table)

    def has(self, name: str) -> bool:
        """Whether it has an optional column."""
        return name in self.table.column_names

    def read(self, requested: RequestedDates | None, names: Collection[str] | None = None) -> DataFrame:
        """The rows of the dates, or all; the columns of these names that it has, or all of the contract's.

        ConfigurationError when reading them would cost more than the configuration allows.
        """
        columns = tuple(column for column in self.table.columns if names is None or column.name in names)
        narrow = replace(self.table, columns=columns)
        between = None if requested is None else (requested.start, requested.end)
        self.warehouse.check_cost({narrow: between})
        return of_dates(self.warehouse.read(narrow, between, columns), requested)


def of_dates(rows: DataFrame, requested: RequestedDates | None) -> DataFrame:
    """The rows whose `game_date` was asked for, of rows between the first and the last of these dates."""
    if requested is None:
        return rows
    game_date = F.col("game_date")
    if requested.listed is not None:
        return rows.where(game_date.isin(*requested.listed))
    return rows.where(game_date.between(F.lit(requested.start), F.lit(requested.end)))


def open_feature_table(warehouse: Warehouse, table: Table, *, if_absent: str) -> FeatureTable:
    """A table under the contract of the feature store.

    ContractError when it does not exist (`if_absent` says what to do), or lacks a column or has another type there.
    """
    place, found = warehouse.display_name(table), warehouse.actual_columns(table)
    if found is None:
        raise ContractError(f"table {place} does not exist; {if_absent}")
    if wrong := contract.problems(table, found, place):
        raise ContractError("\n".join(wrong))
    return FeatureTable(warehouse, replace(table, columns=tuple(contract.known_columns(table, found))))


def check_name(given: str, option: str, *, on_bigquery: bool) -> None:
    """ConfigurationError unless the text can name a table of the warehouse: anything can be a folder of Delta's."""
    if not given.strip() or (on_bigquery and not is_table_name("bigquery", given)):
        expected = "dataset.table or project.dataset.table" if on_bigquery else "dataset.table or the folder of a table"
        raise ConfigurationError(f"{option} {given!r} names no table; give {expected}")


def named_table(warehouse: Warehouse, given: str) -> tuple[Warehouse, Table]:
    """The table that a person named, whatever the configuration says of tables of that name; with its warehouse.

    On Delta `dataset.table` of the warehouse, else the folder of a Delta table; on BigQuery `dataset.table` of the
    warehouse's project, or `project.dataset.table`.
    """
    if isinstance(warehouse, DeltaWarehouse):
        if not is_table_name("delta", given):
            return DeltaFolder(warehouse.spark, expanded(given)), ML_FEATURE_STORE
        project = ""
    else:
        # With an empty name, which no table of the configuration has, the place is `project.dataset.`
        dataset = given.split(".")[-2]
        own = warehouse.display_name(replace(ML_FEATURE_STORE, dataset=dataset, name="")).removesuffix(f".{dataset}.")
        project = given.rsplit(".", 2)[0] if given.count(".") > 1 else own
    # The configuration knows tables by their name, and none with a point in it.
    name = ".".join(given.split(".")[-2:])
    return warehouse, replace(ML_FEATURE_STORE, dataset=project, name=name)


class DeltaFolder(DeltaWarehouse):
    """A warehouse that is the folder of one Delta table, whatever that is called."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        super().__init__(spark, folder, {})

    def folder(self, table: Table) -> Path:
        """The folder itself."""
        return self.root

    def display_name(self, table: Table) -> str:
        """The folder."""
        return str(self.root)
