"""The Spark session of a process that `spark-submit` has started: its master, executors and packages are taken.

What the engine needs is added; the size of the executors is told to those who cut work into pieces.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from jobs.config.sizes import mebibytes
from jobs.config.typed_command import typed_command
from jobs.errors import ConfigurationError, JobError
from jobs.spark.errors import explained
from jobs.spark.interrupts import keeping_interrupt_handler
from jobs.spark.jvm_names import remember_names

COMMAND = "spark.playerFeatureStore.command"
"""The property by which a job is told how it was submitted."""

_EXTENSIONS = "spark.sql.extensions"
# A laptop's executor, of 4 GiB, merges a million rows at a time.
_SLICE_ROWS_A_GIBIBYTE = 250_000
_ROWS_A_PARTITION = 100_000


def is_submitted() -> bool:
    """Whether `spark-submit` has started this process: it says where its JVM listens."""
    return "PYSPARK_GATEWAY_PORT" in os.environ


def command() -> str:
    """How jobs are started where this process runs, up to the job's name."""
    if not is_submitted():
        return typed_command()
    SparkContext._ensure_initialized()
    return str(SparkConf().get(COMMAND, "spark-submit ... run_job.py"))


@contextmanager
def session(
    needed: Mapping[str, str],
    packages: Mapping[str, str],
    shuffle_partitions: int | str,
    *,
    file_systems: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[SparkSession]:
    """The session, with these settings over those that it was submitted with.

    Packages are by their format, those of file systems by their scheme.

    ConfigurationError when a package was not submitted, JobError when the cluster does not take the application.
    """
    SparkContext._ensure_initialized()
    conf = SparkConf()
    for name, value in needed.items():
        already = conf.get(name, "") if name == _EXTENSIONS else ""
        conf.set(name, value if value in already or not already else f"{already},{value}")
    if shuffle_partitions != "auto":
        conf.set("spark.sql.shuffle.partitions", str(shuffle_partitions))
    try:
        with keeping_interrupt_handler():
            context = SparkContext(conf=conf)
    except Exception as error:
        raise JobError(f"{conf.get('spark.master')} did not take the job: {explained(error)}") from error
    remember_names(context)
    spark = SparkSession(context)
    try:
        _check_formats(spark, packages)
        _check_file_systems(spark, file_systems)
        if shuffle_partitions == "auto":
            _cut_into(spark, _cores(context))
        yield spark
        spark.stop()
    except Exception:
        # Not when interrupted: Spark would answer what it was asked before, and ends with this process.
        with suppress(Exception):
            spark.stop()
        raise


def set_shuffle_partitions(spark: SparkSession, rows: int, shuffle_partitions: int | str) -> None:
    """Lets the next queries be cut into as many pieces as so many rows need on the executors that there are now."""
    if is_submitted() and shuffle_partitions == "auto":
        _cut_into(spark, partitions(rows, _cores(spark.sparkContext)))


def partitions(rows: int, cores: int) -> int:
    """How many pieces to cut rows into: as many for each core, and no piece too large for one."""
    return cores * max(1, -(-rows // (cores * _ROWS_A_PARTITION)))


def settings_by_executors() -> dict[str, Any]:
    """The settings of a run that follow from its executors; empty where they are not known beforehand."""
    if not is_submitted():
        return {}
    SparkContext._ensure_initialized()
    conf = SparkConf()
    count, memory = conf.get("spark.executor.instances"), conf.get("spark.executor.memory")
    return {"merge_slice_rows": merge_slice_rows(int(count), memory)} if count and memory else {}


def merge_slice_rows(executors: int, memory: str) -> int:
    """How many rows one MERGE takes on executors of this memory, written as Spark takes it: `4g`, `512m`."""
    return max(1, round(_SLICE_ROWS_A_GIBIBYTE * executors * mebibytes(memory) / 1024))


def _cut_into(spark: SparkSession, pieces: int) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", str(pieces))


def _cores(context: SparkContext) -> int:
    """Of the executors that are there, or of those that were asked for and may still come."""
    conf = context.getConf()
    asked = int(conf.get("spark.executor.instances", "0") or 0) * int(conf.get("spark.executor.cores", "1") or 1)
    return max(int(context.defaultParallelism), asked)


def _check_formats(spark: Any, packages: Mapping[str, str]) -> None:
    """ConfigurationError when Spark cannot read and write the format that a package is for."""
    data_source = spark._jvm.org.apache.spark.sql.execution.datasources.DataSource
    for name, package in packages.items():
        try:
            data_source.lookupDataSource(name, spark._jsparkSession.sessionState().conf())
        except Exception:
            raise ConfigurationError(f"Spark was submitted without {package}; add --packages {package}") from None


def _check_file_systems(spark: Any, packages: Mapping[str, str]) -> None:
    """ConfigurationError when Spark does not have the file system of a scheme, which the package has."""
    hadoop = spark._jvm.org.apache.hadoop.fs.FileSystem
    for scheme, package in packages.items():
        try:
            hadoop.getFileSystemClass(scheme, spark._jsc.hadoopConfiguration())
        except Exception:
            raise ConfigurationError(
                f"Spark was submitted without the file system of {scheme}://; add the jar of {package} by --jars"
            ) from None
