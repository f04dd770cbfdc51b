"""What is particular to Delta before a warehouse is open: its options, how a person names a table, how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType

from pyspark.sql import SparkSession

from jobs.config.locations import Uri, location
from jobs.config.settings import Settings
from jobs.config.table_names import is_table_name
from jobs.errors import ConfigurationError
from jobs.schemas.tables import Table
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kind import Kind


class DeltaKind(Kind):
    """A folder of Delta tables, of this machine or of an object store."""

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

    def is_on_this_machine(self, settings: Settings) -> bool:
        """A folder is, an object store is not."""
        return not isinstance(settings.warehouse_path, Uri)

    def options(self, settings: Settings) -> Sequence[str]:
        """Names the folder as the settings have it."""
        return ["--warehouse", self.name, "--warehouse-path", str(settings.warehouse_path)]

    def open(self, settings: Settings, session: Callable[[], SparkSession]) -> Warehouse:
        """Asks a store whether it can be reached; a folder that does not exist is one without tables."""
        from jobs.object_stores.folders import check_reachable, opened
        from jobs.object_stores.schemes import check_log_store
        from jobs.warehouse.delta.counting import Counting
        from jobs.warehouse.delta.warehouse import DeltaWarehouse

        check_log_store(settings.warehouse_path, settings.object_stores)
        check_reachable(settings.warehouse_path, settings.object_stores)
        root = opened(settings.warehouse_path, settings.object_stores)
        counting = Counting(settings.engine.counting_memory, settings.engine.counting_threads)
        return DeltaWarehouse(session, root, settings.tables, counting)

    def check_table_name(self, given: str, option: str) -> None:
        """Any text but an empty one can be the folder of a table."""
        if not given.strip():
            raise ConfigurationError(f"{option} {given!r} names no table; give dataset.table or the folder of a table")

    def named_table(self, warehouse: Warehouse, given: str, like: Table) -> tuple[Warehouse, Table]:
        """Takes what is not `dataset.table` for the folder of a table, which is then a warehouse of its own."""
        from jobs.object_stores.folders import elsewhere
        from jobs.warehouse.delta.folder import DeltaFolder
        from jobs.warehouse.delta.warehouse import DeltaWarehouse

        assert isinstance(warehouse, DeltaWarehouse)
        if not is_table_name(self.name, given):
            try:
                folder = elsewhere(warehouse.root, location(given))
            except ValueError as error:
                raise ConfigurationError(str(error)) from None
            return DeltaFolder(warehouse.spark, folder), like
        # The configuration knows tables by their name, and none with a point in it.
        return warehouse, replace(like, dataset="", name=given)
