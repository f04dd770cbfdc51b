"""Opens the warehouse that the settings name, with the Spark session that it needs.

The only place that starts Spark for a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyspark
from pyspark.sql import SparkSession

from jobs.config.settings import Settings
from jobs.config.table_names import shared_places
from jobs.errors import ConfigurationError
from jobs.spark.session import Start, spark_session
from jobs.spark.submitted_session import is_submitted
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.interface import Warehouse

if TYPE_CHECKING:
    from jobs.warehouse.bigquery.connection import Connection

_BYTES_A_MEGABYTE = 1_000_000


@contextmanager
def open_warehouse(settings: Settings, *, verbose: bool = False, record_classes: bool = False) -> Iterator[Warehouse]:
    """The warehouse, and for as long its Spark session, started when it is first needed.

    BigQuery is reached before that.
    """
    connection = open_connection(settings) if settings.warehouse == "bigquery" else None
    start = Start(
        settings.engine,
        packages(settings),
        megabytes=megabytes(settings.warehouse_path) if connection is None else source_megabytes(connection, settings),
        verbose=verbose,
        record_classes=record_classes,
    )
    with ExitStack() as stack:

        def session() -> SparkSession:
            return stack.enter_context(spark_session(start))

        if connection is None:
            yield DeltaWarehouse(session, settings.warehouse_path, settings.tables)
        else:
            from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse

            yield BigQueryWarehouse(session, connection, settings.tables)


def open_connection(settings: Settings) -> Connection:
    """BigQuery, after a check of endpoints, credentials and datasets. ConfigurationError when one is not usable."""
    try:
        from jobs.warehouse.bigquery.connection import Connection, datasets_of
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("google"):
            raise
        raise ConfigurationError(
            f"--warehouse bigquery needs Python packages that are not installed ({error.name} is missing); "
            "install them: ./spark-submit.sh install bigquery"
        ) from None
    connection = Connection(settings.bigquery)
    if shared := shared_places(settings.tables, connection.project):
        raise ConfigurationError("\n".join(shared))
    connection.check(datasets_of(connection.project, settings.tables))
    return connection


def packages(settings: Settings) -> list[str]:
    """What Spark loads: the connector only for the warehouse that needs it.

    On this machine Delta comes along with it, so that the archive of classes serves both; elsewhere not.
    ConfigurationError where no package for the warehouse is known.
    """
    needed = (settings.warehouse,) if is_submitted() else ("delta", settings.warehouse)
    known = settings.engine.packages_of(pyspark.__version__)
    if not is_submitted() and settings.warehouse not in known:
        raise ConfigurationError(
            f"no package for {settings.warehouse} is known for Spark {pyspark.__version__}; take Spark 3.5, or "
            f"name one in engine.packages_spark41.{settings.warehouse}"
        )
    return [known[name] for name in dict.fromkeys(needed) if name in known]


def megabytes(folder: Path) -> float:
    """The size of the files of a warehouse; a measure of how much a run may have to read."""
    return sum(file.stat().st_size for file in folder.rglob("*.parquet")) / _BYTES_A_MEGABYTE


def source_megabytes(connection: Connection, settings: Settings) -> float:
    """The size of the sources in BigQuery, as `megabytes`."""
    return connection.source_bytes(settings.tables) / _BYTES_A_MEGABYTE
