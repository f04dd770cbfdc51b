"""What the machine must have for Spark to start: Java, the packages' jars, an archive of the JVM's classes.

All of it is kept beside the Python environment, so that removing that folder removes everything.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyspark

from jobs.runtime.errors import ConfigurationError

JAVA_VERSIONS = (17,)
_USUAL_PLACES = ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/java")


def state_folder() -> Path:
    """Where jars and class archives are kept: in the virtual environment, else in the user's cache."""
    if sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK):
        return Path(sys.prefix) / "share" / "player-feature-store"
    return Path.home() / ".cache" / "player-feature-store"


def java_home(environment: Mapping[str, str] = os.environ, places: Sequence[str] = _USUAL_PLACES) -> Path:
    """The folder of a Java that runs Spark: `JAVA_HOME`, `java` on the path, else an installed one.

    Raises ConfigurationError that says what was found and what to install.
    """
    candidates = [Path(environment["JAVA_HOME"])] if environment.get("JAVA_HOME") else []
    if on_path := shutil.which("java", path=environment.get("PATH")):
        candidates.append(Path(on_path).resolve().parents[1])
    for place in places:
        candidates += sorted(Path(place).glob("*")) + sorted(Path(place).glob("*/Contents/Home"))
    versions = {home: version for home in candidates if (version := _java_version(home)) is not None}
    for home, version in versions.items():
        if version in JAVA_VERSIONS:
            return home
    found = ", ".join(f"Java {version} in {home}" for home, version in versions.items()) or "no Java"
    raise ConfigurationError(
        f"Spark needs Java 17, found {found}. Install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; "
        "Fedora: dnf install java-17-openjdk-headless; macOS: brew install openjdk@17) or set JAVA_HOME to its folder."
    )


def _java_version(home: Path) -> int | None:
    try:
        release = (home / "release").read_text()
    except OSError:
        return None
    version = re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', release)
    return int(version[1]) if version and (home / "bin" / "java").exists() else None


def resolved_jars(packages: Sequence[str]) -> list[Path] | None:
    """The jars of these packages as resolved earlier; None when they were not, or one of them is gone."""
    listed = _jar_list(packages)
    if not listed.exists():
        return None
    jars = [Path(line) for line in listed.read_text().splitlines()]
    return jars if all(jar.exists() for jar in jars) else None


def remember_jars(packages: Sequence[str], jars: Sequence[str]) -> None:
    """Keeps which jars Spark resolved for these packages, so that the next start need not ask again."""
    listed = _jar_list(packages)
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text("\n".join(jar.removeprefix("file://") for jar in jars))


def _jar_list(packages: Sequence[str]) -> Path:
    return state_folder() / f"jars-{_digest(*packages)}.txt"


def class_archive(java: Path, jars: Sequence[Path], compiler: str) -> Path:
    """The file with the JVM's loaded classes for this Java, this Spark and these jars; it may not exist yet."""
    release = (java / "release").read_text()
    name = f"classes-{_digest(str(java), release, pyspark.__version__, compiler, *map(str, jars))}.jsa"
    return state_folder() / name


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
