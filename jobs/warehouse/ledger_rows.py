"""What a row of the ledger must have to tell of a run; one that lacks it was damaged, or written by hand."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

_NEEDED = {"run_id": str, "status": str, "started_at": datetime.datetime, "heartbeat_at": datetime.datetime}


def fault(row: Mapping[str, Any]) -> str | None:
    """What is wrong with a row of `feature_runs`; None of a good one."""
    for name, type_ in _NEEDED.items():
        if not isinstance(row.get(name), type_):
            return f"{name} is {row.get(name)!r}"
    try:
        parameters = json.loads(row.get("parameters") or "{}")
    except ValueError:
        return "parameters is not JSON"
    return None if isinstance(parameters, dict) else "parameters is not a JSON object"
