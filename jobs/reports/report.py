"""The shape of a report: what a command gives to be shown, as one JSON object or as tables."""

from __future__ import annotations

from typing import Any, Protocol

from rich.console import Console


class Report(Protocol):
    """What a command found."""

    def as_json(self) -> dict[str, Any]:
        """Everything that the tables show, as one object."""

    def render(self, console: Console) -> None:
        """The tables for a person."""
