"""Tables as they are deployed: a schedule that tells the phase otherwise, a target with columns of other processes."""

from __future__ import annotations

import pytest

from jobs.backfill import sources
from jobs.schemas.tables import NBAC_SCHEDULE
from tests.end_to_end.store import Store, november

BOOLEANS = (
    "season_phase = 'regular_season' AS is_regular_season",
    "season_phase = 'playoffs' AS is_playoffs",
)


def with_phases(store: Store, *phases: str) -> None:
    """Writes the schedule anew, its phase by these columns."""
    of_choices = {name for choice in NBAC_SCHEDULE.choices for name in choice}
    kept = [name for name in NBAC_SCHEDULE.column_names if name not in of_choices]
    folder = str(store.warehouse.folder(NBAC_SCHEDULE))
    rows = store.spark.read.format("delta").load(folder).selectExpr(*kept, *phases)
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(folder)


@pytest.mark.parametrize("phases", [("season_phase",), BOOLEANS, ("season_phase", *BOOLEANS)])
def test_the_schedule_is_read_with_all_three_phase_columns_the_absent_ones_null(
    own_store: Store, phases: tuple[str, ...]
) -> None:
    with_phases(own_store, *phases)
    rows = sources.open_sources(own_store.warehouse, november(18, 21), [NBAC_SCHEDULE])[NBAC_SCHEDULE.name]
    assert rows.columns == NBAC_SCHEDULE.column_names
    there = {phase.split(" AS ")[-1] for phase in phases}
    filled = {name for name in rows.columns if rows.where(f"{name} IS NOT NULL").limit(1).count()}
    assert {name for choice in NBAC_SCHEDULE.choices for name in choice} & filled == there
