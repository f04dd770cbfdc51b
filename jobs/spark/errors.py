"""Spark's exceptions in one line: the reason, or the file that is damaged and its table, without the stack.

For errors that no contract check can see coming, such as a corrupt file or a constraint of the target's owner.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark.errors import PySparkException

from jobs.errors import ConfigurationError, SparkError
from jobs.object_stores.errors import in_words

NOT_READ = "Input/output error"
"""What the system says when a disk cannot read a file."""
UNREADABLE = f"cannot be read ({NOT_READ}: see the system's log for that disk)"
_LONGEST = 600
_ADVICE = {
    "No space left on device": "make room on that disk (Spark's temporary files are where SPARK_LOCAL_DIRS says)",
    NOT_READ: "see the system's log for that disk; then restore the file, or write its table again",
    "Read-only file system": "name a folder on a disk that can be written to",
    "Permission denied": "ask the owner for the right, or name another folder",
    "OutOfMemoryError": "give Java more by engine.driver_memory",
    "DEADLINE_EXCEEDED": "BigQuery has not answered a call in time",
    # What the connector has been told in a task does not reach the driver.
    "not serializable result: com.google.cloud.spark.bigquery": "BigQuery has answered a call with an error, or not",
}
_JVM_ENDED = (
    "Spark's JVM does not answer any more: it was killed, or the machine is out of memory; give it less by "
    "engine.driver_memory, or more memory to the machine"
)
_FILE = re.compile(r"(?:[a-z][a-z0-9]*:/+|/)[^\s,;:]+\.(?:parquet|json|csv)")
_GONE = re.compile(r"FileNotFoundException|FILE_NOT_EXIST|does not exist|No such file")
_DAMAGED = re.compile(
    r"Checksum(?:Exception| error)|is not a Parquet file|EOFException|[Cc]ould not read footer|FAILED_READ_FILE|"
    r"CANNOT_READ_FILE|ParquetDecodingException|can not read class|JsonParseException|JsonEOFException|TRUNCATED|"
    r"Malformed|[Cc]orrupt"
)


@contextmanager
def explained_in_time() -> Iterator[None]:
    """Spark's exceptions as a SparkError: they ask the JVM for their text, which is gone when a job reports them."""
    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        if isinstance(error, ConnectionError) and not _is_of_an_ended_jvm(error):
            raise
        told = RuntimeError(java_text(error)).with_traceback(error.__traceback__)
        raise SparkError(explained(error)) from told


@contextmanager
def told_of_store(location: str, before: str = "") -> Iterator[None]:
    """Spark's exceptions while it writes to a location, as a ConfigurationError where the store cannot be used.

    `before` is what else the person has to know then.
    """
    try:
        yield
    except (Py4JError, PySparkException) as error:
        if (sentence := in_words(java_text(error), location)) is None:
            raise
        raise ConfigurationError(sentence + before) from error


def explained(error: BaseException) -> str:
    """One line that says what happened, as far as Spark tells; other exceptions by their type and text."""
    if _is_of_an_ended_jvm(error):
        return _JVM_ENDED
    lines = [line.strip() for line in java_text(error).splitlines() if line.strip()]
    reason = _reason(lines) or str(error)
    advice = next((f"; {what}" for cause, what in _ADVICE.items() if cause in reason), "")
    if (not advice or NOT_READ in reason) and (damage := _damage("\n".join(lines))) is not None:
        return damage[:_LONGEST]
    text = re.sub(r"^(?:[a-z_]\w*\.)+(\w+(?:Exception|Error)): ", r"\1: ", reason)
    file = _FILE.search("\n".join(lines))
    if file and re.sub(r"^file:/+", "/", file[0]) not in text:
        text += f" (file {file[0]})"
    by_py4j = type(error).__name__.startswith("Py4J")
    return (text if by_py4j else f"{type(error).__name__}: {text}")[:_LONGEST] + advice


def names_no_file(error: BaseException) -> bool:
    """Whether a disk could not read a file, and the error does not say which."""
    return NOT_READ in (line := explained(error)) and _FILE.search(line) is None


def _is_of_an_ended_jvm(error: BaseException) -> bool:
    """py4j says that nobody answers, or only what it has called; in a thread that is new to it, it cannot connect."""
    if isinstance(error, Py4JNetworkError) or (isinstance(error, ConnectionError) and _is_raised_by_py4j(error)):
        return True
    told_nothing = str(error).startswith("An error occurred while calling") and "Trace:" not in str(error)
    return isinstance(error, Py4JError) and not isinstance(error, Py4JJavaError) and told_nothing


def _is_raised_by_py4j(error: BaseException) -> bool:
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__", "").startswith("py4j.") for frame, _ in frames)


def java_text(error: BaseException) -> str:
    """All that an exception tells, with the names of Java's classes."""
    java = getattr(error, "java_exception", None)
    if java is not None:
        try:
            return str(java.getClass().getName()) + ": " + str(error)
        except Exception:
            return str(error)
    described = getattr(error, "getMessage", None) or getattr(error, "desc", None)
    trace = getattr(error, "stackTrace", None) or getattr(error, "_stackTrace", None)
    return f"{described() if callable(described) else described or error}\n{trace or ''}"


def _reason(lines: list[str]) -> str:
    """The innermost cause; without one what Java said, which py4j puts behind a colon; with the values listed below."""
    causes = [number for number, line in enumerate(lines) if line.startswith("Caused by:")]
    told = [number for number, line in enumerate(lines) if line.startswith(": ")]
    other = [number for number, line in enumerate(lines) if not line.startswith(("at ", ":"))]
    found = causes[-1:] or told[:1] or other[:1]
    if not found:
        return ""
    first = lines[found[0]].removeprefix("Caused by:").removeprefix(":").strip()
    values = []
    for line in lines[found[0] + 1 :]:
        if not line.startswith("- "):
            break
        values.append(line.removeprefix("- "))
    return f"{first} {', '.join(values)}" if values else first


def _damage(text: str) -> str | None:
    """That a file of a table is gone, damaged or unreadable; None of an error that is about something else."""
    file = _FILE.search(text)
    gone, damaged = _GONE.search(text), _DAMAGED.search(text)
    if file is None or not (gone or damaged or NOT_READ in text):
        return None
    what = UNREADABLE if NOT_READ in text else f"is damaged ({damaged[0]})" if damaged else "is gone"
    return told_of_file(re.sub(r"^file:/+", "/", file[0]), what)


def told_of_file(path: str, what: str) -> str | None:
    """What is wrong with a file of a table, and what to do; None for a path that is no table's."""
    folders = [name for name in path.split("/")[1:-1] if "=" not in name and name != "_delta_log"]
    if len(folders) < 2:
        return None
    is_staged = "_staging_" in folders[-1]
    advice = "--resume computes its rows again" if is_staged else "restore it from a copy, or write the table again"
    return f"table {'.'.join(folders[-2:])}: file {path} {what}; {advice}"
