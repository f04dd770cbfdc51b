"""The BigQuery warehouse: rows go through the Spark connector, everything else through REST.

What is particular to BigQuery is here and in the modules named after it; statements and contracts are shared.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from google.cloud import bigquery
from google.cloud.bigquery import SchemaField
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.errors import ConfigurationError, ContractError, JobError
from jobs.schemas.tables import FEATURE_RUNS, LEDGER, Column, Table
from jobs.warehouse.bigquery.claims import append_exclusively, check_columns
from jobs.warehouse.bigquery.connection import Connection, table_name
from jobs.warehouse.bigquery.dialect import BigQueryDialect
from jobs.warehouse.bigquery.errors import failed_job, wrong_input
from jobs.warehouse.bigquery.query_jobs import Jobs
from jobs.warehouse.bigquery.staging import FORMAT, as_written, has_rows, make_staging, write_staged
from jobs.warehouse.bigquery.tables import (
    ALL_DATES,
    as_json,
    check_expiration,
    found_column,
    materialisation,
    new_table,
    overwrite_statement,
    read_statement,
)
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.dialect import DateRange
from jobs.warehouse.interface import BYTES_PER_MEGABYTE, MergeCounts, NewRows, Warehouse

_DAYS_OF_A_COPY = 1


class BigQueryWarehouse(Warehouse):
    """Tables of one project, and of others where `places` says so (`dataset.table`, `project.dataset.table`)."""

    product = "BigQuery"
    dialect = BigQueryDialect()
    counts_by_statement = False

    def __init__(
        self,
        spark: SparkSession | Callable[[], SparkSession],
        connection: Connection,
        places: Mapping[str, str],
        jobs: Jobs | None = None,
    ) -> None:
        super().__init__(spark, places)
        self._connection = connection
        self._client = connection.client
        self._jobs = jobs or Jobs(connection)

    @property
    def project(self) -> str:
        """The project of tables that name no other."""
        return self._connection.project

    def identity(self, table: Table) -> str:
        """`project.dataset.table`."""
        return self.display_name(table)

    def display_name(self, table: Table) -> str:
        """`project.dataset.table`."""
        return table_name(table, self._connection.project, self._places)

    def sql_name(self, table: Table) -> str:
        """Puts `project.dataset.table` in quotes."""
        return f"`{self.display_name(table)}`"

    def staging_name(self, table: Table, run_id: str) -> str:
        """Names a table beside the target, in quotes."""
        return f"`{self._staging_place(table, run_id)}`"

    def actual_columns(self, table: Table) -> list[FoundColumn] | None:
        """Asks for the columns of a view too, which is read from a copy."""
        found = self._connection.table(self.display_name(table))
        return None if found is None else [found_column(field) for field in self._fields(found)]

    def checked_target(self, table: Table) -> list[Column] | None:
        """Raises ContractError also for a view, into which nobody can write."""
        found = self._connection.table(self.display_name(table))
        if found is not None and found.table_type != "TABLE":
            raise ContractError(
                f"{self.display_name(table)} is not a table but a {found.table_type}, and cannot be written; "
                "name the table behind it in `tables`"
            )
        return super().checked_target(table)

    def target_notes(self, table: Table) -> list[str]:
        """Warns also of a target that is not partitioned by its date."""
        notes = super().target_notes(table)
        found = self._connection.table(self.display_name(table))
        partitions = found.time_partitioning if found is not None else None
        if found is not None and table.partitioned and (partitions is None or partitions.field != table.date_column):
            notes.append(
                f"warning: {self.display_name(table)} is not partitioned by {table.date_column}: each MERGE reads all "
                "of it, and bills it"
            )
        return notes

    def check_kept(self, table: Table, game_dates: Sequence[datetime.date]) -> None:
        """Looks at the expiration of its partitions."""
        found = self._connection.table(self.display_name(table))
        if found is not None:
            check_expiration(found, table.date_column, game_dates)

    def read(
        self, table: Table, between: DateRange | None = None, columns: Sequence[Column] | None = None
    ) -> DataFrame:
        """Reads the contract's columns alone and has BigQuery evaluate the filter on the date.

        A table that asks for a filter gets a plain one: rows without a date cannot be in it. What is no table, a view
        for one, is first kept in a table beside the ledger that goes by itself.
        """
        name, of_contract = self.display_name(table), columns or table.columns
        found = self._connection.table(name)
        if found is None:
            raise JobError(f"table {name} is gone; run again")
        plain_filter = bool(found.require_partition_filter)
        if found.table_type != "TABLE":
            narrow = replace(table, columns=tuple(of_contract))
            name = self._materialised(table, read_statement(f"`{name}`", narrow, between))
            between = None
        elif plain_filter:
            between = between or ALL_DATES
        rows = self.spark.read.format(FORMAT).options(**self._connection.connector_options()).load(name)
        listed = [F.col(column.name) for column in of_contract]
        if between is None:
            return rows.select(*listed)
        date = F.col(table.date_column)
        of_dates = date.between(*map(F.lit, between))
        return rows.where(of_dates if plain_filter else date.isNull() | of_dates).select(*listed)

    def source_megabytes(self) -> float:
        """Asks BigQuery for the size of the sources."""
        return self._connection.source_bytes(self._places) / BYTES_PER_MEGABYTE

    def estimated_bytes(self, reads: Mapping[Table, DateRange | None]) -> dict[str, int]:
        """Has BigQuery estimate what `read` of each table would process."""
        with wrong_input("estimating the bytes of the sources", self._connection.described):
            return {
                table.name: self._jobs.estimated_bytes(
                    read_statement(self.sql_name(table), table, between, plain_filter=self._asks_for_filter(table))
                )
                for table, between in reads.items()
            }

    def check_cost(self, reads: Mapping[Table, DateRange | None]) -> None:
        """ConfigurationError when a limit is set and the reads are estimated above it; no estimate without a limit."""
        limit = self._connection.options.maximum_bytes_billed
        if limit is None:
            return
        estimate = self.estimated_bytes(reads)
        if sum(estimate.values()) > limit:
            parts = ", ".join(f"{name} {size:,}" for name, size in estimate.items())
            raise ConfigurationError(
                f"the sources are estimated at {sum(estimate.values()):,} bytes ({parts}), above "
                f"bigquery.maximum_bytes_billed {limit:,}; raise it, or ask for fewer dates"
            )

    def is_empty(self, table: Table) -> bool:
        """Asks for the number of rows, which BigQuery keeps; a view is not known to be empty."""
        found = self._connection.table(self.display_name(table))
        return found is not None and found.table_type == "TABLE" and found.num_rows == 0

    def create(self, table: Table) -> None:
        """Partitions by the date and clusters where the contract says so."""
        with failed_job(f"creating table {self.display_name(table)}", self._connection.described):
            self._client.create_table(
                new_table(table, self.display_name(table)), exists_ok=True, **self._connection.limits
            )

    def stage(
        self,
        table: Table,
        columns: Sequence[Column],
        rows: DataFrame,
        run_id: str,
        slices: Sequence[Mapping[datetime.date, int]] = (),
    ) -> None:
        """Makes a table with the target's columns by REST; the connector then writes it directly.

        The write is atomic: it commits all partitions at once, or nothing. It is not idempotent, so rows of an earlier
        try are removed first. VerificationError for a NULL in an array, which the connector would leave out silently.
        """
        place = self.display_name(table)
        target = self._connection.table(place)
        if target is None:
            raise JobError(f"table {place} is gone; run again")
        name = self._staging_place(table, run_id)
        make_staging(self._connection, self._jobs, table, name, target, columns)
        write_staged(self._connection, self._jobs, name, as_written(rows, columns, target))

    def has_staging(self, table: Table, run_id: str) -> bool:
        """Looks for rows: the table is made before them."""
        name = self._staging_place(table, run_id)
        return self._connection.table(name) is not None and has_rows(self._jobs, name)

    def current_version(self, table: Table) -> str:
        """Is the present time by BigQuery's clock."""
        (answer,) = self.query("SELECT CURRENT_TIMESTAMP() AS now")
        return str(answer["now"].isoformat())

    def stage_version(self, table: Table, state: str, game_dates: Sequence[datetime.date], run_id: str) -> None:
        """Reads FOR SYSTEM_TIME AS OF, which reaches back 7 days unless the dataset says less."""
        target = self._connection.table(self.display_name(table))
        if target is None:
            raise JobError(f"table {self.display_name(table)} is gone")
        columns = [Column(field.name, field.field_type) for field in target.schema]
        name = self._staging_place(table, run_id)
        make_staging(self._connection, self._jobs, table, name, target, columns)
        listed = ", ".join(f"`{column.name}`" for column in columns)
        self.query(
            f"INSERT INTO `{name}` ({listed}) SELECT {listed} FROM {self.sql_name(table)} "
            f"FOR SYSTEM_TIME AS OF TIMESTAMP '{state}' "
            f"WHERE `{table.date_column}` IN {self.dialect.dates(game_dates)}"
        )

    def staged_columns(self, table: Table, run_id: str) -> list[str]:
        """Asks for the description of the staging table."""
        described = self._connection.table(self._staging_place(table, run_id))
        return [] if described is None else [field.name for field in described.schema]

    def drop_staging(self, table: Table, run_id: str) -> None:
        """Deletes it by REST."""
        name = self._staging_place(table, run_id)
        with failed_job(f"dropping table {name}", self._connection.described):
            self._client.delete_table(name, not_found_ok=True, **self._connection.limits)

    def query(self, statement: str) -> list[dict[str, Any]]:
        """Runs a query job."""
        return self._jobs.rows(statement)

    def merge(
        self, table: Table, statement: str, run_id: str, slice_number: int, new: NewRows | None = None
    ) -> MergeCounts:
        """Takes the counts from the DML statistics of the query job."""
        job = self._change(table, statement, run_id, slice_number)
        counts = job.dml_stats
        if counts is None:
            raise JobError(f"job {job.job_id} has no count of inserted and updated rows; look at it in BigQuery")
        return MergeCounts(counts.inserted_row_count, counts.updated_row_count, counts.deleted_row_count)

    def overwrite(
        self,
        table: Table,
        columns: Sequence[Column],
        game_dates: Sequence[datetime.date],
        run_id: str,
        slice_number: int,
    ) -> None:
        """Runs one MERGE too."""
        target, ours = self._connection.table(self.display_name(table)), {column.name for column in columns}
        if target is None:
            raise JobError(f"table {self.display_name(table)} is gone; run again")
        statement = overwrite_statement(
            self.dialect,
            table,
            columns,
            target=self.sql_name(table),
            staging=self.staging_name(table, run_id),
            game_dates=game_dates,
            others=[field.name for field in target.schema if field.name not in ours],
        )
        self._change(table, statement, run_id, slice_number)

    def append(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Runs one load job, which is atomic and free."""
        described = new_table(table, self.display_name(table))
        if self._connection.table(self.display_name(table)) is None:
            self.create(table)
        self._jobs.load([as_json(row) for row in rows], self.display_name(table), described.schema)

    def append_exclusively(self, table: Table, decide: Callable[[list[dict[str, Any]]], Mapping[str, Any]]) -> None:
        """Counts up job ids, each of which BigQuery accepts once."""
        self.create(table)
        described = self._connection.table(self.display_name(table))
        assert described is not None
        for of_ledger in LEDGER:
            if (there := self._connection.table(self.display_name(of_ledger))) is not None:
                check_columns(of_ledger, there)
        append_exclusively(self._jobs, described, lambda: self.rows(table), decide)

    def rows(self, table: Table, run_id: str | None = None) -> list[dict[str, Any]]:
        """Runs a query."""
        if self._connection.table(self.display_name(table)) is None:
            return []
        where = "" if run_id is None else f" WHERE run_id = '{run_id}'"
        return self.query(f"SELECT * FROM {self.sql_name(table)}{where}")

    def _asks_for_filter(self, table: Table) -> bool:
        found = self._connection.table(self.display_name(table))
        return found is not None and bool(found.require_partition_filter)

    def _fields(self, found: bigquery.Table) -> Sequence[SchemaField]:
        """The columns of a table or view; of a view whose columns nobody has noted, those of its rows."""
        if found.schema or found.table_type == "TABLE":
            return list(found.schema)
        name = f"{found.project}.{found.dataset_id}.{found.table_id}"
        return self._jobs.columns(f"SELECT * FROM `{name}` LIMIT 0")

    def _materialised(self, table: Table, statement: str) -> str:
        """The name of a new table with the rows of a SELECT; it goes by itself within a day."""
        dataset = self.display_name(FEATURE_RUNS).rpartition(".")[0]
        name = f"{dataset}.read_{table.name.rpartition('.')[2]}_{uuid.uuid4().hex[:12]}"
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=_DAYS_OF_A_COPY)
        self.query(materialisation(name, statement, expires))
        return name

    def _staging_place(self, table: Table, run_id: str) -> str:
        return f"{self.display_name(table)}_staging_{run_id}"

    def _change(self, table: Table, statement: str, run_id: str, slice_number: int) -> bigquery.QueryJob:
        """Runs a statement under a job id of run, slice, statement and staged rows.

        The same slice of the same staged rows cannot run twice; rows that were staged anew are another matter.
        """
        there = self._connection.table(self._staging_place(table, run_id))
        staged_at = (there.labels or {}).get("staged_at", "") if there is not None else ""
        digest = hashlib.sha256(f"{statement}\n{staged_at}".encode()).hexdigest()[:8]
        labels = {"run_id": run_id.lower(), "slice": str(slice_number)}
        return self._jobs.change(statement, f"feature_store-{run_id}-slice{slice_number}-{digest}", labels)
