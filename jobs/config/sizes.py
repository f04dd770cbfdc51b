"""Sizes of memory as Spark takes them: `4g`, `512m`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from jobs.errors import ConfigurationError

_MEBIBYTES = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}


def mebibytes(memory: str) -> float:
    """A size in MiB, where a number alone is of MiB. ConfigurationError for what is not a size."""
    found = re.fullmatch(r"(\d+)([kmgt]?)b?", memory.strip().lower())
    if not found:
        raise ConfigurationError(f"{memory!r} is not a valid size; write it as 4g or 512m")
    return int(found[1]) * _MEBIBYTES[found[2] or "m"]


def _checked(memory: str) -> str:
    try:
        mebibytes(memory)
    except ConfigurationError as error:
        raise ValueError(str(error)) from None
    return memory


Memory = Annotated[str, AfterValidator(_checked)]
"""A setting that is a size."""
