"""Stock bqemulator counts the rows of a table when it is loaded or appended to, and not when DML changes it.

Seen: `Table.num_rows` and `num_bytes` are 0 after an INSERT or a MERGE, and stay as they were after a DELETE.
"""

from __future__ import annotations

from typing import Any

from bqemulator.catalog.memory_repository import MemoryCatalogRepository
from bqemulator.storage.sql_identifiers import quoted_table_ref

from tests.bigquery_emulator.corrections.wrapping import around

BYTES_OF_A_VALUE = 8


def apply() -> None:
    """Count whenever a table is looked up; the bytes are a guess by rows and columns."""

    @around(MemoryCatalogRepository, "get_table")
    def get_table(stock: Any, catalog: Any, project: str, dataset: str, name: str) -> Any:
        table = stock(catalog, project, dataset, name)
        if table is None or table.table_type != "TABLE":
            return table
        stored = quoted_table_ref(project, dataset, name)
        (rows,) = catalog._engine.connection.cursor().execute(f"SELECT COUNT(*) FROM {stored}").fetchone()
        size = rows * BYTES_OF_A_VALUE * len(table.schema_.fields)
        return table.model_copy(update={"num_rows": rows, "num_bytes": size})
