"""Small files beside tables, wherever Spark can write: a folder of this machine, or a URI of an object store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.config.locations import is_uri
from jobs.spark.paths import literal_path


def as_uri(location: str) -> str:
    """A location as Spark takes it, whatever characters a folder's name has."""
    return location if is_uri(location) else Path(location).expanduser().absolute().as_uri()


def child(location: str, name: str) -> str:
    """A file or folder below a location."""
    return f"{location.rstrip('/')}/{name}"


def names_in(spark: SparkSession, location: str) -> list[str]:
    """The names of what a folder holds, in order; empty where there is no folder. NotADirectoryError for a file."""
    system, path = _opened(spark, location)
    if not system.exists(path):
        return []
    if not system.getFileStatus(path).isDirectory():
        raise NotADirectoryError(location)
    return sorted(str(status.getPath().getName()) for status in system.listStatus(path))


def delete(spark: SparkSession, location: str) -> None:
    """Removes a file or a folder with all that is in it, if it is there."""
    system, path = _opened(spark, location)
    system.delete(path, True)


def read_parquet(spark: SparkSession, location: str) -> DataFrame:
    """The rows of a folder of Parquet files, whatever characters its name has."""
    return spark.read.parquet(literal_path(as_uri(location)))


def write_text(spark: SparkSession, location: str, text: str) -> None:
    """Writes a small file, in place of one that is there."""
    system, path = _opened(spark, location)
    stream = system.create(path, True)
    try:
        stream.write(bytearray(text.encode()))
    finally:
        stream.close()


def put(spark: SparkSession, file: Path, location: str) -> None:
    """Copies a file of this machine to a location, in place of one that is there."""
    jvm: Any = spark._jvm
    system, path = _opened(spark, location)
    system.copyFromLocalFile(False, True, jvm.org.apache.hadoop.fs.Path(jvm.java.net.URI(as_uri(str(file)))), path)


def _opened(spark: SparkSession, location: str) -> tuple[Any, Any]:
    jvm: Any = spark._jvm
    path = jvm.org.apache.hadoop.fs.Path(jvm.java.net.URI(as_uri(location)))
    return path.getFileSystem(spark._jsc.hadoopConfiguration()), path
