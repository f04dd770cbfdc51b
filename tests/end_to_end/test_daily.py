"""The daily run: tonight's games, corrections of the days before, and which date tonight is."""

from __future__ import annotations

import datetime

import pytest

from jobs.audits.late_rows import late_rows
from jobs.config.settings import load_settings
from jobs.daily import daily, league_date
from jobs.errors import ExitCode
from jobs.planning.plan import RequestedDates
from jobs.reports.daily import DailyReport
from jobs.schemas.tables import PLAYER_DAILY_CACHE, PLAYER_GAME_SUMMARY
from tests.end_to_end.store import Store, silent
from transforms.catalogue import FEATURE_NAMES

EVENING = datetime.date(2021, 11, 20)


def run(store: Store, date: datetime.date, lookback_days: int = 3) -> DailyReport:
    settings = load_settings({}, environment={})
    with store.opened() as warehouse:
        return daily(warehouse, settings, date, silent(), lookback_days=lookback_days)


@pytest.mark.parametrize(
    ("moment", "date"),
    [("2021-11-20T01:00+00:00", "2021-11-19"), ("2021-11-20T06:00+00:00", "2021-11-20")],
)
def test_a_run_after_midnight_in_utc_is_for_the_evening_before(moment: str, date: str) -> None:
    assert str(league_date(datetime.datetime.fromisoformat(moment))) == date


def averages(store: Store, date: datetime.date) -> dict[str, tuple[float, float]]:
    """Each player's mean points over 10 games as the pre-computed table has it, and as the feature store does."""
    index = FEATURE_NAMES.index("points_avg_last_10")
    cached = store.sql(f"SELECT * FROM {{table}} WHERE cache_date = DATE '{date}'", PLAYER_DAILY_CACHE)
    stored = {player: row["features"][index] for (player, on), row in store.features().items() if on == date}
    return {
        row["player_lookup"]: (float(row["points_avg_last_10"]), stored[row["player_lookup"]])
        for row in cached
        if row["player_lookup"] in stored
    }


def test_three_evenings_in_a_row_with_one_correction(store: Store) -> None:
    evenings = sorted({row["game_date"] for row in store.rows(PLAYER_GAME_SUMMARY)})
    first, second, third = [date for date in evenings if date >= EVENING][:3]
    # Nobody else fills the table on this date.
    store.sql(f"DELETE FROM {{table}} WHERE cache_date = DATE '{first}'", PLAYER_DAILY_CACHE)
    opened = run(store, first)
    assert opened.exit_code == ExitCode.DONE
    assert opened.corrections is None
    rows = store.features_by_date()
    assert rows == {first: opened.tonight.features.rows["inserted"]}
    assert [filled.table for filled in opened.tonight.filled] == ["player_daily_cache"]

    assert [late.rows for late in late_rows(store.warehouse, RequestedDates(first, first))] == [0, 0, 0, 0]
    before = averages(store, first)
    earlier = [
        row
        for row in store.rows(PLAYER_GAME_SUMMARY)
        if row["game_date"] < first and row["player_lookup"] in before and row["points"]
    ]
    corrected = max(earlier, key=lambda row: (row["game_date"], row["player_lookup"]))
    store.sql(
        f"UPDATE {{table}} SET points = points + 7, processed_at = current_timestamp() "
        f"WHERE player_lookup = '{corrected['player_lookup']}' AND game_date = DATE '{corrected['game_date']}'",
        PLAYER_GAME_SUMMARY,
    )
    after = run(store, second, lookback_days=(second - first).days)
    assert after.corrections is not None
    assert [planned.game_date for planned in after.corrections.features.plan.dates] == [first]
    assert [filled.table for filled in after.corrections.filled] == ["player_daily_cache"]
    player = corrected["player_lookup"]
    cached, feature = averages(store, first)[player]
    assert before[player][0] + 0.5 < cached == feature
    assert store.features_by_date().keys() == {first, second}

    again = run(store, third, lookback_days=(third - first).days)
    assert again.corrections is None
    assert again.as_json()["features"]["status"] == "succeeded"


def test_an_evening_without_games_is_no_error(store: Store) -> None:
    report = run(store, datetime.date(2021, 7, 4), lookback_days=0)
    assert (report.exit_code, report.tonight.features.plan.dates) == (ExitCode.DONE, ())
