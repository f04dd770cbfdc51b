"""A back-fill in a process of its own that kills itself, without a chance to clean up, at a step that it is told.

python -m tests.end_to_end.killed_run JOB POINT CONFIG_FILE
"""

from __future__ import annotations

import datetime
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from rich.console import Console

from jobs.backfill import run
from jobs.backfill.precompute import UpstreamComputation
from jobs.backfill.stages import CleanUp, ComputeAndStage, MergeSlice, Stage
from jobs.backfill.writer import Writing
from jobs.backfill_features import backfill_features
from jobs.backfill_upstream import JOB as UPSTREAM_JOB
from jobs.backfill_upstream import backfill_upstream
from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.ledger.ledger import Ledger
from jobs.planning.plan import RequestedDates
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.warehouse.bigquery import warehouse as bigquery_warehouse
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from jobs.warehouse.delta import publishing, slices
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.opening import open_warehouse
from tests import shared_jvm

REPOSITORY = Path(__file__).parents[2]
DATES = RequestedDates(datetime.date(2021, 11, 29), datetime.date(2021, 12, 2))
OPTIONS: dict[str, Any] = {"on_missing": "fallback", "merge_slice_rows": 1}
KILLED_TABLES = UPSTREAM_TARGETS[2:]
"""Two of the players' tables."""
SECOND_STAGED = "after staging the second table"
PUBLISHING = "publishing"
"""A point that a run in a folder of this machine comes to, and none at a store."""
SPARK_IS_AT_WORK = ("staging", "in a merge")
"""Points at which a JVM has something under way, and dies with its driver; at the others it waits to be told."""


def die(*_: Any, **__: Any) -> Any:
    """As if the machine had lost its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(owner: Any, name: str, times: int = 1) -> Callable[[], None]:
    """Dies when a step has been done so many times."""

    def patch() -> None:
        step, left = getattr(owner, name), [times]

        def done(*arguments: Any, **named: Any) -> Any:
            answer = step(*arguments, **named)
            left[0] -= 1
            if not left[0]:
                die()
            return answer

        setattr(owner, name, done)

    return patch


def in_the_middle_of(owner: Any, name: str) -> Callable[[], None]:
    """Dies while a step is under way: as soon as it has put a file into the target."""

    def patch() -> None:
        step = getattr(owner, name)

        def watched(warehouse: Any, table: Any, *arguments: Any) -> Any:
            folder = warehouse.folder(table)
            before = set(folder.rglob("*.parquet"))

            def watch() -> None:
                while set(folder.rglob("*.parquet")) == before:
                    time.sleep(0.002)
                die()

            threading.Thread(target=watch, daemon=True).start()
            return step(warehouse, table, *arguments)

        setattr(owner, name, watched)

    return patch


def without_publishing(point: Callable[[], None]) -> Callable[[], None]:
    """A point of a process that makes a MERGE of rows that are all new, too."""

    def patch() -> None:
        setattr(slices, "publish", lambda *_: None)  # noqa: B010
        point()

    return patch


def at_the_boundary_before(stage: type[Stage], number: int = 1) -> Callable[[], None]:
    """Dies between two stages: before the one of this kind, or the second of them."""

    def patch() -> None:
        planned, left = run.stages, [number]

        def watched(*arguments: Any) -> Iterator[Stage]:
            for following in planned(*arguments):
                left[0] -= isinstance(following, stage)
                if not left[0]:
                    die()
                yield following

        setattr(run, "stages", watched)  # noqa: B010

    return patch


def with_a_statement_sent(beginning: str) -> Callable[[], None]:
    """Dies when BigQuery has been sent a statement, and nobody has waited for its end."""

    def patch() -> None:
        from jobs.warehouse.bigquery.query_jobs import Jobs

        step = Jobs._started

        def sent(jobs: Any, statement: str, *arguments: Any) -> Any:
            answer = step(jobs, statement, *arguments)
            if statement.startswith(beginning):
                die()
            return answer

        setattr(Jobs, "_started", sent)  # noqa: B010

    return patch


POINTS: dict[str, Callable[[], None]] = {
    "planning": at_the_boundary_before(ComputeAndStage),
    "staging": in_the_middle_of(DeltaWarehouse, "stage"),
    "after staging": after(Writing, "stage"),
    "after verify": after(Ledger, "write_checkpoint"),
    "in a merge": without_publishing(in_the_middle_of(DeltaWarehouse, "merge")),
    PUBLISHING: after(publishing, "_link"),
    "after a merge, before the ledger": after(DeltaWarehouse, "merge"),
    "between two slices": at_the_boundary_before(MergeSlice, 2),
    "before clean-up": at_the_boundary_before(CleanUp),
}

UPSTREAM_POINTS: dict[str, Callable[[], None]] = {
    "compute": after(UpstreamComputation, "rows"),
    SECOND_STAGED: after(Writing, "stage", times=2),
    **{name: POINTS[name] for name in ("staging", "in a merge", "between two slices")},
}

BIGQUERY_POINTS: dict[str, Callable[[], None]] = {
    "the empty staging table is made": after(bigquery_warehouse, "make_staging"),
    "after staging": after(Writing, "stage"),
    "in a merge": with_a_statement_sent("MERGE"),
    "after a merge, before the ledger": after(BigQueryWarehouse, "merge"),
}


def killed(
    job: str, point: str, options: Mapping[str, Any], folder: Path, spark: SparkSession, *, timeout: float = 300
) -> None:
    """Starts `job` with `OPTIONS` and these in a process of its own, and waits until it has killed itself at the point.

    It has a JVM of its own where Spark is at work then, else that of `spark`. The settings file is put into `folder`.
    AssertionError when the process ends in another way.
    """
    config = folder / "settings.json"
    config.write_text(json.dumps({**OPTIONS, **options}))
    shared = None if point in SPARK_IS_AT_WORK else spark
    command = [*shared_jvm.interpreter(shared), "tests.end_to_end.killed_run", job, point, str(config)]
    environment = shared_jvm.environment(shared)
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    # What the process has left in the JVM is not to help whoever goes on.
    spark.catalog.clearCache()
    assert done.returncode == -signal.SIGKILL, done.stderr


def main(job: str, point: str, config: str) -> None:
    """Runs until the point."""
    settings = load_settings({}, config=Path(config), environment={})
    upstream = job == UPSTREAM_JOB
    points = UPSTREAM_POINTS if upstream else BIGQUERY_POINTS if settings.warehouse == "bigquery" else POINTS
    points[point]()
    progress = Progress(Console(file=io.StringIO()))
    with open_warehouse(settings) as warehouse:
        if upstream:
            backfill_upstream(warehouse, settings, DATES, progress, tables=KILLED_TABLES)
        else:
            backfill_features(warehouse, settings, DATES, progress)


if __name__ == "__main__":
    main(*sys.argv[1:])
