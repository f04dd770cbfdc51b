"""The write path of a run: stage all rows, verify them, merge slice by slice, account for every row.

Each step leaves the target as it was, but for the MERGE itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.backfill.progress import Progress
from jobs.backfill.verification import Staged, check_counts, check_faults, shares_by_source, with_pruned
from jobs.config.settings import Settings
from jobs.ledger.ledger import Ledger
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import Plan, PlannedDate, merge_slices
from jobs.schemas.tables import Column, Table
from jobs.warehouse.interface import MergeCounts, Warehouse
from jobs.warehouse.statements import differing_rows_statement, prunable_statement, staged_dates_statement


@dataclass(frozen=True)
class Writing:
    """One run's writing of one table; `columns` are those of the contract that the target has.

    `features` is how many each row has, None for a table without.
    `prune_by` is the table whose keys may stay in the target; rows of other keys are deleted. None deletes nothing.
    """

    warehouse: Warehouse
    table: Table
    columns: Sequence[Column]
    run_id: str
    features: int | None = None
    prune_by: Table | None = None

    def notes(self) -> list[str]:
        """What a person should know of the target before it is written."""
        return self.warehouse.target_notes(self.table)

    def planned_statements(self, plan: Plan, settings: Settings) -> list[str]:
        """The MERGE statements of a run, as far as its plan tells."""
        rows = {planned.game_date: planned.context_rows for planned in plan.by_action("write")}
        slices = merge_slices(rows, settings.merge_slice_rows)
        return [self._statement(game_dates) for game_dates in slices]

    def is_staged(self) -> bool:
        """Whether an earlier process of this run has staged its rows."""
        return self.warehouse.has_staging(self.table, self.run_id)

    def stage(self, rows: DataFrame) -> None:
        """Creates a target that does not exist, and stages the rows that are to be written."""
        self.warehouse.create(self.table)
        # Spark's optimizer pushes a filter down to where its columns come from, and would compute every feature twice
        # for it, but never past a column that is not deterministic, as this one, of which the condition always holds.
        reason = F.when(F.spark_partition_id() >= 0, F.col("skip_reason")).alias("reason")
        kept = rows.select("*", reason).where(F.col("reason").isNull())
        self.warehouse.stage(self.table, self.columns, kept, self.run_id)

    def drop(self) -> None:
        """Removes the staging table."""
        self.warehouse.drop_staging(self.table, self.run_id)

    def verify(self, planned: Sequence[PlannedDate]) -> Staged:
        """What is staged, by date. VerificationError when a row is not fit for the target."""
        game_dates = [date.game_date for date in planned]
        target = self.warehouse.sql_name(self.table)
        statement = staged_dates_statement(
            self.warehouse.dialect,
            self.table,
            target=target,
            staging=self.warehouse.staging_name(self.table, self.run_id),
            columns=self.columns,
            game_dates=game_dates,
            features=self.features,
        )
        staged = {row["game_date"]: row for row in self.warehouse.query(statement)}
        check_faults(staged, set(game_dates))
        if twice := [date for date, row in staged.items() if row["held_twice"]]:
            differing = self.warehouse.query(
                differing_rows_statement(
                    self.warehouse.dialect,
                    self.table,
                    target=target,
                    staging=self.warehouse.staging_name(self.table, self.run_id),
                    game_dates=twice,
                )
            )
            for row in differing:
                counts = staged[row["game_date"]]
                counts["updated_twice"] = row["differing"] - counts["updated"]
        if self.prune_by is None:
            return staged
        keys = (self.warehouse.sql_name(self.prune_by), self.prune_by.key)
        pruned = self.warehouse.query(
            prunable_statement(self.warehouse.dialect, self.table, target=target, keys=keys, game_dates=game_dates)
        )
        return with_pruned(staged, {row["game_date"]: row["pruned"] for row in pruned})

    def short_dates(self, staged: Staged, planned: Sequence[PlannedDate]) -> list[PlannedDate]:
        """The dates of which fewer rows are staged than have a key: some were left out."""
        return [date for date in planned if _rows(staged, date.game_date) < date.context_rows - date.unkeyed_rows]

    def check_counts(self, staged: Staged, planned: Sequence[PlannedDate], outcome: RunOutcome) -> None:
        """VerificationError unless each date's staged and left out rows are those of the plan."""
        check_counts({date.game_date: _rows(staged, date.game_date) for date in planned}, outcome)

    def merge(
        self,
        staged: Staged,
        outcome: RunOutcome,
        ledger: Ledger,
        settings: Settings,
        progress: Progress,
        written: Collection[datetime.date] = (),
    ) -> None:
        """Merges the staged dates slice by slice; the ledger follows each slice.

        `written` are dates that an earlier process of the run has merged: they are accounted for, and left alone.
        """
        rows = {game_date: _rows(staged, game_date) for game_date in outcome.to_write()}
        slices = merge_slices(rows, settings.merge_slice_rows)
        for number, game_dates in enumerate(slices, start=1):
            for game_date in game_dates:
                _record(outcome, game_date, staged.get(game_date))
            earlier = [game_date for game_date in game_dates if game_date in written]
            outcome.merged_rows.update(_sums(staged, earlier))
            progress.stop_if_asked()
            if left := [game_date for game_date in game_dates if game_date not in written]:
                ledger.enter_slice(number, len(slices))
                counts = self._write_slice(staged, left, number, settings)
                # The warehouse counts rows, the run keys: one that the target holds twice is updated twice.
                twice = sum(int(staged[date].get("updated_twice", 0)) for date in left if date in staged)
                outcome.merged_rows.update(
                    inserted=counts.inserted, updated=counts.updated - twice, pruned=counts.deleted
                )
                ledger.write_dates([outcome.dates[game_date] for game_date in left])

    def _write_slice(
        self, staged: Staged, game_dates: Sequence[datetime.date], number: int, settings: Settings
    ) -> MergeCounts:
        there = [date for date in game_dates if date in staged]
        changed = [date for date in there if any(staged[date].get(name) for name in ("inserted", "updated", "pruned"))]
        if settings.write_mode == "overwrite" and there:
            self.warehouse.overwrite(self.table, self.columns, there, self.run_id, number)
            sums = _sums(staged, there)
            twice = sum(int(staged[date].get("updated_twice", 0)) for date in there)
            return MergeCounts(sums["inserted"], sums["updated"] + twice, sums["pruned"])
        if not changed:
            return MergeCounts(inserted=0, updated=0)
        # Nobody else may write these dates while the run holds them, so what was counted by `verify` is still so.
        inserts_only = not any(staged[date].get(name) for date in changed for name in ("updated", "pruned"))
        statement = self._statement(changed, inserts_only=inserts_only)
        return self.warehouse.merge(self.table, statement, self.run_id, number)

    def _statement(self, game_dates: Sequence[datetime.date], *, inserts_only: bool = False) -> str:
        return self.warehouse.merge_statement(
            self.table,
            self.columns,
            self.run_id,
            game_dates,
            None if inserts_only else self.prune_by,
            inserts_only=inserts_only,
        )


def _rows(staged: Staged, game_date: datetime.date) -> int:
    return int(staged[game_date]["staged"]) if game_date in staged else 0


def _sums(staged: Staged, game_dates: Sequence[datetime.date]) -> dict[str, int]:
    there = [staged[game_date] for game_date in game_dates if game_date in staged]
    return {name: sum(int(row.get(name, 0)) for row in there) for name in ("inserted", "updated", "pruned")}


def _record(outcome: RunOutcome, game_date: datetime.date, row: Mapping[str, Any] | None) -> None:
    date = outcome.dates[game_date]
    date.status = "written"
    if row is not None:
        date.inserted, date.updated, date.unchanged = row["inserted"], row["updated"], row["unchanged"]
        date.pruned = row.get("pruned", 0)
    if row is not None and row["staged"]:
        date.mean_quality = None if row.get("mean_quality") is None else float(row["mean_quality"])
        date.shares = shares_by_source(row)
