"""Writing beside others: a commit that met another one is tried again, as long as the dates are the run's alone."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import TypeVar

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from jobs.errors import JobError, SparkError
from jobs.schemas.tables import Table
from jobs.spark.errors import explained, java_text

_CONFLICT = re.compile(
    r"\b(?:Concurrent(?:Append|DeleteRead|DeleteDelete|Transaction|Write)|MetadataChanged|ProtocolChanged)Exception\b|"
    r"DELTA_CONCURRENT_|DELTA_METADATA_CHANGED|DELTA_PROTOCOL_CHANGED"
)
_PAUSES = (0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
Written = TypeVar("Written")


def retried(
    write: Callable[[], Written], landed: Callable[[], Written | None], check_alone: Callable[[], None], place: str
) -> Written:
    """The result of `write`, which commits once; `check_alone` is asked before each further try.

    `landed` is the result by the table's log, None where that has no commit of `write`: an error may be all that is
    heard of one. Delta itself may take its own commit for somebody else's, when it sends it again.
    JobError when others commit to the table at each try; SparkError, with Delta's own reason, when it fails otherwise.
    """
    for pause in (*_PAUSES, None):
        try:
            return write()
        except (Py4JError, PySparkException) as error:
            if (written := landed()) is not None:
                return written
            if not _CONFLICT.search(java_text(error)):
                raise SparkError(f"table {place}: {explained(error)}") from error
            if pause is None:
                raise JobError(
                    f"table {place}: somebody else wrote it at the same moment, {len(_PAUSES) + 1} times in a row; "
                    "resume the run when that is done"
                ) from error
        check_alone()
        # Two runs that met once would else meet again.
        time.sleep(pause * random.uniform(0.5, 1.5))
    raise AssertionError("the last try returns or raises")


def check_unchanged(then: DataFrame, now: DataFrame, dates: DataFrame, table: Table, place: str) -> None:
    """JobError, naming a date, when rows of `dates` are others now than then, by their keys and hashes."""
    held = [rows.join(dates, table.date_column, "left_semi").select(*table.key, "data_hash") for rows in (then, now)]
    earlier, present = held
    changed = earlier.exceptAll(present).unionAll(present.exceptAll(earlier)).select(table.date_column).take(1)
    if changed:
        raise JobError(
            f"table {place}: somebody else has changed rows of {changed[0][0]} while this run was writing them; see "
            "who writes there, then resume the run: it verifies and merges them again"
        )
