"""Where a report goes: tables of a width that they need, or one JSON object, on standard output.

Knows no report.
"""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console

_WIDTH = 120


def console_for_tables() -> Console:
    """Standard output for tables with many columns: no narrower in a pipe or a small terminal than they need."""
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    return console


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(content, default=str))
