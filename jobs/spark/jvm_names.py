"""Names of the JVM, looked up once: PySpark asks for them anew at every function call.

For each of the thousands of columns that a job builds, and for each package above the class of a window, Py4J would
search every jar for classes that do not exist.
"""

from __future__ import annotations

from typing import Any

from py4j.java_gateway import JavaPackage
from pyspark import SparkContext

_NAMES = ("functions", "PythonUtils", "org")


class _Remembered:
    """A class or a package of the JVM whose members are asked for once."""

    def __init__(self, of_java: Any) -> None:
        self._of_java = of_java

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._of_java, name)
        if isinstance(member, JavaPackage):
            member = _Remembered(member)
        setattr(self, name, member)
        return member


def remember_names(context: SparkContext) -> None:
    """Lets PySpark find the classes that columns and windows are made of without a search, for this JVM."""
    jvm: Any = context._jvm
    for name in _NAMES:
        if name not in vars(jvm):
            setattr(jvm, name, _Remembered(getattr(jvm, name)))
