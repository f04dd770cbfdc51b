"""The columns of a table as its log has them; whatever else is in a table's place is an error in words."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import types as T

from jobs.errors import ContractError
from jobs.object_stores.folders import Folder
from jobs.warehouse.contract import FoundColumn
from jobs.warehouse.delta import log as delta_log
from jobs.warehouse.delta.damage import damaged_file
from jobs.warehouse.delta.types import found_type


def actual_columns(folder: Folder, place: str, by_spark: Callable[[], T.StructType]) -> list[FoundColumn] | None:
    """The columns of a table, by Spark where the log does not tell; None where there is no table.

    ContractError for a folder or file that is no Delta table, and for one whose log or files are damaged.
    """
    if not delta_log.has_commit(folder):
        if not folder.exists() or (folder.is_dir() and _is_bare(folder)):
            return None
        raise ContractError(
            f"table {place}: {folder} is not a Delta table (it has no _delta_log, or an empty one); move it away, or "
            "repeat the import of it that did not end"
        )
    schema = delta_log.columns_of(folder)
    if schema is None and (damaged := damaged_file(folder)) is not None:
        raise ContractError(
            f"table {place}: {damaged} is damaged or gone; restore it from a copy, or write the table again"
        )
    generated = delta_log.generated_columns(folder)
    schema = schema or by_spark()
    return [
        FoundColumn(field.name, found_type(field.dataType), not field.nullable, field.name in generated)
        for field in schema.fields
    ]


def _is_bare(folder: Folder) -> bool:
    """Whether nothing is in a folder, or a log that was begun and has no commit yet: a table that is being created."""
    return not [file for file in folder.rglob("*") if file.is_file() and file.parent.name != "_delta_log"]
