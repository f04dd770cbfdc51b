"""When a machine is to be lost: the run in which a test kills one, and what it waits for before."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable
from pathlib import Path

from jobs.planning.plan import RequestedDates
from tests.cluster.standalone import StandaloneCluster, Worker
from tests.cluster.submission import QUICK, Submitted, Submitter

REPOSITORY = Path(__file__).parents[2]
DATES = RequestedDates(datetime.date(2021, 11, 20), datetime.date(2021, 11, 30))
BACKFILL = ("backfill_features", "--start", DATES.start, "--end", DATES.end, "--on-missing", "fallback")

# How a value is computed is not the question here; the month on a cluster has the settings of a user's run.
INTERPRETED = {"spark.sql.codegen.factoryMode": "NO_CODEGEN"}
_DRIVER = " ".join([QUICK, *[f"-D{name}={value}" for name, value in INTERPRETED.items()]])


def launched(submitter: Submitter, *job: object) -> Submitted:
    """A job by the launching command, which sees to it that the executors get a file system's jar from the driver."""
    command = [sys.executable, "-m", "jobs.submission.cluster", "--master", submitter.cluster.url]
    command += ["--executors", "2", "--executor-cores", "1", "--executor-memory", "1g", "--driver-memory", "1g"]
    command += ["--executor-java-options", QUICK, "--artifact", str(submitter.artifact.folder), *map(str, job)]
    return submitter.start(command, PYTHONPATH=str(REPOSITORY), PATH=os.environ["PATH"], SPARK_SUBMIT_OPTS=_DRIVER)


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
