"""What is kept on this machine between two starts of Spark: where it lies, and which jars the packages are.

All of it is beside the Python environment, so that removing that folder removes everything.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pyspark


def state_folder() -> Path:
    """Where jars and class archives are kept: in the virtual environment, else in the user's cache."""
    if sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK):
        return Path(sys.prefix) / "share" / "player-feature-store"
    return Path.home() / ".cache" / "player-feature-store"


def resolved_jars(packages: Sequence[str]) -> list[Path] | None:
    """The jars of these packages as resolved earlier; None when they were not, or one of them is gone.

    Without those of which Spark itself brings another version: before Spark's own on the class path, they would win.
    """
    listed = _jar_list(packages)
    if not listed.exists():
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


def remember_jars(packages: Sequence[str], jars: Sequence[str]) -> None:
    """Keeps which jars Spark resolved for these packages, so that the next start need not ask again."""
    listed = _jar_list(packages)
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text("\n".join(jar.removeprefix("file://") for jar in jars))


def _jar_list(packages: Sequence[str]) -> Path:
    return state_folder() / f"jars-{digest(*packages)}.txt"


def digest(*parts: str) -> str:
    """A short name for what these parts are together."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
