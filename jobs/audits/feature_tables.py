"""Feature tables for reading: the configured store or another table like it, under contract, of some dates.

Nothing is written through here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame

from jobs.backfill.counted_sources import of_dates
from jobs.errors import ContractError
from jobs.planning.distances import Histograms, histograms_of_rows
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import Table
from jobs.warehouse import contract
from jobs.warehouse.interface import Warehouse
from transforms.distributions import feature_values, histograms

FEATURE_COLUMNS = ("game_date", "early_season_flag", "features", "feature_sources")
"""What the distribution of the stored features is read from."""


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
        rows = self.warehouse.read(narrow, between, columns)
        return rows if requested is None else of_dates(rows, requested)


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


def histograms_of(store: FeatureTable, requested: RequestedDates) -> Histograms:
    """The histogram of each stored feature of some dates, in the fixed bins of the catalogue's ranges."""
    rows = histograms(feature_values(store.read(requested, FEATURE_COLUMNS))).collect()
    return histograms_of_rows(row.asDict() for row in rows)
