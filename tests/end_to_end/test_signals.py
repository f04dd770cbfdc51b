"""Ctrl-C, `kill` and a closed terminal: a run stops at once, says how to resume it, and ends with its code."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from jobs.ledger.history import runs_of
from jobs.schemas.tables import FEATURE_RUNS
from tests.end_to_end.killed_run import DATES
from tests.end_to_end.signalled_run import signalled
from tests.end_to_end.store import Store

IN_WORDS = {signal.SIGINT: "Ctrl-C (SIGINT)", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


@pytest.mark.parametrize(
    ("number", "point"),
    [(signal.SIGINT, "after a merge"), (signal.SIGTERM, "in a query"), (signal.SIGHUP, "after a merge")],
)
def test_a_signal_is_heard_told_in_words_and_the_run_is_resumed(
    number: signal.Signals, point: str, imported: Store, tmp_path: Path
) -> None:
    store = imported.copied_to(tmp_path / "warehouse")
    options = ["--start", DATES.start, "--end", DATES.end, "--on-missing", "fallback", "--merge-slice-rows", 1]
    answer = signalled(number, point, *options, "--warehouse-path", store.root)
    assert answer.returncode == 128 + number, answer.stderr
    (run,) = runs_of(store.warehouse.rows(FEATURE_RUNS))
    told = f"stopped by {IN_WORDS[number]}"
    assert (run.row.status, run.row.error) == ("failed", f"Interrupted: {told}")
    assert (
        f"run {run.run_id} {told}; to go on, resume with:\n  ./spark-submit.sh local backfill_features" in answer.stderr
    )
    assert f"--resume {run.run_id}\n" in answer.stderr
    assert answer.stderr.splitlines()[-1] == f"error: {told}"
    assert not [word for word in ("Traceback", "Py4J", "Exception ignored") if word in answer.stderr]
    months = {row["game_date"].month for row in store.ledger(run.run_id)}
    assert months == ({DATES.start.month} if point == "after a merge" else set())
    assert store.resume(run.run_id).ledger_status == "succeeded"
