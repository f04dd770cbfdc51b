"""The baseline of the engine: the same sources read and the same rows written, with no computation in between.

Usage: python -m tests.benchmarks.plain_copy WAREHOUSE START END COPY_FOLDER
"""

from __future__ import annotations

import datetime
import json
import sys
import time
from pathlib import Path

from jobs.runtime.configuration import load_settings
from jobs.runtime.planning import RequestedDates
from jobs.sources import open_sources
from jobs.warehouse.delta import DeltaWarehouse
from jobs.warehouse.opening import open_warehouse
from jobs.warehouse.schemas import ML_FEATURE_STORE


def plain_copy(path: Path, start: datetime.date, end: datetime.date, copy: Path) -> dict[str, float]:
    """Seconds for reading every column of the sources, and for writing the target's rows as they were written."""
    settings = load_settings({"warehouse_path": path})
    with open_warehouse(settings) as warehouse:
        assert isinstance(warehouse, DeltaWarehouse)
        started = time.monotonic()
        for rows in open_sources(warehouse, RequestedDates(start, end)).values():
            rows.write.format("noop").mode("overwrite").save()
        read = time.monotonic() - started
        result = warehouse.spark.read.format("delta").load(str(warehouse.folder(ML_FEATURE_STORE)))
        rows = result.where(result.game_date.between(start, end)).cache()
        rows.count()
        started = time.monotonic()
        rows.write.format("delta").save(str(copy))
        return {"read": read, "write": time.monotonic() - started}


if __name__ == "__main__":
    start, end = (datetime.date.fromisoformat(text) for text in sys.argv[2:4])
    print(json.dumps(plain_copy(Path(sys.argv[1]), start, end, Path(sys.argv[4]))))
