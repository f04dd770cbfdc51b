"""The class archive: recorded whole or not at all, never used once it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config.settings import Engine
from jobs.spark.class_archive import class_archive, is_whole, keep_recording, recording_of
from jobs.spark.session import Start

JARS = [Path("/jars/delta.jar")]


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("jobs.spark.class_archive.state_folder", lambda: tmp_path)
    home = tmp_path / "java"
    home.mkdir()
    (home / "release").write_text('JAVA_VERSION="17.0.1"')
    return home


@pytest.fixture
def archive(java: Path) -> Path:
    kept = class_archive(java, JARS, "quick")
    recording_of(kept).write_bytes(b"classes")
    assert keep_recording(kept)
    return kept


def test_a_recording_is_moved_into_its_place(archive: Path) -> None:
    assert archive.read_bytes() == b"classes"
    assert is_whole(archive)
    assert not recording_of(archive).exists()


def test_a_new_recording_replaces_the_old_one(archive: Path) -> None:
    recording_of(archive).write_bytes(b"more classes")
    assert keep_recording(archive)
    assert is_whole(archive)
    assert archive.read_bytes() == b"more classes"


@pytest.mark.parametrize("content", [None, b""])
def test_no_recording_keeps_what_was_there(archive: Path, content: bytes | None) -> None:
    if content is not None:
        recording_of(archive).write_bytes(content)
    assert not keep_recording(archive)
    assert is_whole(archive)


def test_a_killed_recording_is_no_archive(java: Path) -> None:
    archive = class_archive(java, JARS, "quick")
    recording_of(archive).write_bytes(b"half of the cla")
    assert not archive.exists()
    assert not is_whole(archive)


@pytest.mark.parametrize("content", [b"class", b"klasses"])
def test_an_archive_that_was_written_to_is_not_used(archive: Path, content: bytes) -> None:
    archive.write_bytes(content)
    assert not is_whole(archive)


def test_an_archive_without_its_stamp_is_not_used(archive: Path) -> None:
    archive.with_suffix(".stamp").unlink()
    assert not is_whole(archive)


def test_another_java_other_jars_and_another_compiler_have_another_archive(java: Path) -> None:
    archives = [class_archive(java, JARS, "quick"), class_archive(java, JARS, "full"), class_archive(java, [], "quick")]
    (java / "release").write_text('JAVA_VERSION="17.0.2"')
    archives.append(class_archive(java, JARS, "quick"))
    assert len(set(archives)) == 4


def test_only_a_whole_archive_is_given_to_the_jvm(java: Path, archive: Path) -> None:
    def options() -> str:
        engine = Engine.model_validate({"compiler": "quick"})
        return str(Start(engine, {}).spark_conf(java, JARS).get("spark.driver.extraJavaOptions"))

    assert f"-XX:SharedArchiveFile={archive}" in options()
    archive.write_bytes(b"damaged")
    assert "SharedArchiveFile" not in options()
