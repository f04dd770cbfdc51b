"""What is particular to Delta before a warehouse is open: its options, how a person names a table, how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType

from pyspark.sql import SparkSession

from jobs.config.paths import expanded
from jobs.config.settings import Settings
from jobs.config.table_names import is_table_name
from jobs.errors import ConfigurationError
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kind import Kind


class DeltaKind(Kind):
    """A folder of Delta tables, which other machines cannot reach."""

    name = "delta"
    spark_settings = MappingProxyType(
        {
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.databricks.delta.properties.defaults.dataSkippingNumIndexedCols": "0",
            "spark.databricks.delta.checkLatestSchemaOnRead": "false",
        }
    )
    # Local tables have few files and short logs.
    local_spark_settings = MappingProxyType({"spark.databricks.delta.snapshotPartitions": "1"})
    is_on_this_machine = True

    def options(self, settings: Settings) -> Sequence[str]:
        """Names the folder as the settings have it."""
        return ["--warehouse", self.name, "--warehouse-path", str(settings.warehouse_path)]

    def open(self, settings: Settings, session: Callable[[], SparkSession]) -> Warehouse:
        """Looks at nothing: a folder that does not exist is one without tables."""
        from jobs.warehouse.delta.counting import Counting
        from jobs.warehouse.delta.warehouse import DeltaWarehouse

        counting = Counting(settings.engine.counting_memory, settings.engine.counting_threads)
        return DeltaWarehouse(session, settings.warehouse_path, settings.tables, counting)

    def check_table_name(self, given: str, option: str) -> None:
        """Any text but an empty one can be the folder of a table."""
        if not given.strip():
            raise ConfigurationError(f"{option} {given!r} names no table; give dataset.table or the folder of a table")

    def named_table(self, warehouse: Warehouse, given: str, like: Table) -> tuple[Warehouse, Table]:
        """Takes what is not `dataset.table` for the folder of a table, which is then a warehouse of its own."""
        from jobs.warehouse.delta.folder import DeltaFolder
        from jobs.warehouse.delta.warehouse import DeltaWarehouse

        assert isinstance(warehouse, DeltaWarehouse)
        if not is_table_name(self.name, given):
            return DeltaFolder(warehouse.spark, expanded(given)), like
        # The configuration knows tables by their name, and none with a point in it.
        return warehouse, replace(like, dataset="", name=given)
