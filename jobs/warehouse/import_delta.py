"""A Delta table as a source: its newest version by its log, laid down as plain Parquet files."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import ContractError, JobError
from jobs.object_stores.folders import Folder, in_order
from jobs.spark.errors import explained
from jobs.spark.unreadable import naming_unreadable
from jobs.warehouse.import_files import SourceFile, SourceFiles


def from_log(spark: SparkSession, source: SourceFiles, folder: Folder) -> SourceFiles:
    """The same table with the files to read, which are in `folder`. ContractError for a table that cannot be read."""
    target = folder / f"{source.table.dataset}.{source.table.name}.delta"
    try:
        with naming_unreadable(lambda: (source.path,)):
            rows = spark.read.format("delta").load(str(source.path))
            typed = [field.name for field in rows.schema.fields if not isinstance(field.dataType, T.NullType)]
            named = [F.col(f"`{name.replace('`', '``')}`") for name in typed]
            rows.select(*named).write.parquet(str(target))
    except Exception as error:
        reason = error if isinstance(error, JobError) else explained(error)
        raise ContractError(
            f"table {source.path}: its Delta log or a file that it names cannot be read ({reason}); mend it"
        ) from error
    return replace(source, files=tuple(SourceFile(file) for file in in_order(target.glob("*.parquet"))))
