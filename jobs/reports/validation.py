"""The report of a validation: the table of checks and the drift for a person, or one JSON object.

Shows what was found; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from jobs.errors import ExitCode
from jobs.planning.distances import Distance
from jobs.planning.plan import RequestedDates
from jobs.planning.run_warnings import RunWarning
from jobs.reports.fitted_table import FittedTable
from jobs.reports.numbers import json_number, short_number
from transforms.validation import Check


@dataclass(frozen=True)
class CheckResult:
    """One check: how many rows (or dates) fail it, and some of them: `game_date`, `player_lookup`, `detail`."""

    check: Check
    failing: int
    examples: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Validation:
    """What was found: every check, and one row per (month, feature) of `drift`, in the catalogue's order.

    `distances` are those of the features from the `baseline`; none without one.
    """

    target: str
    requested: RequestedDates
    rows: int
    game_dates: int
    checks: Sequence[CheckResult]
    drift: Sequence[Mapping[str, Any]]
    notes: Sequence[str] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    warnings: Sequence[RunWarning] = ()
    strict: bool = False
    baseline: RequestedDates | None = None
    distances: Sequence[Distance] = ()

    @property
    def failed(self) -> list[CheckResult]:
        """The checks that fail."""
        return [result for result in self.checks if result.failing]

    @property
    def jumps(self) -> list[Mapping[str, Any]]:
        """The rows of `drift` whose share of defaults jumps."""
        return [row for row in self.drift if row["jumps"]]

    @property
    def exit_code(self) -> ExitCode:
        """PARTIAL when a check fails, and for a warning if those count too."""
        return ExitCode.PARTIAL if self.failed or (self.strict and self.warned) else ExitCode.DONE

    @property
    def warned(self) -> int:
        """How many warnings there are, jumps from month to month included."""
        return len(self.warnings) + len(self.jumps)

    def as_json(self) -> dict[str, Any]:
        """Lists every check, and the features whose defaults jump as warnings."""
        return {
            "job": "validate",
            "status": "failed" if self.exit_code else "succeeded",
            "exit_code": int(self.exit_code),
            "target": self.target,
            "requested": str(self.requested),
            "rows": self.rows,
            "game_dates": self.game_dates,
            "checks": [
                {
                    "check": result.check.name,
                    "meaning": result.check.meaning,
                    "unit": result.check.unit,
                    "failing": result.failing,
                    "examples": list(result.examples),
                }
                for result in self.checks
            ],
            "drift": [
                {
                    "feature": row["feature"],
                    "month": row["month"],
                    "values": row["number"],
                    **{name: json_number(row[name]) for name in (*_SHARES, *_NUMBERS)},
                }
                for row in self.drift
            ],
            "warnings": [
                *(
                    {name: row[name] for name in ("feature", "month", "share_default", "share_default_before")}
                    for row in self.jumps
                ),
                *(warning.as_json() for warning in self.warnings),
            ],
            "baseline": None if self.baseline is None else str(self.baseline),
            "distances": {far.feature: round(far.index, 4) for far in self.distances},
            "notes": list(self.notes),
            "seconds": {name: round(seconds, 2) for name, seconds in self.seconds.items()},
        }

    def render(self, console: Console) -> None:
        """Shows one table of features per month."""
        console.print(_checks_table(self))
        for month in sorted({row["month"] for row in self.drift}):
            console.print(_drift_table(self, month))
        for row in self.jumps:
            before, share = row["share_default_before"], row["share_default"]
            console.print(
                f"warning  {row['feature']}: {share:.1%} of its values in {row['month']} are defaults, "
                f"{before:.1%} in the month before",
                markup=False,
            )
        for warning in self.warnings:
            console.print(f"warning  {warning.text}", markup=False)
        for note in self.notes:
            console.print(f"note     {note}", markup=False)
        failed = len(self.failed)
        verdict = f"{failed} of {len(self.checks)} checks fail" if failed else "every check holds"
        verdict += f", {self.warned} warnings" if self.warned else ""
        console.print(f"{self.rows:,} rows of {self.game_dates} game dates: {verdict}", markup=False)


_NUMBERS = ("mean", "standard_deviation", "lowest", "highest")
_SHARES = ("share_phase4", "share_phase3", "share_calculated", "share_default")


def _checks_table(validation: Validation) -> FittedTable:
    table = FittedTable(f"validate {validation.target}, {validation.requested}")
    table.add_columns("check")
    table.add_columns("what it means", room="folds")
    table.add_columns("failing", right=True)
    table.add_columns("examples", room="folds")
    for result in validation.checks:
        failing = f"{result.failing:,} {result.check.unit}" if result.failing else "0"
        table.add_row(result.check.name, result.check.meaning, failing, "\n".join(map(_example, result.examples)))
    return table


def _example(example: Mapping[str, Any]) -> str:
    parts = [example["player_lookup"], example["game_date"], example["detail"]]
    return " ".join(str(part) for part in parts if part is not None)


def _drift_table(validation: Validation, month: str) -> FittedTable:
    table = FittedTable(f"features in {month}")
    table.add_columns("feature")
    table.add_columns("values", right=True)
    with_shares = any(row["share_default"] is not None for row in validation.drift)
    shares = _SHARES if with_shares else ()
    table.add_columns(*[name.removeprefix("share_") for name in shares], room="spare", right=True)
    table.add_columns(*[_HEADINGS.get(name, name) for name in _NUMBERS], room="spare", right=True)
    for row in validation.drift:
        if row["month"] == month:
            percent = ["" if row[name] is None else f"{100 * row[name]:.1f}%" for name in shares]
            numbers = [short_number(row[name]) for name in _NUMBERS]
            table.add_row(row["feature"], f"{row['number']:,}", *percent, *numbers)
    return table


_HEADINGS = {"standard_deviation": "deviation", "lowest": "minimum", "highest": "maximum"}
