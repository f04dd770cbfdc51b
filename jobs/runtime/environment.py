"""What is kept on this machine between two starts of Spark: where it lies, and which jars the packages are.

All of it is beside the Python environment, so that removing that folder removes everything.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def state_folder() -> Path:
    """Where jars and class archives are kept: in the virtual environment, else in the user's cache."""
    if sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK):
        return Path(sys.prefix) / "share" / "player-feature-store"
    return Path.home() / ".cache" / "player-feature-store"


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
    return state_folder() / f"jars-{digest(*packages)}.txt"


def digest(*parts: str) -> str:
    """A short name for what these parts are together."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
