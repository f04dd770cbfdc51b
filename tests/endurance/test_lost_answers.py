"""BigQuery does what it is asked, and nobody hears of it: a run ends as if every answer had come."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest

from jobs.warehouse.bigquery import connection
from jobs.warehouse.bigquery.query_jobs import Jobs
from tests.bigquery_emulator.emulator import Emulator
from tests.endurance.lost_answers import SECONDS_TO_GIVE_UP, How, Losses, losing
from tests.endurance.rest_runs import RestRuns
from tests.warehouse.bigquery.project import BigQueryProject


def test_no_change_by_rest_needs_its_first_answer(emulator: Emulator) -> None:
    ways: Iterator[How] = cycle(("reset", "503"))
    losses = Losses(
        how=lambda call: "timeout" if "MERGE" in call.name else next(ways), chosen=lambda call, _: call.changes
    )
    with losing(emulator) as proxies:
        found = RestRuns(emulator, proxies).run(losses)
    assert (found.error, found.wrong) == (None, [])
    lost = Counter(call.name for call, _ in losses.lost)
    assert lost["POST jobs (MERGE)"] == 2
    assert lost["POST jobs (INSERT)"] == 1
    assert lost["DELETE datasets/tables"] == 2
    assert lost["POST upload/jobs"] > 5


@pytest.mark.parametrize(
    "ask",
    [
        lambda jobs: jobs.rows("SELECT 1 AS one"),
        lambda jobs: [] if jobs.change("SELECT 1 AS one", "feature_store-one", {}).done() else None,
    ],
    ids=["rows", "change"],
)
def test_who_waits_for_a_statement_asks_again_when_no_answer_comes(
    ask: Callable[[Jobs], object], emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HELD_BACK_SECONDS", 0)
    losses = Losses(how=lambda _: "timeout", chosen=lambda call, made: (call.name, made.number) == ("GET queries", 0))
    began = time.monotonic()
    with losing(emulator) as proxies:
        proxies.losses = losses
        project = BigQueryProject(emulator, create_datasets=False)
        jobs = Jobs(project.connection(**proxies.endpoints, read_timeout_seconds=1), lambda _: None)
        assert ask(jobs) is not None
    assert len(losses.lost) == 1
    assert time.monotonic() - began < 5 * SECONDS_TO_GIVE_UP
