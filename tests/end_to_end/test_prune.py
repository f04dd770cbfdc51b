"""A player who leaves the context of a date: his row stays, unless the run is to prune."""

from __future__ import annotations

import datetime

from jobs.ledger.history import RunHistory
from jobs.schemas.tables import UPCOMING_PLAYER_GAME_CONTEXT
from tests.end_to_end.store import Store, november

DATE = datetime.date(2021, 11, 20)


def test_a_row_without_context_is_deleted_by_a_prune_only(filled_store: Store) -> None:
    store = filled_store
    before = store.features()
    gone = (min(player for player, date in before if date == DATE), DATE)
    store.sql(
        f"DELETE FROM {{table}} WHERE player_lookup = '{gone[0]}' AND game_date = DATE '{DATE}'",
        UPCOMING_PLAYER_GAME_CONTEXT,
    )
    store.backfill(november(18, 21))
    assert store.features() == before
    outcome = store.backfill(november(18, 21), prune=True)
    assert store.features() == {key: row for key, row in before.items() if key != gone}
    assert (outcome.merged_rows["pruned"], outcome.dates[DATE].pruned) == (1, 1)
    history = RunHistory(store.warehouse)
    assert history.run(outcome.run_id).row.rows_pruned == 1
    assert [date.pruned for date in history.dates(outcome.run_id) if date.game_date == DATE] == [1]
    assert store.backfill(november(18, 21), prune=True).merged_rows["pruned"] == 0
