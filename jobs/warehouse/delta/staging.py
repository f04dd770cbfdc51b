"""Staging tables of Delta: a folder beside the target's, made by the one commit that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pyspark.sql import DataFrame

from jobs.object_stores.folders import Folder
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.damage import damaged_file


def write_staged(folder: Folder, rows: DataFrame, properties: Mapping[str, str] = MappingProxyType({})) -> None:
    """Writes rows into a table that is not there, and that has these properties then."""
    was_there = delta_log.has_commit(folder)
    try:
        rows.write.format("delta").mode("errorifexists").options(**properties).save(str(folder))
    except Exception:
        # Only the answer to the commit was lost where the table is whole.
        if was_there or not is_whole(folder):
            raise


def is_whole(folder: Folder) -> bool:
    """Looks at the log and the files that it names: with one gone or cut off it is no staging table."""
    return delta_log.has_commit(folder) and damaged_file(folder) is None
