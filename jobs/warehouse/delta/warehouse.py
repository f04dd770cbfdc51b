"""The Delta warehouse: a folder, here or in an object store, with one folder per dataset, and in that one per table.

Everything that is particular to Delta is here; statements and contracts are shared.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import ContractError
from jobs.object_stores.folders import Folder, is_here, named
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import LEDGER, ML_FEATURE_STORE, SOURCES, Column, Table
from jobs.spark.submitted_session import is_submitted
from jobs.spark.unreadable import naming_unreadable
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta import publishing, versions
from jobs.warehouse.delta.claims import append_by_commit
from jobs.warehouse.delta.columns import actual_columns
from jobs.warehouse.delta.counting import Counting
from jobs.warehouse.delta.damage import is_unfinished
from jobs.warehouse.delta.dialect import DuckDBDialect, SparkDialect
from jobs.warehouse.delta.files import by_files, drop, folders_in, sql_name, with_files
from jobs.warehouse.delta.ledger import rows_of_ledger
from jobs.warehouse.delta.lock import exclusive
from jobs.warehouse.delta.slices import Slice
from jobs.warehouse.delta.staging import as_staged, is_whole, write_staged
from jobs.warehouse.dialect import DateRange, Question
from jobs.warehouse.interface import BYTES_PER_MEGABYTE, MergeCounts, NewRows, Warehouse

_MOST_LOG_PIECES = 50


class DeltaWarehouse(Warehouse):
    """Delta tables under `root`; `places` gives `dataset.table` for tables that are not at their usual place."""

    product = "Delta"
    dialect = SparkDialect()
    counts_by_statement = True

    def __init__(
        self,
        spark: SparkSession | Callable[[], SparkSession],
        root: Folder,
        places: Mapping[str, str],
        counting: Counting | None = None,
    ) -> None:
        super().__init__(spark, places)
        self.root = root.absolute()
        self._counting = counting or Counting()

    def folder(self, table: Table) -> Folder:
        """The folder of a table."""
        return self.root.joinpath(*self._dataset_and_name(table))

    def display_name(self, table: Table) -> str:
        """Adds the warehouse's folder to `dataset.table`."""
        return f"{self.identity(table)} in {self.root}"

    def identity(self, table: Table) -> str:
        """Is `dataset.table`: the ledger is in the same folder, which may be moved."""
        return ".".join(self._dataset_and_name(table))

    def sql_name(self, table: Table) -> str:
        """Names the table by its folder."""
        return sql_name(self.folder(table))

    def staging_name(self, table: Table, run_id: str) -> str:
        """Names the staging table by its folder, which is beside the target's."""
        return sql_name(self._staging_folder(table, run_id))

    def actual_columns(self, table: Table) -> list[FoundColumn] | None:
        """Raises ContractError also for a folder or file that is no Delta table."""
        return actual_columns(self.folder(table), self.display_name(table), lambda: self._load(table).schema)

    def check_changeable(self, table: Table, between: DateRange, *, replaces: bool) -> None:
        """Reads the property `delta.appendOnly`."""
        folder = self.folder(table)
        if not delta_log.has_commit(folder):
            return
        if str(delta_log.metadata(folder)["configuration"].get("delta.appendOnly")).lower() != "true":
            return
        first, last = between
        if replaces or self._load(table).where(F.col(table.date_column).between(first, last)).take(1):
            raise ContractError(
                f"table {self.display_name(table)} is append-only (delta.appendOnly), and rows of {first} to {last} "
                "are to be changed; take --only-missing, or set the table's property delta.appendOnly to false"
            )

    def read(
        self, table: Table, between: DateRange | None = None, columns: Sequence[Column] | None = None
    ) -> DataFrame:
        """Casts integers to BIGINT and floats to DOUBLE, and leaves decimals as they are."""
        rows = self._opened(table)
        listed = [
            F.col(column.name).cast(column.spark_type).alias(column.name)
            if column.type in ("INT64", "FLOAT64")
            else F.col(column.name)
            for column in columns or table.columns
        ]
        if between is None:
            return rows.select(*listed)
        date = F.col(table.date_column)
        return rows.where(date.isNull() | date.between(*map(F.lit, between))).select(*listed)

    def is_empty(self, table: Table) -> bool:
        """Reads one row."""
        return not self.ask(lambda _: f"SELECT 1 AS found FROM {self.sql_name(table)} LIMIT 1")

    def create(self, table: Table) -> None:
        """Cuts nothing by date, of which one fills no file: the log tells the dates and entities of each file."""
        if delta_log.can_open(self.folder(table)):
            fields = [T.StructField(c.name, c.spark_type, nullable=c.mode != "required") for c in table.columns]
            delta_log.create(self.folder(table), T.StructType(fields), table.key_by_date)
            return
        columns = ", ".join(
            f"`{column.name}` {column.spark_type.simpleString()}{' NOT NULL' if column.mode == 'required' else ''}"
            for column in table.columns
        )
        properties = ", ".join(f"'{name}' = '{value}'" for name, value in delta_log.layout(table.key_by_date).items())
        self.spark.sql(
            f"CREATE TABLE IF NOT EXISTS {self.sql_name(table)} ({columns}) USING delta TBLPROPERTIES ({properties})"
        )

    def takes_files(self, table: Table, columns: Sequence[Column], game_dates: Sequence[datetime.date]) -> bool:
        """Looks at the target's log alone."""
        fields = T.StructType([T.StructField(column.name, column.spark_type) for column in columns])
        return publishing.takes_files(self.folder(table), table, fields, game_dates)

    def stage(
        self,
        table: Table,
        columns: Sequence[Column],
        rows: DataFrame,
        run_id: str,
        slices: Sequence[Mapping[datetime.date, int]] = (),
    ) -> None:
        """Creates the staging table by the one commit that writes it."""
        staged = as_staged(rows, table, columns, slices)
        write_staged(self._staging_folder(table, run_id), staged, delta_log.layout(table.key_by_date))

    def has_staging(self, table: Table, run_id: str) -> bool:
        """Looks at the log and the files that it names."""
        return is_whole(self._staging_folder(table, run_id))

    def drop_staging(self, table: Table, run_id: str) -> None:
        """Removes the folder."""
        drop(lambda: self.spark, self._staging_folder(table, run_id))

    def current_version(self, table: Table) -> str:
        """Is the number of the table's newest commit."""
        return str(delta_log.version_of(self.folder(table)))

    def stage_version(self, table: Table, state: str, game_dates: Sequence[datetime.date], run_id: str) -> None:
        """Travels in time; ContractError where the files of that version have been vacuumed."""
        staging = self._staging_folder(table, run_id)
        condition = f"{table.date_column} IN {self.dialect.dates(game_dates)}"
        versions.stage(self.spark, self.folder(table), state, condition, staging, self.display_name(table))

    def check_version(self, table: Table, state: str) -> None:
        """Looks for the files that the log has of it."""
        versions.check(self.folder(table), state, self.display_name(table))

    def staged_columns(self, table: Table, run_id: str) -> list[str]:
        """Reads the log of the staging table."""
        schema = json.loads(delta_log.metadata(self._staging_folder(table, run_id))["schemaString"])
        return [field["name"] for field in schema["fields"]]

    def query(self, statement: str) -> list[dict[str, Any]]:
        """Reads tables by their files where these alone are the table."""
        return self._rows(with_files(self.spark, statement, self._folders_in(statement)))

    def ask(self, question: Question) -> list[dict[str, Any]]:
        """Lets DuckDB answer where the tables are their files, on this machine; else Spark."""
        if is_here(self.root) and not is_submitted():
            statement = question(DuckDBDialect())
            tables = {sql_name(folder): delta_log.plain_table(folder) for folder in self._folders_in(statement)}
            plain = {name: table for name, table in tables.items() if table is not None}
            if len(plain) == len(tables) and (rows := self._counting.rows(statement, plain)) is not None:
                return rows
        return self.query(question(self.dialect))

    def merge(
        self, table: Table, statement: str, run_id: str, slice_number: int, new: NewRows | None = None
    ) -> MergeCounts:
        """Takes the counts from the commit, which carries a note by which it is found again."""
        return self._slice(table, run_id, slice_number).merge(statement, new)

    def overwrite(
        self,
        table: Table,
        columns: Sequence[Column],
        game_dates: Sequence[datetime.date],
        run_id: str,
        slice_number: int,
    ) -> None:
        """Writes with Delta's `replaceWhere`."""
        self._slice(table, run_id, slice_number).overwrite(columns, game_dates)

    def append(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes all rows in one commit."""
        columns = _fields(table)
        if delta_log.can_open(self.folder(table)):
            delta_log.append(self.folder(table), columns, rows)
            return
        values = [tuple(row.get(name) for name in columns.names) for row in rows]
        frame = self.spark.createDataFrame(values, columns)
        frame.coalesce(1).write.format("delta").mode("append").option("mergeSchema", "true").save(
            str(self.folder(table))
        )

    def append_exclusively(self, table: Table, decide: Callable[[list[dict[str, Any]]], Mapping[str, Any]]) -> None:
        """Here by the lock of a file, which the system takes from a process that ends; at a store by the commit."""
        folder = self.folder(table)
        if not is_here(folder):
            self._create_ledger()
            append_by_commit(folder, _fields(table), lambda: self.rows(table), decide)
            return
        with exclusive(Path(f"{folder.parent}/.{folder.name}.lock")):
            self._create_ledger()
            self.append(table, [decide(self.rows(table))])

    def _create_ledger(self) -> None:
        """Two runs on different dates would else both create a table with their first rows."""
        for table in LEDGER:
            if delta_log.can_open(self.folder(table)) and not delta_log.has_commit(self.folder(table)):
                delta_log.create(self.folder(table), _fields(table))

    def rows(self, table: Table, run_id: str | None = None) -> list[dict[str, Any]]:
        """Reads with delta-rs where it can, else with Spark. ContractError names a damaged file."""
        if not delta_log.has_commit(self.folder(table)) and self.actual_columns(table) is None:
            return []
        if (rows := rows_of_ledger(table, self.folder(table), self.display_name(table), run_id)) is not None:
            return rows
        found = self._load(table) if run_id is None else self._load(table).where(F.col("run_id") == run_id)
        nothing = dict.fromkeys(table.column_names)
        return [
            {**nothing, **{name: _in_utc(value) for name, value in row.asDict().items()}} for row in found.collect()
        ]

    def source_megabytes(self) -> float:
        """Counts all data files here, those of the sources or not; at a store what the logs say of the sources."""
        if is_here(self.root):
            return sum(file.stat().st_size for file in self.root.rglob("*.parquet")) / BYTES_PER_MEGABYTE
        return sum(delta_log.size_of(self.folder(table)) for table in SOURCES) / BYTES_PER_MEGABYTE

    def follow_partitions(self, spark: SparkSession) -> None:
        """Delta reads the log of a table in so many pieces: fifty, if nobody says otherwise; on this machine in one."""
        if is_submitted():
            pieces = min(int(spark.conf.get("spark.sql.shuffle.partitions") or _MOST_LOG_PIECES), _MOST_LOG_PIECES)
            spark.conf.set("spark.databricks.delta.snapshotPartitions", str(pieces))

    def naming_files(self) -> AbstractContextManager[None]:
        """Reads all tables that jobs know, and staging tables beside them, where Spark cannot say which file it was."""
        return naming_unreadable(self._known_folders)

    def is_unfinished(self, table: Table) -> bool:
        """Whether a first write of a table ended before its commit: there are files, and no table."""
        return is_unfinished(self.folder(table))

    def count(self, table: Table) -> int:
        """How many rows a table has."""
        return self._load(table).count()

    def replace(self, table: Table, rows: DataFrame, note: str | None = None) -> int:
        """Replaces a table by these rows, columns and types included, in one commit with this note.

        Gives how many rows it has then.
        """
        writer = rows.sortWithinPartitions(table.date_column).write.format("delta").mode("overwrite")
        if note is not None:
            writer = writer.option("userMetadata", note)
        writer.option("overwriteSchema", "true").save(str(self.folder(table)))
        return self.count(table)

    def _opened(self, table: Table) -> DataFrame:
        """The newest version, by its files where they alone are the table."""
        files = by_files(self.spark, self.folder(table))
        return self._load(table) if files is None else files

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        return [row.asDict() for row in self.spark.sql(statement).collect()]

    def _load(self, table: Table) -> DataFrame:
        return self.spark.read.format("delta").load(str(self.folder(table)))

    def _slice(self, table: Table, run_id: str, number: int) -> Slice:
        staging, place = self._staging_folder(table, run_id), self.display_name(table)
        return Slice(lambda: self.spark, table, self.folder(table), staging, place, run_id, number)

    def _folders_in(self, statement: str) -> set[Folder]:
        return folders_in(statement, lambda name: named(self.root, name))

    def _staging_folder(self, table: Table, run_id: str) -> Folder:
        folder = self.folder(table)
        return folder.with_name(f"{folder.name}_staging_{run_id}")

    def _known_folders(self) -> list[Folder]:
        tables = [self.folder(table) for table in (*SOURCES, ML_FEATURE_STORE, *UPSTREAM_TARGETS, *LEDGER)]
        staged = [found for folder in tables for found in folder.parent.glob(f"{folder.name}_staging_*")]
        return [*staged, *tables]

    def _dataset_and_name(self, table: Table) -> list[str]:
        return self._places.get(table.name, f"{table.dataset}.{table.name}").split(".")[-2:]


def _fields(table: Table) -> T.StructType:
    """The columns of a table of the ledger."""
    return T.StructType([T.StructField(column.name, column.spark_type) for column in table.columns])


def _in_utc(value: Any) -> Any:
    """PySpark gives times without a zone, in that of this process."""
    return value.astimezone(datetime.timezone.utc) if isinstance(value, datetime.datetime) else value
