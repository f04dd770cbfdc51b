"""Staging tables: made by REST, then written by the connector, with rows as their target wants them.

The only write through the connector.
"""

from __future__ import annotations

import datetime
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from google.cloud import bigquery
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import JobError, VerificationError
from jobs.schemas.tables import Column, Table
from jobs.warehouse.bigquery.connection import Connection
from jobs.warehouse.bigquery.errors import failed_job
from jobs.warehouse.bigquery.query_jobs import Jobs
from jobs.warehouse.bigquery.tables import decimal_types, new_staging_table

FORMAT = "bigquery"
_NULL_ELEMENT = "NULL element in array"


def make_staging(
    connection: Connection, jobs: Jobs, table: Table, name: str, target: bigquery.Table, columns: Sequence[Column]
) -> None:
    """Makes an empty staging table of this name by REST, with these columns as the target has them.

    One of an earlier try is emptied: a table made anew under its name is not known to the Storage API for some minutes.
    """
    described = new_staging_table(table, name, target, columns, days=connection.options.staging_days)
    described.labels = {"staged_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dt%H%M%S%fz")}
    with failed_job(f"creating table {name}", connection.described):
        there = connection.table(name)
        if there is None:
            connection.client.create_table(described, exists_ok=True, **connection.limits)
            return
        if there.num_rows:
            jobs.rows(f"DELETE FROM `{name}` WHERE TRUE")
        # Not what was looked up, with its etag: an update whose answer was lost would be refused when it is sent again.
        connection.client.update_table(described, ["labels", "expires"], **connection.limits)


def as_written(rows: DataFrame, columns: Sequence[Column], target: bigquery.Table) -> DataFrame:
    """These columns as the connector writes them without a loss: decimals of the target's scale, arrays without NULL.

    The connector leaves a NULL out of an array without a word; here it ends the write.
    """
    decimals = decimal_types(target)
    return rows.select(*[_as_written(column, decimals.get(column.name)) for column in columns])


def write_staged(connection: Connection, jobs: Jobs, name: str, rows: DataFrame) -> None:
    """Writes rows into an empty table, in one commit. VerificationError for a NULL in an array."""
    writer = rows.write.format(FORMAT).options(**connection.connector_options()).mode("append")
    try:
        with _limits(rows.sparkSession, name, connection.options.write_timeout_seconds):
            writer.save(name)
    except Exception:
        # The connector sends a commit again whose answer was lost, and takes the refusal of the second for a failure.
        with suppress(JobError):
            if has_rows(jobs, name):
                return
        raise


def has_rows(jobs: Jobs, name: str) -> bool:
    """Whether a table that exists has any rows."""
    return bool(jobs.rows(f"SELECT COUNT(*) AS `rows` FROM `{name}`")[0]["rows"])


def _as_written(column: Column, decimal_type: str | None) -> SparkColumn:
    """`transform` names the column once, so that it is computed once."""
    value = F.col(column.name)
    if isinstance(column.spark_type, T.ArrayType):
        no_null = F.raise_error(F.lit(f"{_NULL_ELEMENT} {column.name}")).cast(column.spark_type.elementType)
        return F.transform(value, lambda element: F.coalesce(element, no_null)).alias(column.name)
    return (value.cast(decimal_type) if decimal_type else value).alias(column.name)


@contextmanager
def _limits(spark: SparkSession, name: str, seconds: int) -> Iterator[None]:
    """Ends a write that takes too long, and explains one that fails."""
    late = threading.Event()

    def end() -> None:
        late.set()
        spark.sparkContext.cancelAllJobs()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if late.is_set():
            raise JobError(
                f"writing {name} took longer than {seconds} s (bigquery.write_timeout_seconds); nothing was merged"
            ) from error
        if found := re.search(rf"{_NULL_ELEMENT} \w+", str(error)):
            raise VerificationError(f"{found[0]}: nothing was staged, nothing was merged") from error
        raise
    finally:
        timer.cancel()
