"""Of several rows with one key, the newest: the oracle's own reading of the rule, row by row."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

Row = dict[str, Any]
Key = tuple[str, datetime.date]


class Newest(NamedTuple):
    """The winner of a key, and how many rows the key had."""

    row: Row
    rows_found: int


def newest_by_key(rows: Iterable[Row], key: tuple[str, str], tie_columns: Sequence[str]) -> dict[Key, Newest]:
    """The newest row of each key; rows with a NULL in the key are dropped.

    Newest by `processed_at`, then `created_at`, then every one of `tie_columns`, the largest first and NULL last.
    """
    rows_by_key: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        if row[key[0]] is not None and row[key[1]] is not None:
            rows_by_key[row[key[0]], row[key[1]]].append(row)
    order = ("processed_at", "created_at", *tie_columns)
    return {same_key: Newest(_newest(group, order), len(group)) for same_key, group in rows_by_key.items()}


def _newest(rows: Sequence[Row], order: Sequence[str]) -> Row:
    if len(rows) == 1:
        return rows[0]
    return max(rows, key=lambda row: [_rank(row[name]) for name in order])


def _rank(value: Any) -> tuple[int, Any]:
    """NULL below every value, NaN above every other."""
    if value is None:
        return (0, 0)
    if isinstance(value, float) and math.isnan(value):
        return (2, 0)
    return (1, value)
