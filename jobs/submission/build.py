"""Builds the artifact: a wheel of the project, an archive of its packages, and the main script that runs a job.

Needs pip and its registry; nothing of this machine's folders is in what comes of it.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from email.parser import Parser
from importlib.metadata import distributions
from pathlib import Path

import click

from jobs.cli.options import PathOption
from jobs.errors import JobError
from jobs.submission import run_job
from jobs.submission.artifact import DIST, MADE_FROM, REPOSITORY, Artifact, digest_of_sources, source_files
from jobs.submission.command import one_error_each
from jobs.warehouse.kinds import KINDS

# The beginning of what a zip archive can hold, as everybody's reproducible builds have it.
_EPOCH = 315532800
_NOT_PACKED = ("pyspark",)
# What the kinds of warehouses need beside what every job does, by the extras of their names.
_EXTRAS = tuple(KINDS)
# Of no use to a driver: commands with the builder's interpreter in them, headers, tests.
_LEFT_OUT = ("bin", "pyarrow/include", "pyarrow/tests", "pyarrow/src")


def make(folder: Path, repository: Path = REPOSITORY) -> Artifact:
    """Makes the artifact of a checkout in a folder, in place of one that is there. JobError when pip cannot."""
    artifact = Artifact(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MADE_FROM).unlink(missing_ok=True)
    for earlier in folder.glob("player_feature_store-*.whl"):
        earlier.unlink()
    with tempfile.TemporaryDirectory() as temporary:
        wheel = _wheel(repository, Path(temporary))
        folder_of_packages = _packages(requirements(wheel), Path(temporary))
        shutil.copy(wheel, folder)
        shutil.copy(wheel, artifact.project)
        packed(folder_of_packages, artifact.packages)
    shutil.copy(Path(run_job.__file__), artifact.main)
    made_from = {"sources": digest_of_sources(repository), "python": _python_folder()}
    (folder / MADE_FROM).write_text(json.dumps(made_from) + "\n")
    return artifact


def artifact_of(folder: Path | None, *, build: bool, repository: Path = REPOSITORY) -> Artifact:
    """The artifact of a folder; without one that of the checkout, made when it is absent or the checkout has changed.

    With `build` False nothing is made or looked at. ConfigurationError when a file of the artifact is absent.
    """
    artifact = Artifact(folder.absolute() if folder else repository / DIST)
    if not build:
        return artifact
    if folder is None and artifact.made_from() != digest_of_sources(repository):
        click.echo(f"artifact  building in {artifact.folder} (a minute)", err=True)
        make(artifact.folder, repository)
    artifact.check()
    return artifact


def requirements(wheel: Path) -> list[str]:
    """What the wheel asks for, with what BigQuery needs and without what every cluster has."""
    with zipfile.ZipFile(wheel) as opened:
        (metadata,) = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        found = Parser().parsestr(opened.read(metadata).decode()).get_all("Requires-Dist", [])
    wanted = []
    for requirement in found:
        what, _, condition = (part.strip() for part in requirement.partition(";"))
        if (not condition or any(f'"{extra}"' in condition for extra in _EXTRAS)) and not what.startswith(_NOT_PACKED):
            wanted.append(what)
    return wanted


def _wheel(repository: Path, temporary: Path) -> Path:
    """From a copy of the sources: setuptools leaves files beside them, and takes up those that it finds there."""
    for file in source_files(repository):
        (temporary / "sources" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(repository / file, temporary / "sources" / file)
    _pip("wheel", "--no-deps", "--wheel-dir", str(temporary / "wheel"), str(temporary / "sources"))
    (wheel,) = (temporary / "wheel").glob("*.whl")
    return wheel


def _packages(wanted: Sequence[str], temporary: Path) -> Path:
    """A folder with the packages, in the versions of this environment where it has them: those are the tested ones."""
    constraints = temporary / "constraints.txt"
    constraints.write_text(
        "".join(f"{found.name}=={found.version}\n" for found in distributions() if found.name != "player-feature-store")
    )
    folder = temporary / "environment"
    target = folder / "lib" / _python_folder() / "site-packages"
    _pip("install", "--no-compile", "--target", str(target), "--constraint", str(constraints), *wanted)
    for name in _LEFT_OUT:
        shutil.rmtree(target / name, ignore_errors=True)
    return folder


def packed(folder: Path, archive: Path) -> None:
    """The same files make the same bytes: in order, without owners, all of one time."""

    def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = _EPOCH
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=3, fileobj=raw, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as opened,
    ):
        for file in sorted(folder.rglob("*")):
            opened.add(file, str(file.relative_to(folder)), recursive=False, filter=anonymous)


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(_EPOCH)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise JobError(
            f"pip could not {arguments[0]} the packages of the artifact: {reason[-1] if reason else 'no reason'}"
        )


def _python_folder() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


@click.command()
@click.option("--output", type=PathOption(), default=REPOSITORY / DIST, help="Folder of the artifact.")
@one_error_each
def main(output: Path) -> None:
    """Build what runs on a cluster: the project's wheel, an archive of its packages, and a main script."""
    started = time.monotonic()
    artifact = make(output.absolute())
    for file in sorted(artifact.folder.iterdir()):
        if file.name != MADE_FROM:
            click.echo(f"{file.stat().st_size / 1e6:8.1f} MB  {file}")
    click.echo(f"built in {time.monotonic() - started:.0f} s for {_python_folder()}", err=True)


if __name__ == "__main__":
    main(prog_name="./spark-submit.sh build")
