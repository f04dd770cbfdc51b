"""Spark's exceptions in one line: the innermost cause, without the stack.

For errors that no contract check can see coming, such as a corrupt file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from jobs.errors import SparkError

_LONGEST = 600
_ADVICE = {
    "No space left on device": "make room on that disk (Spark's temporary files are where SPARK_LOCAL_DIRS says)",
    "Read-only file system": "name a folder on a disk that can be written to",
    "Permission denied": "ask the owner for the right, or name another folder",
    "OutOfMemoryError": "give Java more by engine.driver_memory",
}


@contextmanager
def explained_in_time() -> Iterator[None]:
    """Spark's exceptions as a SparkError: they ask the JVM for their text, which is gone when a job reports them."""
    try:
        yield
    except (Py4JError, PySparkException) as error:
        told = RuntimeError(_java_text(error)).with_traceback(error.__traceback__)
        raise SparkError(explained(error)) from told


def explained(error: BaseException) -> str:
    """One line that says what happened, as far as Spark tells; other exceptions by their type and text."""
    lines = [line.strip() for line in _java_text(error).splitlines()]
    causes = [line.removeprefix("Caused by:").strip() for line in lines if line.startswith("Caused by:")]
    first = next((line for line in lines if line and not line.startswith(("at ", ":"))), "")
    text = causes[-1] if causes else first or str(error)
    text = re.sub(r"^(?:[a-z_]\w*\.)+(\w+(?:Exception|Error)): ", r"\1: ", text)
    file = re.search(r"(?:file:/+|/)[^\s,;]+\.(?:parquet|json|csv)", "\n".join(lines))
    if file and re.sub(r"^file:/+", "/", file[0]) not in text:
        text += f" (file {file[0]})"
    advice = next((f"; {what}" for cause, what in _ADVICE.items() if cause in text), "")
    return f"{type(error).__name__}: {text}"[:_LONGEST] + advice


def _java_text(error: BaseException) -> str:
    java = getattr(error, "java_exception", None)
    if java is not None:
        try:
            return str(java.getClass().getName()) + ": " + str(error)
        except Exception:
            return str(error)
    described = getattr(error, "getMessage", None) or getattr(error, "desc", None)
    trace = getattr(error, "stackTrace", None) or getattr(error, "_stackTrace", None)
    return f"{described() if callable(described) else described or error}\n{trace or ''}"
