"""Writing one slice of a run's staged rows into a Delta table: once, and again beside the commits of others.

The commit of a slice carries a note by which it is found again.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.errors import SparkError
from jobs.object_stores.folders import Folder
from jobs.schemas.tables import Column, Table
from jobs.spark.unreadable import naming_unreadable
from jobs.warehouse.delta import commits, conflicts
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.conflicts import Written
from jobs.warehouse.delta.dialect import SparkDialect
from jobs.warehouse.delta.files import drop, sql_name, with_files
from jobs.warehouse.delta.others import with_columns_of_others
from jobs.warehouse.delta.publishing import publish
from jobs.warehouse.interface import MergeCounts, NewRows
from jobs.warehouse.statements import constant_values, newest_staged_statement

_CHANGING = re.compile("^WHEN MATCHED|^WHEN NOT MATCHED BY SOURCE", re.MULTILINE)
_NOTE = "spark.databricks.delta.commitInfo.userMetadata"


@dataclass(frozen=True)
class Slice:
    """Slice `number` of a run: staged rows, in the folder `staging`, that go into `table`, in `folder`.

    `place` is what a person calls the table. `session` gives the Spark session, and is not asked for it where the slice
    was written before.
    """

    session: Callable[[], SparkSession]
    table: Table
    folder: Folder
    staging: Folder
    place: str
    run_id: str
    number: int

    def merge(self, statement: str, new: NewRows | None = None) -> MergeCounts:
        """Executes a MERGE, or publishes the staged files where it would insert these `new` rows and do nothing else.

        The counts of rows are those of its commit, whichever process it is of.
        """
        note = self._note(statement)
        if (counts := self._merged(note)) is not None:
            return counts
        if new is not None:
            publish(self.folder, self.staging, self.table, new, note)
            if (counts := self._merged(note)) is not None:
                return counts
        spark = self.session()
        if not _CHANGING.search(statement):
            # One that changes rows looks at its source twice, and copies it first unless that is a Delta table.
            statement = with_files(spark, statement, [self.staging])

        def once() -> MergeCounts:
            spark.conf.set(_NOTE, note)
            try:
                (counts,) = spark.sql(statement).collect()
            finally:
                spark.conf.unset(_NOTE)
            return MergeCounts(*(counts[f"num_{change}_rows"] for change in ("inserted", "updated", "deleted")))

        return self._retried(once, lambda: self._merged(note))

    def _merged(self, note: str) -> MergeCounts | None:
        """What the commit with this note has counted; None without one."""
        if (commit := commits.commit_with(self.folder, note, self._begun)) is None:
            return None
        metrics = commit.get("operationMetrics") or commit
        return MergeCounts(*(int(metrics[f"numTargetRows{change}"]) for change in ("Inserted", "Updated", "Deleted")))

    def overwrite(self, columns: Sequence[Column], game_dates: Sequence[datetime.date]) -> None:
        """Replaces the rows of some dates; columns of others keep what the table holds of the same key."""
        note = self._note(f"overwrite {sorted(game_dates)}")
        if self._overwritten(note):
            return
        spark, dialect, names = self.session(), SparkDialect(), [column.name for column in columns]
        staged = sql_name(self.staging)
        statement = newest_staged_statement(
            dialect,
            self.table,
            names,
            staging=staged,
            game_dates=game_dates,
            constants=constant_values(dialect, columns),
        )
        condition = f"{self.table.date_column} IN {dialect.dates(game_dates)}"

        def once() -> bool:
            held = self._held()
            generated = delta_log.generated_columns(self.folder)
            rows = with_columns_of_others(spark.sql(statement), held.where(condition), self.table, generated)
            # A MERGE casts to the target's types by itself, an overwrite does not.
            types = held.schema
            cast = rows.select(*[F.col(f"`{name}`").cast(types[name].dataType).alias(name) for name in rows.columns])
            writer = cast.write.format("delta").mode("overwrite").option("replaceWhere", condition)
            writer.option("userMetadata", note).save(str(self.folder))
            return True

        self._retried(once, lambda: self._overwritten(note) or None)

    def _overwritten(self, note: str) -> bool:
        return commits.commit_with(self.folder, note, self._begun) is not None

    def _retried(self, write: Callable[[], Written], landed: Callable[[], Written | None]) -> Written:
        """Writes beside others. JobError when somebody has changed one of the staged dates meanwhile."""
        before = str(delta_log.version_of(self.folder))

        def check_alone() -> None:
            reader = self.session().read.format("delta")
            dates = reader.load(str(self.staging)).select(self.table.date_column).distinct()
            earlier = self.session().read.format("delta").option("versionAsOf", before).load(str(self.folder))
            conflicts.check_unchanged(earlier, self._held(), dates, self.table, self.place)

        try:
            with naming_unreadable(lambda: (self.staging, self.folder)):
                return conflicts.retried(write, landed, check_alone, self.place)
        except SparkError as error:
            if self.staging.name not in str(error):
                raise
            # A staging table that cannot be read now cannot be read later: without it the rows are computed again.
            drop(self.session, self.staging)
            raise SparkError(f"{error}; the staging table is dropped") from error

    def _held(self) -> DataFrame:
        return self.session().read.format("delta").load(str(self.folder))

    @property
    def _begun(self) -> int:
        return commits.created_at(self.staging)

    def _note(self, action: str) -> str:
        """What the commit of a slice is found by: run, slice, and a digest of what it does with which staged rows."""
        digest = hashlib.sha256(f"{action}\n{commits.table_id(self.staging)}".encode()).hexdigest()[:8]
        return f"feature_store-{self.run_id}-slice{self.number}-{digest}"
