"""What is kept on this machine between two starts of Spark: where it lies, and which jars the packages are.

All of it is beside the Python environment, so that removing that folder removes everything.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import pyspark

from jobs.errors import ConfigurationError

_NAME = "player-feature-store"


def state_folder() -> Path:
    """Where jars and class archives are put: in the virtual environment, else in the user's cache.

    ConfigurationError where neither can be written.
    """
    for folder in _state_folders():
        if os.access(next(parent for parent in (folder, *folder.parents) if parent.exists()), os.W_OK):
            return folder
    raise ConfigurationError(
        f"Spark's jars cannot be kept, none of {', '.join(map(str, _state_folders()))} can be written; "
        "set HOME to a folder that can"
    )


def _state_folders() -> list[Path]:
    """Of the environment, which another user may have prepared, and of this user, who may have no home."""
    folders = [Path(sys.prefix) / "share" / _NAME] if sys.prefix != sys.base_prefix else []
    with suppress(RuntimeError):
        folders.append(Path.home() / ".cache" / _NAME)
    return folders


def resolved_jars(packages: Sequence[str]) -> list[Path] | None:
    """The jars of these packages as resolved earlier; None when they were not, or one of them is gone.

    Without those of which Spark itself brings another version: before Spark's own on the class path, they would win.
    """
    lists = [folder / _jar_list(packages) for folder in _state_folders()]
    listed = next((file for file in lists if os.access(file, os.R_OK)), None)
    if listed is None:
        return None
    jars = [Path(line) for line in listed.read_text().splitlines()]
    if not all(jar.exists() for jar in jars):
        return None
    of_spark = {_artifact(jar.name): jar.name for jar in (Path(pyspark.__file__).parent / "jars").glob("*.jar")}
    # Ivy puts the organisation and an underscore in front of a jar's name.
    names = {jar: jar.name.partition("_")[2] for jar in jars}
    return [jar for jar, name in names.items() if of_spark.get(_artifact(name), name) == name]


def _artifact(jar: str) -> str:
    """The name of a jar without its version."""
    return re.sub(r"-\d.*", "", jar)


def resolving(packages: Sequence[str]) -> dict[str, str]:
    """What Spark is told to fetch these packages, each `group:artifact:version` or with a classifier behind it."""
    plain = [":".join(package.split(":")[:3]) for package in packages]
    told = {"spark.jars.packages": ",".join(plain), "spark.jars.ivy": str(state_folder() / "ivy")}
    if classified := [package for package in packages if package.count(":") > 2]:
        settings = state_folder() / f"ivy-{digest(*classified)}.xml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(_ivy_settings(classified))
        told["spark.jars.ivySettings"] = str(settings)
    return told


def _ivy_settings(packages: Sequence[str]) -> str:
    """Spark's own way to packages, and another one to those with a classifier, which bring all that they need."""
    resolvers, modules = "", ""
    for package in packages:
        group, artifact, _, classifier = package.split(":")
        pattern = f"[organisation]/[module]/[revision]/[artifact]-[revision]-{classifier}.[ext]"
        resolvers += f'<ibiblio name="{artifact}" m2compatible="true" usepoms="false" pattern="{pattern}"/>'
        modules += f'<module organisation="{group}" name="{artifact}" resolver="{artifact}"/>'
    return (
        '<ivysettings><settings defaultResolver="usual"/><resolvers><chain name="usual">'
        '<ibiblio name="local-m2-cache" m2compatible="true" root="file://${user.home}/.m2/repository/"/>'
        f'<ibiblio name="central" m2compatible="true"/></chain>{resolvers}</resolvers>'
        f"<modules>{modules}</modules></ivysettings>\n"
    )


def remember_jars(packages: Sequence[str], jars: Sequence[str]) -> None:
    """Keeps which jars Spark resolved for these packages, so that the next start need not ask again."""
    listed = state_folder() / _jar_list(packages)
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text("\n".join(map(_path_of, jars)))


def _path_of(jar: str) -> str:
    """The path of a jar that Spark names by a URL, in which a space may be written as %20."""
    path = jar.removeprefix("file://")
    return path if Path(path).exists() else unquote(path)


def _jar_list(packages: Sequence[str]) -> str:
    return f"jars-{digest(*packages)}.txt"


def digest(*parts: str) -> str:
    """A short name for what these parts are together."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
