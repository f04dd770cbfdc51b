"""What is known of a kind of warehouse before one is open: how a person names it and its tables, how it is opened.

One class for each kind, in the folder of the kind; it needs nothing of the kind's own packages to be imported.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from pyspark.sql import SparkSession

from jobs.config.settings import Settings
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse


class Kind(ABC):
    """One kind of warehouse; `name` is what `--warehouse` calls it, and Spark the format of its tables.

    `instead_of_import` says how files get into it, where
    `import_tables` does not write it. `spark_settings` are those that Spark needs for it anywhere, and beside them
    `local_spark_settings` those for small tables on this machine; `credentials` are the keys of its own section of the
    settings that no other machine is sent.
    """

    name: str
    spark_settings: Mapping[str, str] = MappingProxyType({})
    local_spark_settings: Mapping[str, str] = MappingProxyType({})
    instead_of_import: str | None = None
    credentials: Sequence[str] = ()

    @abstractmethod
    def is_on_this_machine(self, settings: Settings) -> bool:
        """Whether other machines cannot reach the warehouse of these settings."""

    @abstractmethod
    def options(self, settings: Settings) -> Sequence[str]:
        """The options by which a command finds the warehouse of these settings."""

    @abstractmethod
    def open(self, settings: Settings, session: Callable[[], SparkSession]) -> Warehouse:
        """The warehouse, which starts its session when it first needs one. ConfigurationError if it is not usable."""

    @abstractmethod
    def check_table_name(self, given: str, option: str) -> None:
        """ConfigurationError, naming the option, unless the text can name a table of such a warehouse."""

    @abstractmethod
    def named_table(self, warehouse: Warehouse, given: str, like: Table) -> tuple[Warehouse, Table]:
        """The table that a person named, with the columns of `like`, and the warehouse that holds it.

        Whatever the configuration says of tables of that name.
        """
