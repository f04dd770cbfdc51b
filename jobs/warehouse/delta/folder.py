"""The folder of one Delta table, read as a warehouse of its own."""

from __future__ import annotations

from pyspark.sql import SparkSession

from jobs.object_stores.folders import Folder
from jobs.schemas.tables import Table
from jobs.warehouse.delta.warehouse import DeltaWarehouse


class DeltaFolder(DeltaWarehouse):
    """A warehouse that is the folder of one Delta table, whatever that is called."""

    def __init__(self, spark: SparkSession, folder: Folder) -> None:
        super().__init__(spark, folder, {})

    def folder(self, table: Table) -> Folder:
        """Is the same for any table."""
        return self.root

    def display_name(self, table: Table) -> str:
        """Names the folder alone."""
        return str(self.root)
