"""One kill of each kind of run at an instant of a seed; many more by hand, see `python -m tests.endurance --help`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.store import Store
from tests.endurance.contents import contents_of
from tests.endurance.kills import Killer
from tests.endurance.scenarios import Scenarios

SEED = 26
LIFE = 6.0
"""Seconds, about, that a process lives whose instant is drawn."""


@pytest.fixture(scope="module")
def made(sources: Store, tmp_path_factory: pytest.TempPathFactory) -> Scenarios:
    return Scenarios(sources, tmp_path_factory.mktemp("scenarios"))


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Killer:
    return Killer(tmp_path_factory.mktemp("killed"), SEED, LIFE)


@pytest.mark.parametrize("name", ["month", "rollback"])
def test_a_run_that_is_killed_at_any_instant_ends_like_any_other(name: str, made: Scenarios, killer: Killer) -> None:
    assert killer.run(made.named(name)) == []
    assert killer.tallies[name].kills or killer.tallies[name].ended


def test_a_row_that_is_lost_and_one_that_is_there_twice_are_differences(made: Scenarios, tmp_path: Path) -> None:
    store = made.named("rollback").before.copied_to(tmp_path / "spoilt")
    whole = contents_of(store, "backfill_features")
    assert whole.differences(whole) == []
    player = min(player for player, _ in store.features())
    store.sql(f"DELETE FROM {{table}} WHERE player_lookup = '{player}'")
    store.sql("INSERT INTO {table} SELECT * FROM {table} WHERE game_date = DATE '2021-11-20' LIMIT 1")
    differences = contents_of(store, "backfill_features").differences(whole)
    assert {line.split(":")[1].split(" x ")[1].strip() for line in differences} == {"lacking", "only here"}
