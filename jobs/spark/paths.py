"""Paths as Spark's readers of files take them: for them brackets, braces, * and ? are a pattern."""

from __future__ import annotations

import re
from pathlib import Path


def literal_path(path: Path | str) -> str:
    """A path that stands for itself alone."""
    return re.sub(r"([\\\[\]{}*?])", r"\\\1", str(path))
