"""Opens the warehouse that the settings name, with the Spark session that it needs.

The only place that starts Spark for a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.runtime.configuration import Settings
from jobs.runtime.session import Start, spark_session
from jobs.warehouse.delta import DeltaWarehouse
from jobs.warehouse.interface import Warehouse

_BYTES_A_MEGABYTE = 1_000_000


@contextmanager
def open_warehouse(settings: Settings, *, verbose: bool = False, record_classes: bool = False) -> Iterator[Warehouse]:
    """The warehouse, and its Spark session for as long."""
    start = Start(
        settings.engine,
        list(settings.engine.packages.values()),
        megabytes=megabytes(settings.warehouse_path),
        verbose=verbose,
        record_classes=record_classes,
    )
    with spark_session(start) as spark:
        yield DeltaWarehouse(spark, settings.warehouse_path, settings.tables)


def megabytes(folder: Path) -> float:
    """The size of the files of a warehouse; a measure of how much a run may have to read."""
    return sum(file.stat().st_size for file in folder.rglob("*.parquet")) / _BYTES_A_MEGABYTE
