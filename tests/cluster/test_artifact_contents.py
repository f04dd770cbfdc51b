"""What is in the artifact, and that it can be used where it was not built."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

from jobs.submission.artifact import Artifact

REPOSITORY = Path(__file__).parents[2]


def test_the_wheel_has_the_settings_every_module_and_what_modules_read(artifact: Artifact) -> None:
    with zipfile.ZipFile(artifact.project) as opened:
        names = set(opened.namelist())
        for name in ("local.yaml", "cluster.yaml", "dataproc.yaml", "quiet.log4j2.properties"):
            assert opened.read(f"jobs/conf/{name}") == (REPOSITORY / "conf" / name).read_bytes()
    for package in ("jobs", "transforms"):
        files = {file for file in (REPOSITORY / package).rglob("*.*") if "__pycache__" not in file.parts}
        assert {str(file.relative_to(REPOSITORY)) for file in files if file.is_file()} <= names
    assert not [name for name in names if name.startswith(("tests", "conf"))]
    (wheel,) = artifact.folder.glob("*.whl")
    assert wheel.read_bytes() == artifact.project.read_bytes()


def test_nothing_in_it_names_a_folder_of_the_machine_that_built_it(artifact: Artifact) -> None:
    here = [str(folder).encode() for folder in (REPOSITORY, artifact.folder.parents[1], sys.prefix, sys.base_prefix)]
    naming = []
    with tarfile.open(artifact.packages) as opened:
        members = opened.getmembers()
        for member in members:
            assert not member.issym()
            if not member.isfile() or member.name.endswith(".so"):
                continue
            content = opened.extractfile(member)
            assert content is not None
            if any(folder in (text := content.read()) for folder in here):
                naming.append((member.name, text[:200]))
    assert naming == []
    assert {(member.uid, member.gid, member.uname) for member in members} == {(0, 0, "")}
    assert len({member.mtime for member in members}) == 1
    with zipfile.ZipFile(artifact.project) as opened:
        assert not any(folder in opened.read(name) for name in opened.namelist() for folder in here)


def test_the_archive_has_what_the_jobs_import_and_no_spark(artifact: Artifact) -> None:
    with tarfile.open(artifact.packages) as opened:
        packages = {member.name.split("/")[3] for member in opened.getmembers() if member.name.count("/") >= 3}
        folders = {member.name.split("/")[1] for member in opened.getmembers() if "/" in member.name}
    assert folders == {f"python{sys.version_info.major}.{sys.version_info.minor}"}
    assert {"pydantic", "yaml", "click", "rich", "pyarrow", "deltalake", "psutil", "google"} <= packages
    assert "pyspark" not in packages
