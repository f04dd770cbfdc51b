"""What a training set holds and what it was made of: the manifest beside its files, and a table for a person."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from jobs.planning.plan import RequestedDates
from jobs.reports.fitted_table import FittedTable
from transforms.catalogue import FEATURES, Feature
from transforms.training_set import REASONS, Selection


@dataclass(frozen=True)
class Split:
    """One split as its files have it: rows, game dates, and a digest that is the same for the same rows."""

    name: str
    rows: int
    game_dates: int
    first: datetime.date | None
    last: datetime.date | None
    digest: str


@dataclass(frozen=True)
class LateRows:
    """Rows of a pre-computed table that were processed when a game of their date was over, by somebody else than us."""

    table: str
    rows: int


@dataclass(frozen=True)
class TrainingSet:
    """One export: what was asked for, what was read, what was written.

    `excluded` is how many rows each reason took from each split: (split, reason) to rows.
    """

    output: str
    label: str
    requested: RequestedDates
    selection: Selection
    source: str
    source_version: str
    run_ids: Sequence[str]
    splits: Sequence[Split]
    excluded: Mapping[tuple[str, str], int]
    late_rows: Sequence[LateRows]
    digest: str

    @property
    def rows(self) -> int:
        """The rows of all splits."""
        return sum(split.rows for split in self.splits)

    def as_json(self) -> dict[str, Any]:
        """The manifest: the same for the same question to the same tables."""
        asked = self.selection
        return {
            "job": "export_training_set",
            "status": "succeeded",
            "exit_code": 0,
            "output": self.output,
            "asked": {
                "start": str(self.requested.start),
                "end": str(self.requested.end),
                "label": self.label,
                "validation_start": _text(asked.validation_start),
                "test_start": _text(asked.test_start),
                "embargo_days": asked.embargo_days,
                "defaults": asked.defaults,
                "only_training_ready": asked.only_training_ready,
                "min_quality": asked.min_quality,
                "feature_version": asked.feature_version,
            },
            "source": {"table": self.source, "version": self.source_version, "run_ids": list(self.run_ids)},
            "features": [{"name": feature.name, "sources": _sources(feature)} for feature in FEATURES],
            "rows": self.rows,
            "digest": self.digest,
            "splits": [
                {
                    "name": split.name,
                    "rows": split.rows,
                    "game_dates": split.game_dates,
                    "first": _text(split.first),
                    "last": _text(split.last),
                    "digest": split.digest,
                    "excluded": self._excluded_from(split.name),
                }
                for split in self.splits
            ],
            "excluded": {reason: self._excluded_for(reason) for reason in REASONS if self._excluded_for(reason)},
            "late_pre_computed_rows": {late.table: late.rows for late in self.late_rows},
        }

    def render(self, console: Console) -> None:
        """The splits, what was left out of them and why, and where the files are."""
        table = FittedTable(f"training set {self.requested}, label {self.label}")
        table.add_columns("split")
        table.add_columns("rows", "game dates", right=True)
        table.add_columns("first", "last", room="spare")
        for split in self.splits:
            numbers = (f"{split.rows:,}", f"{split.game_dates:,}")
            table.add_row(split.name, *numbers, _text(split.first) or "", _text(split.last) or "")
        console.print(table)
        for reason, meaning in REASONS.items():
            if rows := self._excluded_for(reason):
                console.print(f"excluded {rows:,} rows: {meaning}", markup=False)
        for late in self.late_rows:
            if late.rows:
                console.print(
                    f"warning  {late.rows:,} rows of {late.table} were processed when a game of their date was over",
                    markup=False,
                )
        console.print(f"digest   {self.digest}", markup=False)
        console.print(f"{self.rows:,} rows in {self.output}; manifest.json says what they are", markup=False)

    def _excluded_from(self, split: str) -> dict[str, int]:
        return {reason: self.excluded[split, reason] for reason in REASONS if (split, reason) in self.excluded}

    def _excluded_for(self, reason: str) -> int:
        return sum(rows for (_, of), rows in self.excluded.items() if of == reason)


def _text(date: datetime.date | None) -> str | None:
    return None if date is None else str(date)


def _sources(feature: Feature) -> list[str]:
    """The kinds of source of a feature, in the order in which they are tried."""
    computed = None if feature.computed is None else feature.computed_kind
    default = None if feature.default is None else "default"
    return [kind for kind in ("phase4" if feature.phase4 else None, computed, default) if kind is not None]
