"""Names of the JVM: each package, class and member is searched for once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from py4j.java_gateway import JavaPackage

from jobs.spark.jvm_names import remember_names


class Package(JavaPackage):  # type: ignore[misc]
    """Writes down what Py4J would search the jars for."""

    def __init__(self, name: str, asked: list[str]) -> None:
        super().__init__(name, None)
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        self._asked.append(name)
        return Package(name, self._asked) if name.islower() else object()


def test_packages_and_the_classes_in_them_are_searched_for_once() -> None:
    asked: list[str] = []
    jvm = SimpleNamespace(org=Package("org", asked), functions=object(), PythonUtils=object())
    context: Any = SimpleNamespace(_jvm=type("Jvm", (), vars(jvm))())
    remember_names(context)
    window = context._jvm.org.apache.spark.Window
    assert context._jvm.org.apache.spark.Window is window
    assert context._jvm.org.apache.spark.Encoders is not window
    assert asked == ["apache", "spark", "Window", "Encoders"]
    remember_names(context)
    assert context._jvm.org.apache.spark.Window is window
