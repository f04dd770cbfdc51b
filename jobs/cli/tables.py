"""Numbers and tables of reports: how wide a table may be, how a number is shown, what JSON can hold.

Knows no report.
"""

from __future__ import annotations

import json
import math
from typing import Any

from rich.console import Console

_WIDTH = 120


def console_for_tables() -> Console:
    """Standard output for tables with many columns: no narrower in a pipe or a small terminal than they need."""
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    return console


def short_number(value: float | None) -> str:
    """A number in a table: six digits that count; nothing for NULL."""
    return "" if value is None else f"{value:.6g}"


def json_number(value: float | None) -> Any:
    """A number as JSON can hold it: those that are not finite as text."""
    return value if value is None or math.isfinite(value) else _NOT_FINITE.get(value, "NaN")


_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(content, default=str))
