"""What a job asks of a warehouse, whichever it is; one class of it for each warehouse.

A staging table belongs to one run and is named after it.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import pyspark
from pyspark.sql import DataFrame, SparkSession

from jobs.errors import ContractError
from jobs.schemas.tables import Column, Table
from jobs.warehouse import contract, statements
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.dialect import DateRange, Dialect, Question

BYTES_PER_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class MergeCounts:
    """What one MERGE did, by the warehouse's own count of rows."""

    inserted: int
    updated: int
    deleted: int = 0


@dataclass(frozen=True)
class NewRows:
    """Staged rows of dates of which the target holds none: how many they are. A MERGE does nothing but insert them."""

    game_dates: Sequence[datetime.date]
    rows: int


class Warehouse(ABC):
    """Tables that are checked, read, created, staged and merged.

    `places` gives the name of tables that are not at their usual place, by the name that we have for them; `product` is
    what a person calls this kind of warehouse.
    """

    product: str
    dialect: Dialect
    counts_by_statement: bool
    """Whether the sources of a plan are counted by statements; else by the rows that Spark reads of them."""

    def __init__(self, spark: SparkSession | Callable[[], SparkSession], places: Mapping[str, str]) -> None:
        self._session = spark
        self._places = places

    @property
    def spark(self) -> SparkSession:
        """The session; started by the first who needs it, where the warehouse was given a way to start it."""
        if not isinstance(self._session, SparkSession):
            self._session = self._session()
        return self._session

    @property
    def engine(self) -> str:
        """What computes and what keeps the rows, for the ledger."""
        return f"Spark {pyspark.__version__}, {self.product}"

    @abstractmethod
    def display_name(self, table: Table) -> str:
        """Where a table is, in words that its owner knows it by."""

    @abstractmethod
    def identity(self, table: Table) -> str:
        """What a table is called in the ledger: the same from wherever the warehouse is opened."""

    @abstractmethod
    def sql_name(self, table: Table) -> str:
        """A table's name in a statement."""

    @abstractmethod
    def staging_name(self, table: Table, run_id: str) -> str:
        """The staging table of a run in a statement."""

    @abstractmethod
    def actual_columns(self, table: Table) -> list[FoundColumn] | None:
        """The columns of a table; None where there is no table. ContractError where something else is in its place."""

    @abstractmethod
    def read(
        self, table: Table, between: DateRange | None = None, columns: Sequence[Column] | None = None
    ) -> DataFrame:
        """The contract's columns of a table, in their order and types, of the dates in `between` (both included).

        Rows without a date are read too. `columns` are some of the contract's: those of `checked_target`, where a table
        may lack optional ones, or the few that are needed.
        """

    @abstractmethod
    def is_empty(self, table: Table) -> bool:
        """Whether a table that exists holds no row."""

    @abstractmethod
    def create(self, table: Table) -> None:
        """Creates a table with all columns of its contract, if it does not exist."""

    def takes_files(self, table: Table, columns: Sequence[Column], game_dates: Sequence[datetime.date]) -> bool:
        """Whether the files of staged rows with these columns may become files of a table that holds none of the dates.

        They are to be staged with their constants then.
        """
        return False

    @abstractmethod
    def stage(
        self,
        table: Table,
        columns: Sequence[Column],
        rows: DataFrame,
        run_id: str,
        slices: Sequence[Mapping[datetime.date, int]] = (),
    ) -> None:
        """Writes rows to the staging table of a run, in one commit.

        With `slices`, of what `takes_files`: they lie as in the table itself; how many of each date, about, by slice.
        """

    @abstractmethod
    def has_staging(self, table: Table, run_id: str) -> bool:
        """Whether the staging table of a run is there with its rows: they come in one commit, all or none."""

    @abstractmethod
    def current_version(self, table: Table) -> str:
        """The present state of a table, as `stage_version` finds it again later."""

    @abstractmethod
    def stage_version(self, table: Table, state: str, game_dates: Sequence[datetime.date], run_id: str) -> None:
        """Writes what a table held of some dates in an earlier state to the staging table of a run, all columns."""

    @abstractmethod
    def staged_columns(self, table: Table, run_id: str) -> list[str]:
        """The names of the columns of a run's staging table."""

    @abstractmethod
    def drop_staging(self, table: Table, run_id: str) -> None:
        """Removes the staging table of a run, if it is there."""

    @abstractmethod
    def query(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a SELECT, few enough for the driver."""

    def ask(self, question: Question) -> list[dict[str, Any]]:
        """As `query`, of a SELECT that counts: whichever engine of the warehouse is quickest answers it."""
        return self.query(question(self.dialect))

    @abstractmethod
    def merge(
        self, table: Table, statement: str, run_id: str, slice_number: int, new: NewRows | None = None
    ) -> MergeCounts:
        """Executes one MERGE of a run's staging table, once; gives the warehouse's own counts.

        The same slice of the same staged rows is not executed again: the counts are then those of the first time. With
        `new` it inserts these rows and does nothing else, which a warehouse may do otherwise.
        """

    @abstractmethod
    def overwrite(
        self,
        table: Table,
        columns: Sequence[Column],
        game_dates: Sequence[datetime.date],
        run_id: str,
        slice_number: int,
    ) -> None:
        """Replaces the rows of some dates by the staged ones, in one transaction, once, as `merge` does.

        Columns that are not ours, and the circuit breaker's, keep what the target holds of the same key.
        """

    @abstractmethod
    def append(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Appends rows to a table of the ledger, creating it if needed."""

    @abstractmethod
    def append_exclusively(self, table: Table, decide: Callable[[list[dict[str, Any]]], Mapping[str, Any]]) -> None:
        """Appends the row that `decide` makes of a ledger table's rows, in one step: nobody else does in between.

        That row is of the phase `schemas.CLAIM`, which `append` never gets. `decide` may be asked again, with newer
        rows; what it raises ends the step, and nothing is appended.
        """

    @abstractmethod
    def rows(self, table: Table, run_id: str | None = None) -> list[dict[str, Any]]:
        """The rows of a ledger table, of one run or of all, times in UTC; none where there is no table.

        Needs no Spark where the warehouse can do without.
        """

    @abstractmethod
    def source_megabytes(self) -> float:
        """The size of what it holds for a run to read, by which the engine is chosen; needs no Spark."""

    def follow_partitions(self, spark: SparkSession) -> None:
        """Called when Spark's number of shuffle partitions is another one, for what is cut by the same measure."""
        return

    def naming_files(self) -> AbstractContextManager[None]:
        """For what reads tables: an error that is about one of their files says which."""
        return nullcontext()

    def estimated_bytes(self, reads: Mapping[Table, DateRange | None]) -> dict[str, int]:
        """The bytes that reading these tables will bill, by table name; empty where reading is free."""
        return {}

    def check_cost(self, reads: Mapping[Table, DateRange | None]) -> None:
        """ConfigurationError when these reads would cost more than the configuration allows."""
        return

    def check_changeable(self, table: Table, between: DateRange, *, replaces: bool) -> None:
        """ContractError when the table's owner allows no change of the rows of these dates that it holds.

        `replaces` when rows are replaced or deleted in any case.
        """
        return

    def check_version(self, table: Table, state: str) -> None:
        """ContractError when `stage_version` cannot find a state again, as far as that is known beforehand."""
        return

    def checked_columns(self, table: Table) -> list[Column]:
        """The contract's columns that a source table has. ContractError when one is missing or of another type."""
        found = self.actual_columns(table)
        if found is None:
            raise ContractError(
                f"table {self.display_name(table)} does not exist; import it or name its place in `tables`"
            )
        if wrong := contract.problems(table, found, self.display_name(table)):
            raise ContractError("\n".join(wrong))
        return contract.known_columns(table, found)

    def checked_target(self, table: Table) -> list[Column] | None:
        """The contract's columns that a target has; None where it does not exist. ContractError as for sources."""
        found = self.actual_columns(table)
        if found is None:
            return None
        if wrong := contract.target_problems(table, found, self.display_name(table)):
            raise ContractError("\n".join(wrong))
        return contract.known_columns(table, found)

    def check_kept(self, table: Table, game_dates: Sequence[datetime.date]) -> None:
        """ContractError when a target would drop rows of one of these dates as soon as they are written."""
        return

    def target_notes(self, table: Table) -> list[str]:
        """What a person should know of a target before it is written; nothing of one that does not exist."""
        found = self.actual_columns(table)
        return [] if found is None else contract.left_alone(table, found)

    def merge_statement(
        self,
        table: Table,
        columns: Sequence[Column],
        run_id: str,
        game_dates: Sequence[datetime.date],
        prune_by: Table | None = None,
        *,
        played: statements.Played | None = None,
        inserts_only: bool = False,
    ) -> str:
        """The MERGE of some dates of a run; `prune_by` has the keys that may stay, the others are deleted.

        `played` and `inserts_only` as of `statements.merge_statement`; the latter not with `prune_by`.
        """
        return statements.merge_statement(
            self.dialect,
            table,
            columns,
            target=self.sql_name(table),
            staging=self.staging_name(table, run_id),
            game_dates=game_dates,
            keys=None if prune_by is None else (self.sql_name(prune_by), prune_by.key),
            played=played,
            inserts_only=inserts_only,
        )
