"""The report of an import: how many rows each table has now. Shows what was done; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from jobs.reports.fitted_table import FittedTable


@dataclass(frozen=True)
class Imported:
    """The warehouse that was written, and its rows by table name."""

    warehouse: str
    rows: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Counts rows by table name."""
        return {
            "job": "import_tables",
            "status": "succeeded",
            "exit_code": 0,
            "warehouse": self.warehouse,
            "rows_by_table": dict(self.rows),
        }

    def render(self, console: Console) -> None:
        """Prints one line per table."""
        table = FittedTable(f"imported into {self.warehouse}")
        table.add_columns("table")
        table.add_columns("rows", right=True)
        for name, rows in self.rows.items():
            table.add_row(name, f"{rows:,}")
        console.print(table)
