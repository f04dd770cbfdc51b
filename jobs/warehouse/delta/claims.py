"""Check and entry of a row of the ledger as one step, without a lock: by Delta's own atomic commit.

A commit is a file of the next number, created only where there is none of its name: every object store has that (GCS
`ifGenerationMatch=0`, S3 and Azure `If-None-Match`, HDFS an atomic rename), and delta-rs uses it. An object of our own,
created the same way, would do as well, and would be one more thing that a process leaves behind when it is killed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import types as T

from jobs.errors import RefusedError
from jobs.object_stores.folders import Folder
from jobs.warehouse.delta import log as delta_log

_MOST_TRIES = 30
_OF_ONE_CLAIM = ("run_id", "host", "pid", "heartbeat_at")

Rows = list[dict[str, Any]]


def append_by_commit(
    folder: Folder, columns: T.StructType, rows: Callable[[], Rows], decide: Callable[[Rows], Mapping[str, Any]]
) -> None:
    """Appends what `decide` makes of the rows, by the commit that follows those rows; else asks again.

    RefusedError when others commit to the table at each try.
    """
    for _ in range(_MOST_TRIES):
        version = delta_log.version_of(folder)
        row = decide(rows())
        if delta_log.append_if_newest(folder, version, columns, row) or _is_there(row, rows()):
            return
        time.sleep(random.uniform(0.05, 0.5))
    raise RefusedError(f"{folder}: others write to it at every moment; give the command again")


def _is_there(row: Mapping[str, Any], rows: Rows) -> bool:
    """Whether a commit was made of which only the answer was lost."""
    return any(all(found.get(name) == row.get(name) for name in _OF_ONE_CLAIM) for found in rows)
