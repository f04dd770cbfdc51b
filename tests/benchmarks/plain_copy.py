"""The baselines: the same sources and the same results, read and written with no computation in between.

Usage: python -m tests.benchmarks.plain_copy features|upstream WAREHOUSE START END COPY_FOLDER
"""

from __future__ import annotations

import datetime
import json
import sys
import time
from pathlib import Path

from jobs.backfill.sources import open_sources
from jobs.config.settings import load_settings
from jobs.planning.plan import RequestedDates
from jobs.schemas.precompute import UPSTREAM_SOURCES, UPSTREAM_TARGETS
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.opening import open_warehouse


def copy_of_features(warehouse: DeltaWarehouse, requested: RequestedDates, copy: Path) -> dict[str, float]:
    """Seconds for reading every column of the sources, and for writing the target's rows as they were written."""
    started = time.monotonic()
    for rows in open_sources(warehouse, requested).values():
        rows.write.format("noop").mode("overwrite").save()
    read = time.monotonic() - started
    result = warehouse.spark.read.format("delta").load(str(warehouse.folder(ML_FEATURE_STORE)))
    rows = result.where(result.game_date.between(requested.start, requested.end)).cache()
    rows.count()
    started = time.monotonic()
    rows.write.format("delta").save(str(copy))
    return {"read": read, "write": time.monotonic() - started}


def copy_of_upstream(warehouse: DeltaWarehouse, requested: RequestedDates, copy: Path) -> dict[str, float]:
    """Seconds for copying the columns that are read of the sources, and the four tables, as Delta tables."""
    opened = open_sources(warehouse, requested, UPSTREAM_SOURCES)
    results = {table.name: warehouse.read(table) for table in UPSTREAM_TARGETS}
    seconds = {}
    for name, frames in {"sources": opened, "results": results}.items():
        started = time.monotonic()
        for table, rows in frames.items():
            rows.write.format("delta").save(str(copy / table))
        seconds[name] = time.monotonic() - started
    return seconds


if __name__ == "__main__":
    copies = {"features": copy_of_features, "upstream": copy_of_upstream}
    start, end = (datetime.date.fromisoformat(text) for text in sys.argv[3:5])
    with open_warehouse(load_settings({"warehouse_path": Path(sys.argv[2])})) as opened:
        assert isinstance(opened, DeltaWarehouse)
        print(json.dumps(copies[sys.argv[1]](opened, RequestedDates(start, end), Path(sys.argv[5]))))
