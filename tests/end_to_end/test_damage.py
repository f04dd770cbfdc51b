"""Files of a staging table that are gone, cut off or overwritten: its rows are computed again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.store import Store, november

DATES = november(22, 23)


@pytest.fixture
def stopped(own_store: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, str, Path]:
    """A run that stopped before its first MERGE, and its staging table."""

    def fail(*_: Any, **__: Any) -> Any:
        raise JobError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(DeltaWarehouse, "merge", fail)
        with pytest.raises(JobError, match="the disk is full"):
            own_store.backfill(DATES, on_missing="fallback")
    (staging,) = own_store.staging_folders()
    return (
        own_store,
        staging.rpartition("_staging_")[2],
        own_store.folder(ML_FEATURE_STORE).with_name(staging),
    )


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def overwrite(file: Path) -> None:
    """Other bytes, as many as before."""
    file.write_bytes(b"x" * file.stat().st_size)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a file is gone": lambda staging: parts(staging)[0].unlink(),
    "a file is cut off": lambda staging: parts(staging)[0].write_bytes(parts(staging)[0].read_bytes()[:-100]),
    "a file is overwritten": lambda staging: overwrite(parts(staging)[0]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_staging_table_is_computed_again(
    stopped: tuple[Store, str, Path], damage: Callable[[Path], object]
) -> None:
    store, run_id, staging = stopped
    damage(staging)
    resumed = store.resume(run_id)
    assert resumed.rows["inserted"] == sum(row["game_date"] in DATES for row in store.features().values()) > 0
    assert store.staging_folders() == []
