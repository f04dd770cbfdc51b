"""A Delta warehouse under test: back-fills of it, changes to it, and what stands in its tables and files afterwards."""

from __future__ import annotations

import datetime
import io
import itertools
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession
from rich.console import Console

from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill_features import backfill_features
from jobs.backfill_upstream import backfill_upstream
from jobs.cli.progress import Progress
from jobs.config.settings import Settings, load_settings
from jobs.import_tables import import_tables
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import (
    FEATURE_RUN_DATES,
    FEATURE_RUN_SKIPS,
    FEATURE_RUNS,
    ML_FEATURE_STORE,
    Table,
)
from jobs.warehouse.delta.warehouse import DeltaWarehouse

Row = dict[str, Any]
Key = tuple[str, datetime.date]
_OF_THE_RUN = ("processed_at", "created_at", "updated_at")


def silent() -> Progress:
    """Progress that nobody reads."""
    return Progress(Console(file=io.StringIO()))


def november(first: int, last: int) -> RequestedDates:
    """A range of dates of November 2021."""
    return requested_dates(datetime.date(2021, 11, first), datetime.date(2021, 11, last), None)


def without_times(rows: Mapping[Any, Row]) -> dict[Any, Row]:
    """The rows without the columns that tell when they were written."""
    return {key: {name: value for name, value in row.items() if name not in _OF_THE_RUN} for key, row in rows.items()}


@dataclass(frozen=True)
class Store:
    """One warehouse in a folder of its own."""

    spark: SparkSession
    root: Path

    @property
    def warehouse(self) -> DeltaWarehouse:
        """The warehouse with Spark at hand."""
        return DeltaWarehouse(self.spark, self.root, {})

    def folder(self, table: Table) -> Path:
        """The folder of a table."""
        return self.root.joinpath(*self.warehouse.identity(table).split("."))

    @contextmanager
    def opened(self) -> Iterator[DeltaWarehouse]:
        """The warehouse as a job opens it: the first who needs Spark starts it, and before nothing of it works."""
        context = SparkContext._active_spark_context

        def start() -> SparkSession:
            SparkContext._active_spark_context = context
            return self.spark

        SparkContext._active_spark_context = None
        try:
            yield DeltaWarehouse(start, self.root, {})
        finally:
            SparkContext._active_spark_context = context

    def copied_to(self, root: Path) -> Store:
        """The same warehouse in another folder."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        return Store(self.spark, root)

    def import_from(self, folder: Path) -> dict[str, int]:
        """Imports upstream files."""
        with self.opened() as warehouse:
            return import_tables(warehouse, folder, silent())

    def settings(self, **options: Any) -> Settings:
        """The settings of `conf/` and these options."""
        return load_settings(options, environment={})

    def run(self, requested: RequestedDates) -> RunOutcome:
        """A back-fill in two slices, as another process does it beside others."""
        settings = self.settings(on_missing="fallback", merge_slice_rows=1)
        return backfill_features(self.warehouse, settings, requested, silent())

    def resume(self, run_id: str) -> RunOutcome:
        """Goes on with a run that stopped."""
        with self.opened() as warehouse:
            earlier = earlier_run(warehouse, run_id, job="backfill_features")
            assert earlier.requested is not None
            settings = settings_of(earlier, load_settings({}, environment={}))
            return backfill_features(warehouse, settings, earlier.requested, silent(), resumed=earlier)

    def backfill(self, requested: RequestedDates, *, dry_run: bool = False, **options: Any) -> RunOutcome:
        """A run with the settings of `conf/` and these options."""
        settings = load_settings(options, environment={})
        with self.opened() as warehouse:
            return backfill_features(warehouse, settings, requested, silent(), dry_run=dry_run)

    def fill_upstream(
        self,
        requested: RequestedDates,
        *,
        tables: Sequence[Table] = UPSTREAM_TARGETS,
        only_missing: bool = False,
        dry_run: bool = False,
        **options: Any,
    ) -> dict[str, RunOutcome]:
        """Runs over the pre-computed tables, the outcome of each by its name."""
        settings = load_settings(options, environment={})
        with self.opened() as warehouse:
            outcomes = backfill_upstream(
                warehouse, settings, requested, silent(), tables=tables, only_missing=only_missing, dry_run=dry_run
            )
        return {outcome.table: outcome for outcome in outcomes}

    def keyed(self, table: Table) -> dict[Key, Row]:
        """The rows of a table by its key; AssertionError for a key that is there twice."""
        rows = self.rows(table)
        by_key = {tuple(row[name] for name in table.key): row for row in rows}
        assert len(by_key) == len(rows)
        return by_key

    def name(self, table: Table) -> str:
        """A table's name in a statement."""
        return self.warehouse.sql_name(table)

    def sql(self, statement: str, table: Table = ML_FEATURE_STORE) -> list[Row]:
        """Executes a statement, in which `{table}` stands for the table's name."""
        return [row.asDict() for row in self.spark.sql(statement.replace("{table}", self.name(table))).collect()]

    def rows(self, table: Table) -> list[Row]:
        """All rows of a table, all of its columns."""
        return self.sql("SELECT * FROM {table}", table)

    def features(self) -> dict[Key, Row]:
        """The feature store's rows by key; AssertionError for a key that is there twice."""
        rows = self.rows(ML_FEATURE_STORE)
        by_key = {(row["player_lookup"], row["game_date"]): row for row in rows}
        assert len(by_key) == len(rows)
        return by_key

    def features_by_date(self) -> dict[datetime.date, int]:
        """How many rows the feature store holds of each date."""
        rows = self.sql("SELECT game_date, COUNT(*) AS rows FROM {table} GROUP BY game_date ORDER BY game_date")
        return {row["game_date"]: row["rows"] for row in rows}

    def data_files(self, table: Table = ML_FEATURE_STORE) -> set[str]:
        """The Parquet files of the table's current snapshot."""
        files = self.spark.read.format("delta").load(str(self.folder(table))).inputFiles()
        return {Path(file).name for file in files}

    def commits(self, table: Table = ML_FEATURE_STORE) -> list[str]:
        """The operations of the table's log, oldest first."""
        log = sorted((self.folder(table) / "_delta_log").glob("*.json"))
        lines = [json.loads(line) for file in log for line in file.read_text().splitlines()]
        return [line["commitInfo"]["operation"] for line in lines if "commitInfo" in line]

    def staging_folders(self) -> list[str]:
        """The staging tables that are left."""
        target = self.folder(ML_FEATURE_STORE)
        return sorted(folder.name for folder in target.parent.glob(f"{target.name}_staging_*"))

    def files(self, table: Table = ML_FEATURE_STORE) -> dict[str, int]:
        """Every file of a table with its size, its log included."""
        folder = self.folder(table)
        return {str(file.relative_to(folder)): file.stat().st_size for file in folder.rglob("*") if file.is_file()}

    def ledger(self, run_id: str, table: Table = FEATURE_RUN_DATES) -> list[Row]:
        """The ledger's rows of a run."""
        if self.warehouse.actual_columns(table) is None:
            return []
        return self.sql(f"SELECT * FROM {{table}} WHERE run_id = '{run_id}'", table)

    def statuses(self, run_id: str) -> list[str]:
        """The states that the ledger has of a run, in order; rows that only say that it lives are left out."""
        rows = sorted(self.ledger(run_id, FEATURE_RUNS), key=lambda row: row["heartbeat_at"])
        return [status for status, _ in itertools.groupby(row["status"] for row in rows)]

    def skips(self, run_id: str) -> list[tuple[Any, ...]]:
        """The skipped rows that the ledger has of a run: date, player, reason, detail."""
        rows = self.ledger(run_id, FEATURE_RUN_SKIPS)
        return [(row["game_date"], row["player_lookup"], row["reason"], row["detail"]) for row in rows]
