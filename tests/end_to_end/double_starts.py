"""Two back-fills of the same dates, started at once in processes of their own on a warehouse in an object store.

python -m tests.end_to_end.double_starts --times 20
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import SparkSession

from jobs.demo_league import generate
from jobs.errors import ExitCode
from jobs.object_stores.store_path import StorePath
from tests import shared_jvm
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import new_folder, options

REPOSITORY = Path(__file__).parents[2]
DAY = "2021-11-19"
SECONDS = 600
ONE_OF_TWO = [ExitCode.DONE, ExitCode.REFUSED]


def started(gcs: FakeGcs, warehouse: StorePath, *job: str, spark: SparkSession | None = None) -> subprocess.Popen[str]:
    """A job in a process of its own, with the JVM of a session that is given."""
    return subprocess.Popen(
        [*shared_jvm.interpreter(spark), "jobs", *job, "--warehouse-path", str(warehouse)],
        cwd=REPOSITORY,
        env={**shared_jvm.environment(spark), "FEATURE_STORE_OBJECT_STORES": json.dumps(options(gcs))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and the errors."""
    _, told = process.communicate(timeout=SECONDS)
    return process.returncode, told


def twice(gcs: FakeGcs, warehouse: StorePath, spark: SparkSession | None = None) -> list[tuple[int, str]]:
    """What became of two that were started at once: exit code and errors, the lower code first."""
    job = ("backfill_features", "--dates", DAY, "--on-missing", "fallback")
    return sorted(ended(process) for process in [started(gcs, warehouse, *job, spark=spark) for _ in range(2)])


def main() -> None:
    """Prints the exit codes of each two, and fails when two went on or none."""
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.double_starts", description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    with TemporaryDirectory() as folder, FakeGcs(Path(folder) / "log") as gcs:
        warehouse = imported(gcs, Path(folder) / "league")
        for number in range(1, times + 1):
            codes = [code for code, _ in twice(gcs, warehouse)]
            print(f"{number} of {times}: exit codes {codes}", flush=True)
            if codes != ONE_OF_TWO:
                sys.exit(1)


def imported(gcs: FakeGcs, league: Path) -> StorePath:
    """A small league in a warehouse of the store."""
    generate(league, teams=4, players_per_team=11, until=datetime.date(2021, 12, 3))
    warehouse = new_folder(gcs)
    code, told = ended(started(gcs, warehouse, "import_tables", "--from", str(league)))
    assert code == ExitCode.DONE, told
    return warehouse


if __name__ == "__main__":
    main()
