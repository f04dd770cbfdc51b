"""Numbers in reports: how one is shown in a table, and what JSON can hold. Knows no report."""

from __future__ import annotations

import math
from typing import Any


def short_number(value: float | None) -> str:
    """A number in a table: six digits that count; nothing for NULL."""
    return "" if value is None else f"{value:.6g}"


def json_number(value: float | None) -> Any:
    """A number as JSON can hold it: those that are not finite as text."""
    return value if value is None or math.isfinite(value) else _NOT_FINITE.get(value, "NaN")


_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}
