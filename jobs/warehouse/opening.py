"""Opens the warehouse that the settings name, with the Spark session that it needs.

The only place that starts Spark for a job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pyspark
from pyspark.sql import SparkSession

from jobs.config.locations import Location
from jobs.config.settings import Settings
from jobs.errors import ConfigurationError
from jobs.object_stores import schemes
from jobs.spark.session import Start, spark_session
from jobs.spark.submitted_session import is_submitted
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kind import Kind
from jobs.warehouse.kinds import KINDS, kind_of


@contextmanager
def open_warehouse(
    settings: Settings, *, also: Sequence[Location] = (), verbose: bool = False, record_classes: bool = False
) -> Iterator[Warehouse]:
    """The warehouse, and for as long its Spark session, started when it is first needed; `also` is reached by it."""
    loaded, file_systems = packages(settings), packages_of_stores(settings, also)
    with ExitStack() as stack:

        def session() -> SparkSession:
            start = Start(
                settings.engine,
                loaded,
                spark_settings(settings, also),
                file_systems=file_systems,
                megabytes=warehouse.source_megabytes(),
                verbose=verbose,
                record_classes=record_classes,
            )
            spark = stack.enter_context(spark_session(start))
            warehouse.follow_partitions(spark)
            return spark

        warehouse = kind_of(settings).open(settings, session)
        with warehouse.naming_files():
            yield warehouse


def packages(settings: Settings) -> dict[str, str]:
    """What Spark loads, by its format: ConfigurationError where no package for the warehouse is known."""
    known = settings.engine.packages_of(pyspark.__version__)
    if not is_submitted() and settings.warehouse not in known:
        raise ConfigurationError(
            f"no package for {settings.warehouse} is known for Spark {pyspark.__version__}; take Spark 3.5, or "
            f"name one in engine.packages_spark41.{settings.warehouse}"
        )
    return {kind.name: known[kind.name] for kind in _loaded(settings) if kind.name in known}


def packages_of_stores(settings: Settings, also: Sequence[Location] = ()) -> dict[str, str]:
    """What Spark loads to reach the warehouse's object store, and other locations, by scheme."""
    known = settings.engine.packages_of(pyspark.__version__)
    return schemes.packages(_locations(settings, also), known)


def spark_settings(settings: Settings, also: Sequence[Location] = ()) -> dict[str, str]:
    """What Spark is told for the warehouse, for what is loaded beside it, and for the stores that it reaches."""
    found = schemes.spark_settings(_locations(settings, also), settings.object_stores)
    for kind in _loaded(settings):
        found |= {**kind.spark_settings, **({} if is_submitted() else kind.local_spark_settings)}
    return found


def _locations(settings: Settings, also: Sequence[Location]) -> list[Location]:
    """All that Spark reads and writes: a folder of Delta tables is not asked of another kind of warehouse."""
    return [*([settings.warehouse_path] if settings.warehouse == "delta" else []), *also]


def _loaded(settings: Settings) -> list[Kind]:
    """The warehouse's kind alone; on this machine Delta comes along, so that one archive of classes serves both."""
    needed = (settings.warehouse,) if is_submitted() else ("delta", settings.warehouse)
    return [KINDS[name] for name in dict.fromkeys(needed)]
