"""The write path of a run: stage all rows, verify them, merge slice by slice.

Each step leaves the target as it was, but for the MERGE itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.backfill.row_warnings import found_warnings
from jobs.backfill.sources import rows_to_write
from jobs.backfill.verification import Staged, StagedDate, check_faults, rows_of, with_pruned
from jobs.config.settings import Settings
from jobs.planning.plan import Plan, PlannedDate, merge_slices
from jobs.planning.run_warnings import RunWarning
from jobs.schemas.tables import FOR_WARNINGS, PLAYER_GAME_SUMMARY, STAGED_ALONE, Column, Constant, Table
from jobs.warehouse.counting_statements import differing_rows_statement, staged_dates_statement
from jobs.warehouse.interface import MergeCounts, NewRows, Warehouse
from jobs.warehouse.statements import Played, prunable_statement
from transforms.feature_row import ADDED_DECISION, PLACEHOLDER_DECISION
from transforms.without_context import PLAYED


@dataclass(frozen=True)
class Writing:
    """One run's writing of one table; `columns` are those of the contract that the target has, constants among them.

    `features` is how many each row has, None for a table without.
    `prune_by` is the table whose keys may stay in the target; rows of other keys are deleted. None deletes nothing.
    """

    warehouse: Warehouse
    table: Table
    columns: Sequence[Column]
    run_id: str
    features: int | None = None
    prune_by: Table | None = None

    def notes(self, settings: Settings) -> list[str]:
        """What a person should know of the target before it is written."""
        notes = list(self.warehouse.target_notes(self.table))
        if settings.write_mode == "overwrite":
            notes.append(
                "overwrite replaces every row of the dates, unchanged ones too, with this run's created_at; columns "
                "that belong to other processes are kept"
            )
            own = [column.name for column in self.warehouse.actual_columns(self.table) or () if column.generated]
            notes += [f"overwrite gives new values to {name}, which the table generates itself" for name in own]
        return notes

    def planned_statements(self, plan: Plan, settings: Settings) -> list[str]:
        """The MERGE statements of a run, as far as its plan tells."""
        slices = merge_slices(plan.rows_to_write, settings.merge_slice_rows)
        return [self._statement(self.columns, game_dates) for game_dates in slices]

    def is_staged(self) -> bool:
        """Whether an earlier process of this run has staged its rows."""
        return self.warehouse.has_staging(self.table, self.run_id)

    def stage(self, rows: DataFrame, dates: Sequence[PlannedDate], settings: Settings) -> None:
        """Creates a target that does not exist, and stages the rows of these dates that are to be written."""
        self.warehouse.create(self.table)
        kept = rows_to_write(rows).withColumnsRenamed(STAGED_ALONE)
        for column in self._of_warnings():
            if column.name not in kept.columns:
                kept = kept.withColumn(column.name, F.array().cast(column.spark_type))
        slices = self._new_rows_by_slice(dates, settings)
        columns = self.columns if slices else self._varying
        self.warehouse.stage(self.table, [*columns, *self._of_warnings()], kept, self.run_id, slices)

    def _new_rows_by_slice(self, dates: Sequence[PlannedDate], settings: Settings) -> list[dict[datetime.date, int]]:
        """The rows that are planned of each date, by slice, where the target may take them as they are staged."""
        rows = {planned.game_date: planned.context_rows for planned in dates}
        columns = [*self.columns, *self._of_warnings()]
        if settings.write_mode == "overwrite" or not self.warehouse.takes_files(self.table, columns, list(rows)):
            return []
        slices = merge_slices(rows, settings.merge_slice_rows)
        return [{game_date: rows[game_date] for game_date in game_dates} for game_dates in slices]

    @property
    def _varying(self) -> list[Column]:
        """What is staged of the target's columns."""
        return [column for column in self.columns if not isinstance(column, Constant)]

    @cached_property
    def _written_columns(self) -> Sequence[Column]:
        """The target's columns, once rows are staged; what an earlier version has staged is no constant."""
        if len(self._varying) == len(self.columns):
            return self.columns
        staged = set(self.warehouse.staged_columns(self.table, self.run_id))
        return [
            Column(column.name, column.type, column.mode) if column.name in staged else column
            for column in self.columns
        ]

    def _of_warnings(self) -> list[Column]:
        """What is staged beside the target's columns, for the warnings."""
        there = {column.name for column in self.columns}
        return [] if self.features is None else [column for column in FOR_WARNINGS if column.name not in there]

    def warnings(self, game_dates: Sequence[datetime.date]) -> list[RunWarning]:
        """The warnings that the staged rows of these dates deserve; none for a table without features."""
        if self.features is None or not game_dates:
            return []
        staging = self.warehouse.staging_name(self.table, self.run_id)
        columns = {column.name for column in (*self.columns, *self._of_warnings())}
        return found_warnings(self.warehouse, self.table, staging, columns, (min(game_dates), max(game_dates)))

    def drop(self) -> None:
        """Removes the staging table."""
        self.warehouse.drop_staging(self.table, self.run_id)

    def verify(self, planned: Sequence[PlannedDate], others: Collection[datetime.date] = ()) -> Staged:
        """What is staged of the planned dates, by date. VerificationError when a row is not fit for the target.

        `others` are dates that may be staged too, and are not looked at.
        """
        game_dates = [date.game_date for date in planned]
        target = self.warehouse.sql_name(self.table)
        found = self.warehouse.ask(
            lambda dialect: staged_dates_statement(
                dialect,
                self.table,
                target=target,
                staging=self.warehouse.staging_name(self.table, self.run_id),
                columns=self._varying,
                game_dates=game_dates,
                features=self.features,
            )
        )
        rows = {row["game_date"]: row for row in found if row["game_date"] not in others}
        check_faults(rows, set(game_dates))
        staged = {game_date: StagedDate.of_row(row) for game_date, row in rows.items()}
        if twice := [game_date for game_date, row in rows.items() if row["held_twice"]]:
            staged |= self._updated_twice(staged, twice)
        if self.prune_by is None:
            return staged
        keys = (self.warehouse.sql_name(self.prune_by), self.prune_by.key)
        pruned = self.warehouse.ask(
            lambda dialect: prunable_statement(
                dialect,
                self.table,
                target=target,
                keys=keys,
                game_dates=game_dates,
                played=self._played(),
            )
        )
        return with_pruned(staged, {row["game_date"]: row["pruned"] for row in pruned})

    def _updated_twice(self, staged: Staged, game_dates: Sequence[datetime.date]) -> Staged:
        """The dates of which the target holds a key more than once."""
        differing = self.warehouse.ask(
            lambda dialect: differing_rows_statement(
                dialect,
                self.table,
                target=self.warehouse.sql_name(self.table),
                staging=self.warehouse.staging_name(self.table, self.run_id),
                game_dates=game_dates,
            )
        )
        dates = {row["game_date"]: (staged[row["game_date"]], row["differing"]) for row in differing}
        return {date: replace(found, updated_twice=rows - found.updated) for date, (found, rows) in dates.items()}

    def short_dates(self, staged: Staged, planned: Sequence[PlannedDate]) -> list[PlannedDate]:
        """The dates of which fewer rows are staged than have a key: some were skipped."""
        return [date for date in planned if rows_of(staged, date.game_date) < date.context_rows - date.unkeyed_rows]

    def merge_slice(
        self, staged: Staged, game_dates: Sequence[datetime.date], number: int, settings: Settings
    ) -> MergeCounts:
        """Writes the staged rows of some dates in one transaction; gives what the warehouse counted, by key."""
        there = {date: staged[date] for date in game_dates if date in staged}
        changed = [date for date, found in there.items() if found.is_changed]
        expected = expected_counts(there, game_dates)
        if settings.write_mode == "overwrite" and there:
            self.warehouse.overwrite(self.table, self._written_columns, list(there), self.run_id, number)
            return expected
        if not changed:
            return MergeCounts(inserted=0, updated=0)
        # Nobody else may write these dates while the run holds them, so what was counted by `verify` is still so.
        inserts_only = not any(there[date].updated or there[date].pruned for date in changed)
        statement = self._statement(self._written_columns, changed, inserts_only=inserts_only)
        if (attempt := max(there[date].attempt for date in changed)) > 1:
            # A statement that was executed is not executed again: this one is another.
            statement += f"\n-- attempt {attempt}"
        is_new = inserts_only and all(there[date].inserted == there[date].staged for date in changed)
        new = NewRows(changed, sum(there[date].inserted for date in changed)) if is_new else None
        counts = self.warehouse.merge(self.table, statement, self.run_id, number, new)
        # The warehouse counts rows, the run keys: one that the target holds twice is updated twice.
        twice = sum(there[date].updated_twice for date in changed)
        return replace(counts, updated=counts.updated - twice)

    def _played(self) -> Played:
        """The rows that stay without a context row: those added for players whose game is still there."""
        games = PLAYER_GAME_SUMMARY
        decisions = (ADDED_DECISION, PLACEHOLDER_DECISION)
        return Played(games, self.warehouse.sql_name(games), PLAYED, decisions)

    def _statement(
        self, columns: Sequence[Column], game_dates: Sequence[datetime.date], *, inserts_only: bool = False
    ) -> str:
        return self.warehouse.merge_statement(
            self.table,
            columns,
            self.run_id,
            game_dates,
            None if inserts_only else self.prune_by,
            played=self._played(),
            inserts_only=inserts_only,
        )


def with_constants(columns: Sequence[Column], values: Mapping[str, Any]) -> list[Column]:
    """These columns, those with one value in all rows as constants."""
    return [
        Constant(column.name, column.type, column.mode, values[column.name]) if column.name in values else column
        for column in columns
    ]


def expected_counts(staged: Staged, game_dates: Sequence[datetime.date]) -> MergeCounts:
    """What the MERGE of some dates will do, as they were verified."""
    there = [staged[date] for date in game_dates if date in staged]
    return MergeCounts(
        inserted=sum(found.inserted for found in there),
        updated=sum(found.updated for found in there),
        deleted=sum(found.pruned for found in there),
    )
