"""BigQuery does what it is asked, and nobody hears of it: a run ends as if every answer had come."""

from __future__ import annotations

from itertools import cycle

import pytest
from pyspark.sql import SparkSession

from tests.bigquery_emulator.emulator import Emulator
from tests.endurance.bigquery_runs import LossyRuns
from tests.endurance.lost_answers import HOW, Losses
from tests.endurance.scenarios import small_league


@pytest.fixture(scope="module")
def runs(spark: SparkSession, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> LossyRuns:
    return LossyRuns(spark, emulator, small_league(tmp_path_factory.mktemp("league")))


def test_a_run_that_hears_no_first_answer_to_any_change_ends_like_any_other(runs: LossyRuns) -> None:
    ways = cycle(HOW)
    losses = Losses(how=lambda _: next(ways), chosen=lambda call: call.changes and call.is_rest)
    found = runs.run(losses)
    assert (found.error, found.wrong) == (None, [])
    assert {call.name.split()[0] for call in losses.lost} == {"POST", "DELETE"}
    assert len(losses.lost) > 5
