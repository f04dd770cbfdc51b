"""The artifact: the files that run on another machine, what they were made from, and whether they still are that.

How it is made is in `build`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import ConfigurationError
from jobs.submission.run_job import ARCHIVE, FOLDER, PROJECT

REPOSITORY = Path(__file__).resolve().parents[2]
DIST = "dist"
MAIN = "run_job.py"
MADE_FROM = "made-from.json"
_PACKAGES = ("jobs", "transforms", "conf")
_BUILD_FILES = ("setup.py", "pyproject.toml")


@dataclass(frozen=True)
class Artifact:
    """A folder with the main script, the project, and the archive of its packages."""

    folder: Path

    @property
    def main(self) -> Path:
        """The main script for `spark-submit`."""
        return self.folder / MAIN

    @property
    def project(self) -> Path:
        """The project for `--py-files`: the wheel under a name that Spark and Dataproc take."""
        return self.folder / PROJECT

    @property
    def packages(self) -> Path:
        """The archive of the project's packages for `--archives`."""
        return self.folder / ARCHIVE

    @property
    def unpacked_as(self) -> str:
        """The archive, and the folder that it becomes in a working folder."""
        return f"{self.packages}#{FOLDER}"

    def check(self) -> None:
        """ConfigurationError when a file of it is absent."""
        absent = [file.name for file in (self.main, self.project, self.packages) if not file.is_file()]
        if absent:
            raise ConfigurationError(
                f"{self.folder} is no artifact: {', '.join(absent)} missing; ./spark-submit.sh build"
            )

    def made_from(self) -> str | None:
        """The digest of the sources that it was made from; None where that is not known."""
        try:
            return str(json.loads((self.folder / MADE_FROM).read_text())["sources"])
        except (OSError, ValueError, KeyError):
            return None


def source_files(repository: Path = REPOSITORY) -> Iterator[Path]:
    """The files that the artifact is made from, relative to the checkout, in order."""
    for name in _PACKAGES:
        for file in sorted((repository / name).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file.relative_to(repository)
    yield from map(Path, _BUILD_FILES)


def digest_of_sources(repository: Path = REPOSITORY) -> str:
    """One name for the contents of the sources."""
    digest = hashlib.sha256()
    for file in source_files(repository):
        digest.update(f"{file}\n".encode())
        digest.update((repository / file).read_bytes())
    return digest.hexdigest()
