"""The contract check: the columns that a table has against those that `schemas` asks for.

Works on names and types alone, before a row is read; both warehouses describe their columns in BigQuery's types.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.schemas.tables import Column, Table

_DECIMAL = re.compile(r"NUMERIC(?:\((\d+),(\d+)\))?")


@dataclass(frozen=True)
class FoundColumn:
    """A column as it stands in a table: `type` in BigQuery's words, `required` when it may hold no NULL."""

    name: str
    type: str
    required: bool = False
    generated: bool = False
    """Its value is the table's own: an identity, or computed from other columns; nobody may write it."""


def problems(table: Table, found: Sequence[FoundColumn], place: str) -> list[str]:
    """What is wrong with a table's columns, one sentence each, naming column, expected and found type."""
    by_name = {column.name: column for column in found}
    sentences = []
    for column in table.columns:
        there = by_name.get(column.name)
        if column.mode == "optional":
            continue
        if there is None:
            if column.mode != "alternative":
                sentences.append(
                    f"table {place}: column {column.name} is missing (expected {column.type}); add it to the table"
                )
        elif not accepts(column.type, there.type):
            sentences.append(
                f"table {place}: column {column.name} is {there.type}, expected {column.type}; "
                "change its type in the table"
            )
    if table.choices and not any(set(choice) <= set(by_name) for choice in table.choices):
        choices = " or ".join(_choice(table, choice) for choice in table.choices)
        sentences.append(f"table {place}: it needs {choices}, and has neither whole; add one of the two to the table")
    return sentences


def _choice(table: Table, choice: Sequence[str]) -> str:
    types = {column.type: None for column in map(table.column, choice)}
    return f"{' and '.join(choice)} ({', '.join(types)})"


def target_problems(table: Table, found: Sequence[FoundColumn], place: str) -> list[str]:
    """As `problems`, of a table that we write: columns that we do not know must allow NULL."""
    known = set(table.column_names)
    strangers = [column for column in found if column.required and column.name not in known]
    return problems(table, found, place) + [
        f"table {place}: column {column.name} ({column.type}) is REQUIRED and not one that this job fills; "
        "drop it or let it be NULL"
        for column in strangers
    ]


def accepts(expected: str, found: str) -> bool:
    """Whether a column of the found type can stand for the expected one.

    NUMERIC takes any DECIMAL; NUMERIC(p,s) any that holds all its values; other types are themselves.
    """
    if expected == found:
        return True
    asked, given = _DECIMAL.fullmatch(expected), _DECIMAL.fullmatch(found)
    if not asked or not given:
        return False
    if asked[1] is None or given[1] is None:
        return True
    whole, scale = int(asked[1]) - int(asked[2]), int(asked[2])
    return int(given[1]) - int(given[2]) >= whole and int(given[2]) >= scale


def known_columns(table: Table, found: Sequence[FoundColumn]) -> list[Column]:
    """The columns of the contract that the table has as the contract says, in the contract's order."""
    types = {column.name: column.type for column in found}
    return [column for column in table.columns if column.name in types and accepts(column.type, types[column.name])]


def left_alone(table: Table, found: Sequence[FoundColumn]) -> list[str]:
    """The optional columns that a target lacks or has with another type, one sentence each."""
    types = {column.name: column.type for column in found}
    sentences = []
    for column in table.columns:
        if column.mode != "optional":
            continue
        if column.name not in types:
            sentences.append(f"the target has no column {column.name} ({column.type}); the others are written")
        elif not accepts(column.type, types[column.name]):
            sentences.append(
                f"the target's column {column.name} is {types[column.name]}, expected {column.type}; "
                "it is left alone, the others are written"
            )
    return sentences
