"""Stock bqemulator forgets a table's `requirePartitionFilter`.

Seen: `Table.require_partition_filter` is None after a table was created with it. No statement is refused either way.
"""

from __future__ import annotations

from typing import Any

from bqemulator.api.routes import tables

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Keep the setting and answer with it."""
    required: set[tuple[str, str, str]] = set()

    @around(tables, "_rest_to_table_meta")
    def rest_to_table(
        stock: Any, project: str, dataset: str, body: dict[str, Any], clock: Any, existing: Any = None
    ) -> Any:
        table = stock(project, dataset, body, clock, existing)
        name = (project, dataset, table.table_id)
        if body.get("requirePartitionFilter"):
            required.add(name)
        elif existing is None:
            required.discard(name)
        return table

    @around(tables, "_table_to_rest")
    def table_to_rest(stock: Any, table: Any) -> dict[str, Any]:
        answer: dict[str, Any] = stock(table)
        if (table.project_id, table.dataset_id, table.table_id) in required:
            answer["requirePartitionFilter"] = True
        return answer
