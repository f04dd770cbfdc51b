"""The files of `conf/`: beside the code in a checkout, inside the package in a wheel.

Only finds and reads them; what they say is a matter of `settings`.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Traversable


def conf_file(name: str) -> Traversable:
    """A file of `conf/`, which may stand in a zip archive."""
    packaged = resources.files("jobs") / "conf"
    return packaged / name if packaged.is_dir() else Path(__file__).resolve().parents[2] / "conf" / name
