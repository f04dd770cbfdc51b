"""Earlier versions of a table, which a rollback puts back: staged, or refused where they were vacuumed."""

from __future__ import annotations

import re

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from jobs.errors import ContractError
from jobs.object_stores.folders import Folder
from jobs.spark.errors import explained, java_text
from jobs.warehouse.delta.damage import missing_file_of

_VACUUMED = re.compile(
    r"FileNotFoundException|FILE_NOT_EXIST|does not exist|DELTA_VERSION_NOT_FOUND|DELTA_FILE_NOT_FOUND|"
    r"Cannot time travel|VersionNotFoundException|DELTA_NO_RECREATABLE_HISTORY_FOUND"
)


def check(folder: Folder, version: str, place: str) -> None:
    """ContractError when a file that the log has of this version is gone."""
    if (gone := missing_file_of(folder, int(version))) is not None:
        raise _vacuumed(version, place, f"file {gone} is gone")


def stage(spark: SparkSession, folder: Folder, version: str, condition: str, staging: Folder, place: str) -> None:
    """Writes the rows of this version that meet a condition as a table of their own.

    ContractError when its files have been vacuumed.
    """
    try:
        earlier = spark.read.format("delta").option("versionAsOf", version).load(str(folder))
        earlier.where(condition).write.format("delta").mode("errorifexists").save(str(staging))
    except (Py4JError, PySparkException) as error:
        if _VACUUMED.search(java_text(error)):
            raise _vacuumed(version, place, explained(error)) from error
        raise


def _vacuumed(version: str, place: str, why: str) -> ContractError:
    return ContractError(
        f"version {version} of table {place}, that of before the run, is vacuumed ({why}): the run cannot be put "
        "back; compute its dates again instead"
    )
