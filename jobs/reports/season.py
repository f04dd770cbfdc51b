"""A season on one page: what was there, what was written, how good it is, what drifts, and what to do next.

The facts as dataclasses and as JSON; the page itself is drawn in `page`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.console import Console

from jobs.planning.distances import Distance
from jobs.planning.plan import RequestedDates
from jobs.reports.results import Held

CellState = Literal["present", "thin", "missing", "not_needed"]


@dataclass(frozen=True)
class ToDo:
    """Something to do: why, and the command that does it (none where a person has to look)."""

    reason: str
    command: str | None = None


@dataclass(frozen=True)
class CoverageCell:
    """What one source table holds of one game date: `share` of the rows that should be there, None if unknown."""

    game_date: datetime.date
    state: CellState
    share: float | None


@dataclass(frozen=True)
class ConstantColumn:
    """A column of a source table that has one value in all of its `rows` on these dates."""

    table: str
    column: str
    value: int | bool
    rows: int

    @property
    def told(self) -> str:
        """The column and its value."""
        return f"{self.column} {str(self.value).lower()}"


@dataclass(frozen=True)
class WrittenDate:
    """What the feature store holds of one date."""

    game_date: datetime.date
    rows: int
    mean_quality: float | None
    training_ready: float | None
    tiers: Mapping[str, int]
    sources: Mapping[str, int]


@dataclass(frozen=True)
class FeatureWeek:
    """One feature in one week: percentiles of its values, and the share of them that each source gave."""

    week: datetime.date
    number: int
    low: float
    median: float
    high: float
    shares: Mapping[str, float]


@dataclass(frozen=True)
class FeatureStory:
    """One feature over the range: its weeks, the distance to the baseline, and whether it never changes.

    `distance` is that to the baseline where one was given, else that of the month furthest from the others. `drifts`
    says whether it is worth a warning: one that follows the calendar is not.
    """

    name: str
    meaning: str
    weeks: Sequence[FeatureWeek]
    distance: Distance | None = None
    constant: bool = False
    drifts: bool = False

    @property
    def stands_out(self) -> bool:
        """Whether a person should look at it first."""
        return self.constant or self.drifts

    @property
    def why(self) -> str:
        """What stands out."""
        if self.constant:
            return "one value in every row"
        assert self.distance is not None
        where = f" in {self.distance.month}" if self.distance.month else " from the baseline"
        return f"drifts{where}: index {self.distance.index:.2f}"


@dataclass(frozen=True)
class RunBar:
    """One run that wrote some of the dates: when it began, the seconds of each phase, rows by outcome."""

    run_id: str
    job: str
    table: str
    status: str
    started_at: datetime.datetime
    seconds: Mapping[str, float]
    rows: Mapping[str, int]
    dates: int


@dataclass(frozen=True)
class LeftOut:
    """Rows that were not written, of one reason and date, with some of the players."""

    reason: str
    game_date: datetime.date
    rows: int
    examples: Sequence[str]


@dataclass(frozen=True)
class SeasonReport:
    """All that the page shows; `early` are the dates of the early season, `total` is what the store holds of all dates.

    `constant` are columns of source tables that have one value in all rows.
    """

    target: str
    requested: RequestedDates
    baseline: RequestedDates | None
    todo: Sequence[ToDo]
    game_dates: Sequence[datetime.date]
    early: Sequence[datetime.date]
    coverage: Mapping[str, Sequence[CoverageCell]]
    written: Sequence[WrittenDate]
    total: Held | None
    features: Sequence[FeatureStory]
    runs: Sequence[RunBar]
    left_out: Sequence[LeftOut]
    constant: Sequence[ConstantColumn] = ()
    notes: Sequence[str] = ()
    output: str | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of the feature store on these dates."""
        return 0 if self.total is None else self.total.rows

    @property
    def mean_quality(self) -> float | None:
        """The mean score of all rows that have one."""
        return None if self.total is None else self.total.mean_quality

    @property
    def training_ready(self) -> float | None:
        """The share of all rows that is fit for training; None where the store does not say."""
        return None if self.total is None else self.total.training_ready

    def as_json(self) -> dict[str, Any]:
        """The same facts for programs."""
        return {
            "job": "report",
            "status": "succeeded",
            "exit_code": 0,
            "target": self.target,
            "requested": str(self.requested),
            "baseline": None if self.baseline is None else str(self.baseline),
            "output": self.output,
            "rows": self.rows,
            "mean_quality": _rounded(self.mean_quality, 2),
            "training_ready": _rounded(self.training_ready),
            "todo": [{"reason": item.reason, "command": item.command} for item in self.todo],
            "coverage": {
                table: [
                    {"game_date": str(cell.game_date), "state": cell.state, "share": _rounded(cell.share)}
                    for cell in cells
                ]
                for table, cells in self.coverage.items()
            },
            "constant_columns": [
                {"table": column.table, "column": column.column, "value": column.value, "rows": column.rows}
                for column in self.constant
            ],
            "written": [
                {
                    "game_date": str(date.game_date),
                    "rows": date.rows,
                    "mean_quality": _rounded(date.mean_quality, 2),
                    "training_ready": _rounded(date.training_ready),
                    "rows_by_tier": dict(date.tiers),
                    "rows_by_data_source": dict(date.sources),
                }
                for date in self.written
            ],
            "features": [
                {
                    "feature": story.name,
                    "distance": None if story.distance is None else _rounded(story.distance.index),
                    "distance_month": None if story.distance is None else story.distance.month,
                    "constant": story.constant,
                    "drifts": story.drifts,
                    "weeks": [
                        {
                            "week": str(week.week),
                            "values": week.number,
                            "low": week.low,
                            "median": week.median,
                            "high": week.high,
                            "shares": {kind: _rounded(share) for kind, share in week.shares.items()},
                        }
                        for week in story.weeks
                    ],
                }
                for story in self.features
            ],
            "runs": [
                {
                    "run_id": run.run_id,
                    "job": run.job,
                    "table": run.table,
                    "status": run.status,
                    "started_at": run.started_at.isoformat(),
                    "dates": run.dates,
                    "rows": dict(run.rows),
                    "seconds": {phase: round(spent, 2) for phase, spent in run.seconds.items()},
                }
                for run in self.runs
            ],
            "not_written": [
                {
                    "reason": item.reason,
                    "game_date": str(item.game_date),
                    "rows": item.rows,
                    "examples": list(item.examples),
                }
                for item in self.left_out
            ],
            "notes": list(self.notes),
            "seconds": {phase: round(spent, 2) for phase, spent in self.seconds.items()},
        }

    def render(self, console: Console) -> None:
        """The first lines of the page for a terminal, and where the page is."""
        quality = "" if self.mean_quality is None else f", mean quality {self.mean_quality:.2f}"
        console.print(
            f"{self.rows:,} rows on {len(self.written)} of {len(self.game_dates)} game dates{quality}", markup=False
        )
        for item in self.todo:
            console.print(f"to do    {item.reason}", markup=False)
            if item.command:
                console.print(f"  {item.command}", markup=False)
        for story in self.features:
            if story.stands_out:
                console.print(f"feature  {story.name}: {story.why}", markup=False)
        if self.output is not None:
            console.print(f"report   {self.output}", markup=False)


def _rounded(value: float | None, decimals: int = 4) -> float | None:
    return None if value is None else round(value, decimals)
