"""The oracle against pre-computed tables that somebody else computed from the same two seasons, at their own scale.

Needs no Spark. Every value is equal, but for the mark of rows that were processed again; `_reprocessed` knows it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.oracle import histories
from tests.oracle.histories import Tables
from tests.oracle.newest import Key, Newest, Row, newest_by_key
from tests.oracle.seasons import REAL_DATA, SEASON_START
from tests.oracle.upstream_naive import CONTEXT, DEFENSE_GAME, HASHED, KEYS, PLAYER_GAME, expected_upstream

NEWEST = ("processed_at", "created_at")
COLUMNS_READ = {
    "nba_analytics/player_game_summary": ("player_lookup", "game_date", *PLAYER_GAME, *NEWEST),
    "nba_analytics/team_offense_game_summary": ("team_abbr", "game_date", *histories.OFFENSE_GAME, *NEWEST),
    "nba_analytics/team_defense_game_summary": ("defending_team_abbr", "game_date", *DEFENSE_GAME, *NEWEST),
    "nba_analytics/upcoming_player_game_context": ("player_lookup", "game_date", *CONTEXT, *NEWEST),
    "nba_raw/nbac_schedule": (
        *("game_id", "game_date", "home_team_tricode", "away_team_tricode", "game_status", "season_year"),
        *("is_regular_season", "is_playoffs"),
    ),
}


class Difference(NamedTuple):
    """A value of the oracle, the shipped one, and how many shipped rows the key has."""

    key: Key
    want: Decimal
    have: Decimal
    rows_found: int


class Shipped(NamedTuple):
    """Two seasons: the sources, the oracle's rows, and the newest shipped row of each key."""

    tables: Tables
    expected: Mapping[str, Mapping[Key, Row]]
    shipped: Mapping[str, Mapping[Key, Newest]]
    scales: Mapping[str, Mapping[str, int]]

    def in_both(self, table: str) -> set[Key]:
        """The keys of a table on both sides."""
        return self.expected[table].keys() & self.shipped[table].keys()

    def differences(self, table: str, column: str) -> list[Difference]:
        """The keys on both sides whose values of a column are not equal."""
        found: list[Difference] = []
        for key in sorted(self.in_both(table)):
            newest = self.shipped[table][key]
            want = at_scale(self.expected[table][key][column], self.scales[table].get(column))
            if want != newest.row[column]:
                found.append(Difference(key, want, newest.row[column], newest.rows_found))
        return found


def at_scale(value: Any, scale: int | None) -> Any:
    """A value as a load into a column of this scale rounds it."""
    return value if scale is None or value is None else value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


@pytest.fixture(scope="module")
def two_seasons() -> Shipped:
    folder = Path(os.environ.get("FEATURE_STORE_TEST_DATA", Path(__file__).parents[2] / REAL_DATA))
    if not folder.is_dir():
        pytest.skip(f"no folder {folder} with pre-computed tables to compare with")
    tables = {
        path.rpartition("/")[2]: pq.read_table(folder / f"{path}.parquet", columns=[*columns]).to_pylist()
        for path, columns in COLUMNS_READ.items()
    }
    dates = {row["game_date"] for row in tables["upcoming_player_game_context"]}
    shipped, scales = {}, {}
    for name, key in KEYS.items():
        columns = [*HASHED[name], *NEWEST]
        found = pq.read_table(folder / f"nba_precompute/{name}.parquet", columns=columns)
        shipped[name] = newest_by_key(found.to_pylist(), key, HASHED[name])
        scales[name] = {field.name: field.type.scale for field in found.schema if pa.types.is_decimal(field.type)}
    return Shipped(tables, expected_upstream(tables, dates, SEASON_START), shipped, scales)


@pytest.mark.parametrize("table", KEYS)
def test_the_same_keys_on_every_date_that_was_shipped(two_seasons: Shipped, table: str) -> None:
    shipped = two_seasons.shipped[table].keys()
    shipped_dates = {date for _, date in shipped}
    expected = {key for key in two_seasons.expected[table] if key[1] in shipped_dates}
    assert len(expected) > 10_000
    assert expected == shipped


@pytest.mark.parametrize("table", KEYS)
def test_every_column_is_the_shipped_one_but_for_what_is_explained(two_seasons: Shipped, table: str) -> None:
    count = len(two_seasons.in_both(table))
    print(f"\n{table}: {len(two_seasons.expected[table])} rows expected, {count} of them shipped")
    unexplained = {}
    for column in HASHED[table]:
        found = two_seasons.differences(table, column)
        print(f"  {column:34} {100 * (count - len(found)) / count:8.4f} %  {len(found)} differ")
        if found and not (column == "points_avg_last_5" and _reprocessed(found)):
            unexplained[column] = found[:5]
    assert unexplained == {}


def _reprocessed(found: list[Difference]) -> bool:
    """A key that stands twice, whose newer row has a mean 0.2 larger: a mark of the row that has to win."""
    return all(one.rows_found > 1 and one.have - one.want == Decimal("0.2") for one in found)
