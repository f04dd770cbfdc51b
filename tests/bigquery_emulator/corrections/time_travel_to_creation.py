"""Stock bqemulator knows no state of a table before its first change: FOR SYSTEM_TIME AS OF a time before it fails.

Seen: the state before the first run that wrote a table, which is the empty table, cannot be read: "is before the
table's first captured state". Tables created from a SELECT are not covered: they were not empty.
"""

from __future__ import annotations

import datetime
from typing import Any

from bqemulator.catalog.migrations.m002_versioning import SNAPSHOTS_SCHEMA
from bqemulator.catalog.models import SnapshotMeta
from bqemulator.domain.errors import OutOfRangeError
from bqemulator.storage.sql_identifiers import quoted_table_ref
from bqemulator.versioning import snapshots

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Answer with an empty table for the time from a table's creation to its first change."""

    @around(snapshots.SnapshotManager, "resolve_time_travel")
    def resolve(stock: Any, manager: Any, project: str, dataset: str, name: str, time: datetime.datetime) -> Any:
        try:
            return stock(manager, project, dataset, name, time)
        except OutOfRangeError:
            table = manager._catalog.get_table(project, dataset, name)
            if table is None or time < table.creation_time or time > manager._clock.now():
                raise
            return _empty_state(manager, table)


def _empty_state(manager: Any, table: Any) -> SnapshotMeta:
    """The state of a table at its creation, stored and listed as the emulator stores and lists the later ones."""
    identity = snapshots._new_snapshot_id(table.creation_time)
    columns = quoted_table_ref(table.project_id, table.dataset_id, table.table_id)
    manager._engine.execute(f'CREATE TABLE "{SNAPSHOTS_SCHEMA}"."{identity}" AS SELECT * FROM {columns} WHERE FALSE')
    state = SnapshotMeta(
        snapshot_id=identity,
        project_id=table.project_id,
        dataset_id=table.dataset_id,
        table_id=table.table_id,
        snapshot_time=table.creation_time,
        kind="AUTO",
        duckdb_schema=SNAPSHOTS_SCHEMA,
        duckdb_table=identity,
    )
    manager._catalog.create_snapshot(state)
    return state
