"""Opens the warehouse that the settings name, with the Spark session that it needs.

The only place that starts Spark for a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pyspark
from pyspark.sql import SparkSession

from jobs.config.settings import Settings
from jobs.errors import ConfigurationError
from jobs.spark.session import Start, spark_session
from jobs.spark.submitted_session import is_submitted
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kinds import kind_of


@contextmanager
def open_warehouse(settings: Settings, *, verbose: bool = False, record_classes: bool = False) -> Iterator[Warehouse]:
    """The warehouse, and for as long its Spark session, started when it is first needed."""
    with ExitStack() as stack:

        def session() -> SparkSession:
            return stack.enter_context(spark_session(start))

        warehouse = kind_of(settings).open(settings, session)
        start = Start(
            settings.engine,
            packages(settings),
            megabytes=warehouse.source_megabytes(),
            verbose=verbose,
            record_classes=record_classes,
        )
        yield warehouse


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
