"""Names of the JVM, looked up once: PySpark asks for them anew at every function call.

For each of the thousands of columns that a job builds Py4J would search every jar for classes that do not exist.
"""

from __future__ import annotations

from typing import Any

from pyspark import SparkContext

_CLASSES = ("functions", "PythonUtils")


class _Remembered:
    """A class of the JVM whose members are asked for once."""

    def __init__(self, java_class: Any) -> None:
        self._java_class = java_class

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._java_class, name)
        setattr(self, name, member)
        return member


def remember_names(context: SparkContext) -> None:
    """Lets PySpark find the classes that column functions are made of without a search, for this JVM."""
    jvm: Any = context._jvm
    for name in _CLASSES:
        if name not in vars(jvm):
            setattr(jvm, name, _Remembered(getattr(jvm, name)))
