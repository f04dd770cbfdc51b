"""The jars of packages between two starts: kept, asked for again when one is gone, never in Spark's place."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pyspark
import pytest

from jobs.errors import ConfigurationError
from jobs.spark.jars import remember_jars, resolved_jars, resolving, state_folder

PACKAGES = ["io.delta:delta-spark_2.13:4.4.0"]


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Jars as Ivy names them, and a Spark that has two of them, one in another version."""
    monkeypatch.setattr("jobs.spark.jars._state_folders", lambda: [tmp_path / "state"])
    monkeypatch.setattr(pyspark, "__file__", str(tmp_path / "pyspark" / "__init__.py"))
    of_spark = tmp_path / "pyspark" / "jars"
    of_spark.mkdir(parents=True)
    for name in ("jackson-databind-2.21.2.jar", "antlr4-runtime-4.9.3.jar"):
        (of_spark / name).touch()
    names = (
        "io.delta_delta-spark_4.1_2.13-4.4.0.jar",
        "com.fasterxml.jackson.core_jackson-databind-2.13.5.jar",
        "org.antlr_antlr4-runtime-4.9.3.jar",
        "com.fasterxml.jackson.datatype_jackson-datatype-jdk8-2.13.5.jar",
    )
    for name in names:
        (tmp_path / name).touch()
    return [tmp_path / name for name in names]


def test_what_was_never_resolved_is_none(jars: list[Path]) -> None:
    assert resolved_jars(PACKAGES) is None


def test_a_jar_of_which_spark_has_another_version_is_left_out(jars: list[Path]) -> None:
    remember_jars(PACKAGES, [f"file://{jar}" for jar in jars])
    delta, _, antlr, jdk8 = jars
    assert resolved_jars(PACKAGES) == [delta, antlr, jdk8]


def test_when_one_is_gone_they_are_to_be_resolved_again(jars: list[Path]) -> None:
    remember_jars(PACKAGES, [f"file://{jar}" for jar in jars])
    jars[0].unlink()
    assert resolved_jars(PACKAGES) is None


def test_jars_that_another_user_has_fetched_are_taken(jars: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    remember_jars(PACKAGES, [f"file://{jar}" for jar in jars])
    folder = jars[0].parent
    monkeypatch.setattr("jobs.spark.jars._state_folders", lambda: [folder / "state", folder / "home"])
    monkeypatch.setattr("os.access", lambda path, mode: mode == os.R_OK or path != folder / "state")
    assert resolved_jars(PACKAGES) is not None
    assert state_folder() == folder / "home"


def test_without_a_folder_that_can_be_written_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(ConfigurationError, match=r"\.cache/player-feature-store can be written; set HOME to a folder"):
        state_folder()


@pytest.mark.parametrize("url", ["file://{}/my%20jars/a.jar", "file://{}/my jars/a.jar", "{}/my jars/a.jar"])
def test_a_jar_in_a_folder_with_a_space_is_found_again(jars: list[Path], url: str) -> None:
    folder = jars[0].parent
    (folder / "my jars").mkdir()
    (folder / "my jars" / "a.jar").touch()
    remember_jars(PACKAGES, [url.format(folder)])
    assert resolved_jars(PACKAGES) == [folder / "my jars" / "a.jar"]


def test_packages_are_resolved_as_spark_does_it(jars: list[Path]) -> None:
    assert resolving([*PACKAGES, "a:b:1"]) == {
        "spark.jars.packages": "io.delta:delta-spark_2.13:4.4.0,a:b:1",
        "spark.jars.ivy": str(state_folder() / "ivy"),
    }


def test_a_package_with_a_classifier_is_fetched_by_settings_of_ivy_and_brings_no_others(jars: list[Path]) -> None:
    told = resolving([*PACKAGES, "com.google.x:connector:2.0:shaded"])
    assert told["spark.jars.packages"] == "io.delta:delta-spark_2.13:4.4.0,com.google.x:connector:2.0"
    settings = ElementTree.parse(told["spark.jars.ivySettings"]).getroot()
    (module,) = settings.iter("module")
    assert (module.get("organisation"), module.get("name")) == ("com.google.x", "connector")
    (resolver,) = [found for found in settings.iter("ibiblio") if found.get("name") == module.get("resolver")]
    assert resolver.get("usepoms") == "false"
    assert str(resolver.get("pattern")).endswith("/[artifact]-[revision]-shaded.[ext]")
