"""Where a report goes: tables as wide as they need to be, or one JSON object, on standard output.

Knows no report.
"""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console

from jobs.cli.broken_pipe import nobody_reads

_WIDEST = 10_000


class QuietConsole(Console):
    """A console that goes quiet when nobody reads it any more; the job itself goes on."""

    def on_broken_pipe(self) -> None:
        """Called by rich when it can print no more."""
        nobody_reads()
        self.quiet = True


def console_for_tables() -> Console:
    """Standard output: as wide as the terminal, and in a pipe or file as wide as tables need it."""
    console = QuietConsole(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _WIDEST
    return console


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(content, default=str))
