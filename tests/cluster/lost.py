"""When a machine is to be lost: what a test waits for before it kills one, and the run that it does so in."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from jobs.planning.plan import RequestedDates
from tests.cluster.standalone import StandaloneCluster, Worker
from tests.cluster.submission import Submitted

DATES = RequestedDates(datetime.date(2021, 11, 20), datetime.date(2021, 11, 30))
BACKFILL = ("backfill_features", "--start", DATES.start, "--end", DATES.end, "--on-missing", "fallback")


def computing(cluster: StandaloneCluster, known: set[Path]) -> Worker | None:
    """A worker that has put down rows for the next step of the computation since those files were known."""
    for worker in cluster.workers:
        if set(worker.shuffle_files()) - known:
            return worker
    return None


def until_found(job: Submitted, find: Callable[[], Worker | None]) -> Worker:
    """Waits for a worker, while the job runs."""
    found: list[Worker] = []

    def looked() -> bool:
        if worker := find():
            found.append(worker)
        return bool(found)

    job.when(looked)
    return found[0]


def until_computing(cluster: StandaloneCluster, job: Submitted) -> Worker:
    """A worker in the computation, which begins when the plan is printed."""
    job.when(lambda: job.has_said("plan "))
    known = {file for worker in cluster.workers for file in worker.shuffle_files()}
    return until_found(job, lambda: computing(cluster, known))
