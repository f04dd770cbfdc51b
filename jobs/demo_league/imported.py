"""The mark of a warehouse folder that holds the demo's league: which one, and whether it is there whole.

Knows files only; the tables themselves are written by the import.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.errors import ConfigurationError

_MARK = "demo_league.json"


@dataclass(frozen=True)
class ImportedLeague:
    """The league of these arguments (of `generate`) in the folder `warehouse`."""

    warehouse: Path
    arguments: Mapping[str, Any]

    def check_folder(self) -> None:
        """ConfigurationError for a folder that holds anything but a demo: its tables would be replaced."""
        if self.warehouse.is_symlink() and not self.warehouse.exists():
            raise ConfigurationError(
                f"--warehouse-path {self.warehouse}: this link leads to {self.warehouse.readlink()}, which does not "
                "exist; give another folder"
            )
        if (
            self.warehouse.exists()
            and not self._mark.exists()
            and (not self.warehouse.is_dir() or any(self.warehouse.iterdir()))
        ):
            raise ConfigurationError(
                f"--warehouse-path {self.warehouse} is not empty and not an earlier demo's; a demo would replace "
                "its tables; give another folder"
            )

    def is_complete(self) -> bool:
        """True when this very league, by this very generator, is there whole."""
        try:
            return bool(json.loads(self._mark.read_text()) == self._described(complete=True))
        except (OSError, ValueError):
            return False

    def begin(self) -> None:
        """Marks the folder as the demo's; its tables count only once `complete` is called."""
        self.warehouse.mkdir(parents=True, exist_ok=True)
        self._mark.write_text(json.dumps(self._described(complete=False)))

    def complete(self) -> None:
        """The tables are there."""
        self._mark.write_text(json.dumps(self._described(complete=True)))

    @property
    def _mark(self) -> Path:
        return self.warehouse / _MARK

    def _described(self, *, complete: bool) -> dict[str, Any]:
        arguments = {name: str(value) for name, value in self.arguments.items()}
        return {"league": arguments, "generator": _generator(), "complete": complete}


def _generator() -> str:
    """A short name for the code of the generator: another one may play another league."""
    code = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        code.update(file.read_bytes())
    return code.hexdigest()[:12]
