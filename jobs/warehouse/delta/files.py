"""Reading tables by their data files, where these alone are the table: Delta takes seconds to list them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from jobs.object_stores.folders import Folder, is_here, remove
from jobs.spark.files import delete
from jobs.spark.paths import literal_path
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.types import is_void


def sql_name(folder: Folder) -> str:
    """The table of a folder in a statement."""
    escaped = str(folder).replace("`", "``")
    return f"delta.`{escaped}`"


def folders_in(statement: str, at: Callable[[str], Folder] = Path) -> set[Folder]:
    """The folders of the tables that a statement names, each as `sql_name` writes it; `at` opens one by its name."""
    return {at(name.replace("``", "`")) for name in re.findall(r"delta\.`((?:[^`]|``)+)`", statement)}


def drop(session: Callable[[], SparkSession], folder: Folder) -> None:
    """Removes a folder with all that is in it, if it is there.

    At a store Spark does it, which knows the empty objects that it has put in the place of folders; others would stay.
    """
    if is_here(folder):
        remove(folder)
    elif folder.is_dir():
        delete(session(), str(folder))


def by_files(spark: SparkSession, folder: Folder) -> DataFrame | None:
    """The newest version of a table; None where its files alone are not the table."""
    if (plain := delta_log.plain_table(folder)) is None:
        return None
    columns, files = plain
    # Delta keeps a column without a type, which no file has and Spark's reader of files refuses.
    columns = T.StructType([field for field in columns.fields if not is_void(field.dataType)])
    if not files:
        # By its limit the optimizer knows that nothing is in it, and drops what is joined to nothing.
        return spark.createDataFrame([], columns).limit(0)
    return spark.read.schema(columns).parquet(*map(literal_path, files))


def with_files(spark: SparkSession, statement: str, folders: Iterable[Folder]) -> str:
    """A statement that reads the tables in these folders by their files, where these alone are the table.

    A table that the statement writes must not be among them.
    """
    for folder in folders:
        if (files := by_files(spark, folder)) is not None:
            view = f"files_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
            files.createOrReplaceTempView(view)
            statement = statement.replace(sql_name(folder), view)
    return statement
