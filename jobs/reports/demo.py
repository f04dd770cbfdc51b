"""The report of the demo: the summary of its run, some of the rows, and what to try next.

Shows what was done; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from jobs.demo_league.sample_rows import SHOWN
from jobs.reports.fitted_table import FittedTable
from jobs.reports.summary import Summary


@dataclass(frozen=True)
class Demo:
    """The demo's run; `league` is `played` or `reused`, `sample` some rows, `page` the file of its report."""

    summary: Summary
    league: str
    sample: Sequence[Mapping[str, Any]]
    warehouse: Path
    page: Path

    def as_json(self) -> dict[str, Any]:
        """Adds the rows and the report's file to the summary of the run."""
        added = {"job": "demo", "league": self.league, "sample": list(self.sample), "report": str(self.page)}
        return {**self.summary.as_json(), **added}

    def render(self, console: Console) -> None:
        """Ends with commands that work on the demo's warehouse, and with the report's file."""
        self.summary.render(console)
        console.print(_rows_table(self.sample))
        for line in _next_steps(self.warehouse):
            console.print(line, markup=False)
        console.print(f"report   {self.page}: the month on one page, to open in a browser", markup=False)


def _rows_table(rows: Sequence[Mapping[str, Any]]) -> FittedTable:
    """The rows as a table; a placeholder shows no features."""
    table = FittedTable("some rows of nba_predictions.ml_feature_store_v2")
    table.add_columns("game_date", "player_lookup", "quality", "data_source")
    for name in SHOWN:
        table.add_columns(_two_lines(name.replace("_", " ")), room="spare", right=True)
    for row in rows:
        values = ["" if row[name] is None else f"{row[name]:.2f}" for name in SHOWN]
        quality = f"{row['feature_quality_score']:.2f}"
        table.add_row(str(row["game_date"]), row["player_lookup"], quality, row["data_source"], *values)
    return table


def _two_lines(words: str) -> str:
    """A long heading, broken near its middle."""
    middle = words.find(" ", len(words) // 2)
    return words if middle < 0 else f"{words[:middle]}\n{words[middle + 1 :]}"


def _next_steps(warehouse: Path) -> list[str]:
    back_fill = f"./spark-submit.sh local backfill_features --warehouse-path {warehouse}"
    return [
        "Try next:",
        "  ./spark-submit.sh local demo        the same again: every row is unchanged, nothing is written",
        f"  {back_fill} --start 2021-12-01 --end 2021-12-05",
        "                                      the days after, of which every table is there",
        f"  {back_fill} --start 2021-11-01 --end 2021-11-30 --on-missing fail --dry-run",
        "                                      which dates lack which tables; nothing is written",
    ]
