"""What a warehouse holds after a run, read without Spark, as it can be compared with that of another run."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE, Table

OF_THE_RUN = ("created_at", "updated_at")
Contents = dict[tuple[str, datetime.date], dict[str, Any]]


def by_key(rows: list[dict[str, Any]]) -> Contents:
    """Rows by key, without the times of their run; AssertionError for a key that is there twice."""
    found = {
        (row["player_lookup"], row["game_date"]): {name: row[name] for name in row if name not in OF_THE_RUN}
        for row in rows
    }
    assert len(found) == len(rows)
    assert all(row["data_hash"] for row in rows)
    return found


def folder(root: Path, table: Table) -> Path:
    """A table's folder."""
    return root / table.dataset / table.name


def features(root: Path) -> Contents:
    """The feature store of a warehouse."""
    return by_key(rows(root, ML_FEATURE_STORE))


def rows(root: Path, table: Table) -> list[dict[str, Any]]:
    """All rows of a table."""
    found: list[dict[str, Any]] = DeltaTable(folder(root, table)).to_pyarrow_table().to_pylist()
    return found


def runs(root: Path) -> dict[str, str]:
    """The last status that the ledger has of each run."""
    ordered = sorted(rows(root, FEATURE_RUNS), key=lambda row: row["heartbeat_at"])
    return {row["run_id"]: row["status"] for row in ordered}


def staging(root: Path) -> list[Path]:
    """The staging tables that there are."""
    target = folder(root, ML_FEATURE_STORE)
    return sorted(target.parent.glob(f"{target.name}_staging_*"))
