"""The write path of a run: stage all rows, verify them, merge slice by slice, account for every row.

Each step leaves the target as it was, but for the MERGE itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.runtime.configuration import Settings
from jobs.runtime.ledger import Ledger
from jobs.runtime.outcome import RunOutcome
from jobs.runtime.planning import Plan, PlannedDate, merge_slices
from jobs.runtime.staged import Staged, check_counts, check_faults, shares_by_source
from jobs.warehouse.interface import MergeCounts, Warehouse
from jobs.warehouse.schemas import Column, Table
from jobs.warehouse.statements import staged_dates_statement


@dataclass(frozen=True)
class Writing:
    """One run's writing of one table; `columns` are those of the contract that the target has."""

    warehouse: Warehouse
    table: Table
    columns: Sequence[Column]
    run_id: str
    features: int

    def notes(self) -> list[str]:
        """What a person should know of the target before it is written."""
        there = {column.name for column in self.columns}
        return [
            f"the target has no column {column.name}; the other columns are written"
            for column in self.table.columns
            if column.name not in there
        ]

    def planned_statements(self, plan: Plan, settings: Settings) -> list[str]:
        """The MERGE statements of a run, as far as its plan tells."""
        rows = {planned.game_date: planned.context_rows for planned in plan.by_action("write")}
        slices = merge_slices(rows, settings.merge_slice_rows)
        return [self._statement(game_dates) for game_dates in slices]

    @contextmanager
    def staging(self, *, keep: bool) -> Iterator[None]:
        """The life of the staging table; it is dropped at the end, also of a run that failed, unless kept."""
        try:
            yield
        finally:
            if not keep:
                self.warehouse.drop_staging(self.table, self.run_id)

    def stage(self, rows: DataFrame) -> None:
        """Creates a target that does not exist, and stages the rows that are to be written."""
        self.warehouse.create(self.table)
        # Spark's optimizer pushes a filter down to where its columns come from, and would compute every feature twice
        # for it, but never past a column that is not deterministic, as this one, of which the condition always holds.
        reason = F.when(F.spark_partition_id() >= 0, F.col("skip_reason")).alias("reason")
        kept = rows.select("*", reason).where(F.col("reason").isNull())
        self.warehouse.stage(self.table, self.columns, kept, self.run_id)

    def verify(self, planned: Sequence[PlannedDate]) -> Staged:
        """What is staged, by date. VerificationError when a row is not fit for the target."""
        statement = staged_dates_statement(
            self.warehouse.dialect,
            self.table,
            target=self.warehouse.sql_name(self.table),
            staging=self.warehouse.staging_name(self.table, self.run_id),
            columns=self.columns,
            game_dates=[date.game_date for date in planned],
            features=self.features,
        )
        staged = {row["game_date"]: row for row in self.warehouse.query(statement)}
        check_faults(staged, {date.game_date for date in planned})
        return staged

    def short_dates(self, staged: Staged, planned: Sequence[PlannedDate]) -> list[PlannedDate]:
        """The dates of which fewer rows are staged than have a key: some were left out."""
        return [date for date in planned if _rows(staged, date.game_date) < date.context_rows - date.unkeyed_rows]

    def check_counts(self, staged: Staged, outcome: RunOutcome) -> None:
        """VerificationError unless each date's staged and left out rows are those of the plan."""
        check_counts({date: _rows(staged, date) for date in outcome.to_write()}, outcome)

    def merge(self, staged: Staged, outcome: RunOutcome, ledger: Ledger, settings: Settings) -> None:
        """Merges the staged dates slice by slice; the ledger follows each slice."""
        rows = {game_date: _rows(staged, game_date) for game_date in outcome.to_write()}
        for number, game_dates in enumerate(merge_slices(rows, settings.merge_slice_rows), start=1):
            counts = self._write_slice(staged, game_dates, number, settings)
            outcome.merged_rows.update(inserted=counts.inserted, updated=counts.updated)
            for game_date in game_dates:
                _record(outcome, game_date, staged.get(game_date))
            ledger.write_dates([outcome.dates[game_date] for game_date in game_dates])

    def _write_slice(
        self, staged: Staged, game_dates: Sequence[datetime.date], number: int, settings: Settings
    ) -> MergeCounts:
        there = [date for date in game_dates if date in staged]
        changed = [date for date in there if staged[date]["inserted"] or staged[date]["updated"]]
        if settings.write_mode == "overwrite" and there:
            self.warehouse.overwrite(self.table, self.columns, there, self.run_id, number)
            return MergeCounts(*(sum(staged[date][name] for date in there) for name in ("inserted", "updated")))
        if not changed:
            return MergeCounts(inserted=0, updated=0)
        return self.warehouse.merge(self._statement(changed), self.run_id, number)

    def _statement(self, game_dates: Sequence[datetime.date]) -> str:
        return self.warehouse.merge_statement(self.table, self.columns, self.run_id, game_dates)


def _rows(staged: Staged, game_date: datetime.date) -> int:
    return int(staged[game_date]["staged"]) if game_date in staged else 0


def _record(outcome: RunOutcome, game_date: datetime.date, row: Mapping[str, Any] | None) -> None:
    date = outcome.dates[game_date]
    date.status = "written"
    if row is not None:
        date.inserted, date.updated, date.unchanged = row["inserted"], row["updated"], row["unchanged"]
        date.mean_quality = float(row["mean_quality"])
        date.shares = shares_by_source(row)
