"""A warehouse with many times the players: every row of a player's tables again, under new names.

Usage: python -m tests.benchmarks.copies FROM_WAREHOUSE TO_WAREHOUSE COPIES
"""

from __future__ import annotations

import sys
from pathlib import Path

from pyspark.sql import functions as F

from jobs.config.settings import load_settings
from jobs.schemas.tables import SOURCES
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.opening import open_warehouse


def copy_players(original: Path, multiplied: Path, copies: int) -> None:
    """Writes `multiplied`: the tables of players `copies` times, the tables of teams as they are."""
    settings = load_settings({"warehouse_path": original}, environment={"FEATURE_STORE_ENGINE__COMPILER": "full"})
    with open_warehouse(settings) as warehouse:
        assert isinstance(warehouse, DeltaWarehouse)
        target = DeltaWarehouse(warehouse.spark, multiplied, settings.tables)
        for table in SOURCES:
            rows = warehouse.spark.read.format("delta").load(str(warehouse.folder(table)))
            if "player_lookup" in rows.columns:
                # In front, where real names differ: Spark sorts by the first 8 bytes, and looks at the rest if alike.
                name = F.concat_ws("_", F.col("copy").cast("string"), "player_lookup")
                numbered = rows.crossJoin(warehouse.spark.range(copies).select(F.col("id").alias("copy")))
                rows = numbered.withColumn("player_lookup", name).select(*rows.columns).repartition(4)
            target.replace(table, rows)


if __name__ == "__main__":
    copy_players(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
