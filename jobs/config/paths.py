"""How a path that a person wrote is read: the one place that knows what `~` means."""

from __future__ import annotations

from pathlib import Path


def expanded(path: str | Path) -> Path:
    """The path, with `~` and `~user` as the home folder that they name; ValueError where there is no such home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ValueError(f"no home folder is known for {Path(path).parts[0]}; write the whole path") from None
