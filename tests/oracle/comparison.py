"""Two sets of rows side by side: every column of every row, and a readable difference where they are not equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.schemas.tables import ML_FEATURE_STORE
from tests.oracle.features import NAMES
from tests.oracle.newest import Key, Row

COMPARED = (
    *(name for name in ML_FEATURE_STORE.column_names if name not in ("created_at", "updated_at")),
    "out_of_range",
    "skip_reason",
)
SHOWN = 15


def assert_same_rows(expected: Mapping[Key, Row], found: Mapping[Key, Row], columns: Sequence[str] = COMPARED) -> None:
    """AssertionError that names key, column, expected and found value, unless every column of every row is equal."""
    lines, by_column = [], Counter[str]()
    for key in sorted({*expected, *found}, key=lambda key: (key[1], key[0])):
        if key not in found or key not in expected:
            by_column["(row)"] += 1
            lines.append(f"{_named(key)}: {'no such row found' if key in expected else 'a row that nobody expects'}")
            continue
        for column, want, have in differing_columns(expected[key], found[key], columns):
            by_column[column] += 1
            lines.append(f"{_named(key)} {column}: expected {want!r}, found {have!r}")
    summary = ", ".join(f"{column} {count}" for column, count in by_column.most_common())
    assert not lines, "\n".join([f"{len(lines)} differences: {summary}", *lines[:SHOWN]])


def differing_columns(expected: Row, found: Row, columns: Sequence[str] = COMPARED) -> list[tuple[str, Any, Any]]:
    """The columns in which two rows differ, with both values; of the arrays by feature, the elements that differ."""
    differing: list[tuple[str, Any, Any]] = []
    for column in columns:
        want, have = expected[column], found[column]
        if column == "out_of_range":
            have = sorted(have)
        if _same(want, have):
            continue
        if column in ("features", "feature_sources") and len(want) == len(have) == len(NAMES):
            differing += [
                (f"{column}[{index}] {name}", want[index], have[index])
                for index, name in enumerate(NAMES)
                if not _same(want[index], have[index])
            ]
        else:
            differing.append((column, want, have))
    return differing


def _same(want: Any, have: Any) -> bool:
    if isinstance(want, list) and isinstance(have, list):
        return len(want) == len(have) and all(_same(left, right) for left, right in zip(want, have, strict=True))
    if isinstance(want, float):
        # repr tells 0.0 from -0.0, and NaN is NaN.
        return repr(want) == repr(have)
    return type(want) is type(have) and bool(want == have)


def _named(key: Key) -> str:
    return f"{key[0]!r} {key[1]}"
