"""Where a report goes: tables of a width that they need, or one JSON object, on standard output.

Knows no report.
"""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console

from jobs.cli.broken_pipe import nobody_reads

_WIDTH = 120


class QuietConsole(Console):
    """A console that goes quiet when nobody reads it any more; what is at work then works on."""

    def on_broken_pipe(self) -> None:
        """Called by rich when it can print no more."""
        nobody_reads()
        self.quiet = True


def console_for_tables() -> Console:
    """Standard output for tables with many columns: no narrower in a pipe or a small terminal than they need."""
    console = QuietConsole(highlight=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    return console


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(content, default=str))
