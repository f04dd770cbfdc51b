"""One kill of each kind of run at an instant of a seed; many more by hand, see `python -m tests.endurance --help`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests import shared_jvm
from tests.end_to_end.store import Store
from tests.endurance.contents import contents_of
from tests.endurance.kills import OWN_JVM, REPOSITORY, SESSIONS_JVM, Killer
from tests.endurance.scenarios import Scenarios

SEED = 26
LIFE = 6.0
"""Seconds, about, that a process lives that starts a JVM."""
SLOW = """
import sys
from tests.shared_jvm import session
with session(None) as spark:
    spark.sql("SELECT java_method('java.lang.Thread', 'sleep', id + 3000) FROM range(1)").write.text(sys.argv[1])
"""


@pytest.fixture(scope="module")
def made(sources: Store, tmp_path_factory: pytest.TempPathFactory) -> Scenarios:
    return Scenarios(sources, tmp_path_factory.mktemp("scenarios"))


@pytest.mark.parametrize(("name", "own_jvm"), [("month", True), ("rollback", False)])
def test_a_run_that_is_killed_at_any_instant_ends_like_any_other(
    name: str, own_jvm: bool, made: Scenarios, tmp_path: Path
) -> None:
    killer = Killer(tmp_path, SEED, float(own_jvm), LIFE)
    assert killer.run(made.named(name)) == []
    tally = killer.tallies[name]
    assert tally.kills or tally.ended
    assert {kill.how for kill in tally.kills} <= {*(OWN_JVM if own_jvm else SESSIONS_JVM)}


def test_what_a_killed_driver_has_asked_of_the_jvm_comes_to_its_end_or_is_cancelled(
    spark: SparkSession, tmp_path: Path
) -> None:
    for cancelled in (True, False):
        folder = tmp_path / f"cancelled {cancelled}"
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW, str(folder)], cwd=REPOSITORY, env=shared_jvm.environment(spark)
        )
        while not spark.sparkContext.statusTracker().getActiveJobsIds():
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
        process.wait()
        shared_jvm.wait_for_work_left(spark, cancelled=cancelled)
        assert (folder / "_SUCCESS").exists() is not cancelled


def test_a_row_that_is_lost_and_one_that_is_there_twice_are_differences(made: Scenarios, tmp_path: Path) -> None:
    store = made.named("rollback").before.copied_to(tmp_path / "spoilt")
    whole = contents_of(store, "backfill_features")
    assert whole.differences(whole) == []
    player = min(player for player, _ in store.features())
    store.sql(f"DELETE FROM {{table}} WHERE player_lookup = '{player}'")
    store.sql("INSERT INTO {table} SELECT * FROM {table} WHERE game_date = DATE '2021-11-20' LIMIT 1")
    differences = contents_of(store, "backfill_features").differences(whole)
    assert {line.split(":")[1].split(" x ")[1].strip() for line in differences} == {"lacking", "only here"}
