"""Keeps what a user's shell has set for another Spark, Java or Python out of a job's own JVM.

Checks also that the JVM has the folders that it writes to.
"""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

from jobs.errors import ConfigurationError

_OF_ANOTHER_SPARK = ("SPARK_HOME", "SPARK_CONF_DIR", "SPARK_SUBMIT_OPTS", "SPARK_DIST_CLASSPATH", "HADOOP_CONF_DIR")
_A_MEBIBYTE = 1 << 20
_READ_BY_JAVA = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")


def keep_out(environment: MutableMapping[str, str]) -> None:
    """Takes out what would change which Spark is started and how.

    Of Java's own variables the properties stay, such as a proxy; for other options there is `engine.java_options`.
    """
    for name in list(environment):
        if name in _OF_ANOTHER_SPARK or name.startswith("PYSPARK_"):
            del environment[name]
    for name in _READ_BY_JAVA:
        if name in environment:
            environment[name] = " ".join(part for part in environment[name].split() if part.startswith("-D"))


def check_temporary_folders(environment: MutableMapping[str, str]) -> None:
    """ConfigurationError where neither Python nor Spark could write a temporary file."""
    try:
        folders = [tempfile.gettempdir()]
    except OSError:
        raise ConfigurationError(
            "no temporary file can be written, the disk may be full or read-only: set TMPDIR to a folder with room"
        ) from None
    folders += [folder for folder in environment.get("SPARK_LOCAL_DIRS", "").split(",") if folder]
    for folder in folders:
        _check(folder, "SPARK_LOCAL_DIRS" if folder != folders[0] else "TMPDIR")


def _check(folder: str, variable: str) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_A_MEBIBYTE))
    except OSError as error:
        raise ConfigurationError(
            f"temporary files cannot be written to {shlex.quote(folder)} ({error.strerror}); "
            f"make room there, or set {variable} to a folder with room"
        ) from None
