"""Staging tables of Delta: a folder beside the target's, made by the one commit that writes it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.object_stores.folders import Folder
from jobs.schemas.tables import Column, Table
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.damage import damaged_file
from jobs.warehouse.delta.dialect import SparkDialect
from jobs.warehouse.delta.layout import in_files_of_dates
from jobs.warehouse.statements import constant_values


def as_staged(
    rows: DataFrame, table: Table, columns: Sequence[Column], slices: Sequence[Mapping[datetime.date, int]]
) -> DataFrame:
    """Rows with these columns, constants among them; with `slices` they lie in files as those of the target do."""
    constants = constant_values(SparkDialect(), columns)
    staged = rows.select(*[column.name for column in columns if column.name not in constants])
    if slices:
        staged = in_files_of_dates(staged, table, slices)
    # Constants come last: no exchange carries them.
    names = [column.name for column in columns]
    return staged.select(*[F.expr(constants[name]).alias(name) if name in constants else name for name in names])


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
