"""The report of a comparison: tables for a person, or one JSON object.

Shows what was found; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from jobs.errors import ExitCode
from jobs.planning.plan import RequestedDates
from jobs.reports.fitted_table import FittedTable
from jobs.reports.numbers import json_number, short_number
from transforms.comparison import ROW_DIFFERENCES


@dataclass(frozen=True)
class Found:
    """One kind of finding: its rows, and some of them: `game_date`, `player_lookup`, `left`, `right`."""

    rows: int = 0
    largest_difference: float | None = None
    examples: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Comparison:
    """What was found: rows and keys by kind, and every feature by the catalogue's name, in its order."""

    left: str
    right: str
    requested: RequestedDates | None
    tolerance: float
    totals: Mapping[str, Found]
    features: Mapping[str, Found]
    notes: Sequence[str] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether a row is in one table only, or a row of both differs. Duplicates of a key alone are no difference."""
        return any(self.totals[kind].rows for kind in ROW_DIFFERENCES) or any(
            found.rows for found in self.features.values()
        )

    @property
    def exit_code(self) -> ExitCode:
        """PARTIAL when there is a difference."""
        return ExitCode.PARTIAL if self.differs else ExitCode.DONE

    def as_json(self) -> dict[str, Any]:
        """Lists also the features without a difference."""
        return {
            "job": "compare",
            "status": "different" if self.differs else "equal",
            "exit_code": int(self.exit_code),
            "left": self.left,
            "right": self.right,
            "requested": None if self.requested is None else str(self.requested),
            "tolerance": self.tolerance,
            "rows": {
                kind: {"rows": found.rows, "examples": [_key(example) for example in found.examples]}
                for kind, found in self.totals.items()
            },
            "features": [
                {
                    "feature": name,
                    "differing": found.rows,
                    "largest_difference": json_number(found.largest_difference),
                    "examples": [
                        {**_key(example), **{side: json_number(example[side]) for side in ("left", "right")}}
                        for example in found.examples
                    ],
                }
                for name, found in self.features.items()
            ],
            "notes": list(self.notes),
            "seconds": {name: round(seconds, 2) for name, seconds in self.seconds.items()},
        }

    def render(self, console: Console) -> None:
        """Shows the features that differ, and counts the others."""
        console.print(f"left     {self.left}", markup=False)
        console.print(f"right    {self.right}", markup=False)
        console.print(f"dates    {self.requested or 'all'}", markup=False)
        console.print(_rows_table(self.totals))
        differing = {name: found for name, found in self.features.items() if found.rows}
        if differing:
            console.print(_features_table(differing))
        same = len(self.features) - len(differing)
        console.print(f"{same} features do not differ by more than {self.tolerance:g}", markup=False)
        for note in self.notes:
            console.print(f"note     {note}", markup=False)
        console.print("the two sides differ" if self.differs else "no difference", markup=False)


_TITLES = {
    "left_rows": "rows of left",
    "right_rows": "rows of right",
    "common_rows": "keys in both",
    "left_duplicates": "keys more than once in left",
    "right_duplicates": "keys more than once in right",
    "only_left": "keys only in left",
    "only_right": "keys only in right",
    "placeholder": "placeholder in one, features in the other",
    "data_hash": "data_hash differs",
}


def _key(example: Mapping[str, Any]) -> dict[str, Any]:
    return {"player_lookup": example["player_lookup"], "game_date": example["game_date"]}


def _rows_table(totals: Mapping[str, Found]) -> FittedTable:
    table = FittedTable("rows")
    table.add_columns("what", room="folds")
    table.add_columns("number", right=True)
    table.add_columns("examples", room="folds")
    for kind, found in totals.items():
        table.add_row(_TITLES[kind], f"{found.rows:,}", "\n".join(map(_described, found.examples)))
    return table


def _features_table(features: Mapping[str, Found]) -> FittedTable:
    table = FittedTable("features that differ")
    table.add_columns("feature")
    table.add_columns("values", "largest\ndifference", right=True)
    table.add_columns("examples: left, right", room="folds")
    for name, found in features.items():
        examples = [f"{_described(example)}  {_values(example)}" for example in found.examples]
        table.add_row(name, f"{found.rows:,}", short_number(found.largest_difference), "\n".join(examples))
    return table


def _described(example: Mapping[str, Any]) -> str:
    return f"{example['player_lookup']} {example['game_date']}"


def _values(example: Mapping[str, Any]) -> str:
    return ", ".join("NULL" if example[side] is None else repr(example[side]) for side in ("left", "right"))
