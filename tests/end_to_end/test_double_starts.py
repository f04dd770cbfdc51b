"""Two back-fills of one day, started at once on an object store: one goes on, the other is refused."""

from __future__ import annotations

from jobs.ledger.history import RunHistory
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.double_starts import ONE_OF_TWO, twice
from tests.end_to_end.store import Store
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import new_folder, upload


def test_of_two_that_start_at_once_one_goes_on(gcs: FakeGcs, imported: Store) -> None:
    warehouse = new_folder(gcs, imported.spark)
    upload(gcs, imported.root, warehouse)
    for times in (1, 2):
        codes, told = zip(*twice(gcs, warehouse, imported.spark), strict=True)
        assert list(codes) == ONE_OF_TWO, told
        assert "is under way and holds 2021-11-19" in told[1]
        runs = RunHistory(DeltaWarehouse(imported.spark, warehouse, {})).runs()
        assert [run.row.status for run in runs] == ["succeeded"] * times
