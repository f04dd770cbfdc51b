"""Which Java is taken, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.errors import ConfigurationError
from jobs.spark.java import java_home


def installed(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


def test_java_home_comes_first(tmp_path: Path) -> None:
    chosen = installed(tmp_path / "chosen", "17.0.9")
    installed(tmp_path / "usual" / "java-17", "17.0.1")
    assert java_home({"JAVA_HOME": str(chosen), "PATH": ""}, [str(tmp_path / "usual")]) == chosen


def test_an_installed_17_is_found_behind_another_version(tmp_path: Path) -> None:
    other = installed(tmp_path / "chosen", "21.0.1")
    usual = installed(tmp_path / "usual" / "java-17", "17.0.1")
    assert java_home({"JAVA_HOME": str(other), "PATH": ""}, [str(tmp_path / "usual")]) == usual


def test_other_versions_are_named(tmp_path: Path) -> None:
    installed(tmp_path / "java-11", "11.0.2")
    installed(tmp_path / "java-21", "21.0.1")
    with pytest.raises(ConfigurationError, match=r"found Java 11 in .*java-11, Java 21 in .*java-21\. Install it"):
        java_home({"PATH": ""}, [str(tmp_path)], packaged=tmp_path / "none")


def test_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"found no Java\. Install it .*openjdk-17"):
        java_home({"PATH": "", "JAVA_HOME": str(tmp_path / "gone")}, [str(tmp_path)], packaged=tmp_path / "none")


def test_java_8_by_its_old_number(tmp_path: Path) -> None:
    installed(tmp_path / "java-8", "1.8.0_392")
    with pytest.raises(ConfigurationError, match="found Java 8 in"):
        java_home({"PATH": ""}, [str(tmp_path)], packaged=tmp_path / "none")


def test_the_one_that_came_as_a_package_is_the_last_resort(tmp_path: Path) -> None:
    packaged = installed(tmp_path / "package", "17.0.4")
    usual = installed(tmp_path / "usual" / "java-17", "17.0.1")
    assert java_home({"PATH": ""}, [str(tmp_path / "usual")], packaged) == usual
    assert java_home({"PATH": ""}, [str(tmp_path / "none")], packaged) == packaged
