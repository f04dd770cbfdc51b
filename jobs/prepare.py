"""Prepares this machine: fetches the packages' jars and records the archive of the JVM's classes.

Results do not need it, quick starts do. While it records, a tiny league goes through import and back-fill.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psutil
from rich.console import Console

from jobs.backfill_features import backfill_features
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.demo_league import generate
from jobs.errors import ExitCode
from jobs.import_tables import import_tables
from jobs.planning.plan import RequestedDates
from jobs.spark.class_archive import class_archive, ensure_base_archive, is_whole, keep_recording, recording_of
from jobs.spark.errors import explained
from jobs.spark.jars import state_folder
from jobs.spark.java import java_home
from jobs.spark.session import Start, fetched_jars
from jobs.warehouse.opening import open_warehouse, packages, spark_settings

JOB = "prepare"
_LEAGUE: dict[str, Any] = {"teams": 4, "players_per_team": 10, "until": datetime.date(2021, 11, 10)}
# The last days of the early season, and days after it.
_DATES = RequestedDates(datetime.date(2021, 10, 30), datetime.date(2021, 11, 9))


@dataclass(frozen=True)
class Prepared:
    """What is ready; `problem` is why no classes could be recorded."""

    jars: Sequence[Path]
    archive: Path
    archive_valid: bool
    problem: str | None

    def as_json(self) -> dict[str, Any]:
        """Says also where the archive is."""
        return {
            "job": JOB,
            "jars": list(map(str, self.jars)),
            "archive": str(self.archive),
            "archive_valid": self.archive_valid,
            "problem": self.problem,
        }

    def render(self, console: Console) -> None:
        """Prints nothing: the lines of progress have said it."""


def record_classes(settings: Settings, archive: Path) -> None:
    """Runs an import and a back-fill of a tiny league in a JVM that writes down its classes when it ends.

    OSError, a Spark error or CalledProcessError when no archive comes of it; what was there stays as it was.
    """
    silent = Progress(Console(quiet=True))
    ensure_base_archive(java_home())
    recording_of(archive).unlink(missing_ok=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder) / "league", **_LEAGUE)
            tiny = settings.model_copy(update={"warehouse_path": Path(folder) / "warehouse", "on_missing": "fallback"})
            with open_warehouse(tiny, record_classes=True) as warehouse:
                import_tables(warehouse, Path(folder) / "league", silent)  # type: ignore[arg-type]
                backfill_features(warehouse, tiny, _DATES, silent)
        if not keep_recording(archive):
            raise OSError("the JVM wrote no archive")
    finally:
        recording_of(archive).unlink(missing_ok=True)


def _recorded(settings: Settings, archive: Path, progress: Progress) -> str | None:
    """Records the archive and says so; returns what prevented it, if anything did."""
    started, problem = time.monotonic(), None
    try:
        record_classes(settings, archive)
        found = f"{archive.stat().st_size / 1e6:.0f} MB"
    except Exception as error:
        problem = explained(error)
        found = f"not recorded ({problem}); the jobs run without, a few seconds slower"
    progress.say(f"classes  {time.monotonic() - started:6.1f} s  {found}")
    return problem


def _wait_for_the_end_of(process: int) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(process).wait()


@job_command(JOB)
@click.option("--only-jars", is_flag=True, help="Fetch the jars, record no classes.")
@click.option("--after", type=int, metavar="PID", help="Record once this process has ended.")
def main(invocation: Invocation, only_jars: bool, after: int | None) -> ExitCode:
    """Fetch the jars that Spark needs and record the classes that its JVM loads, so that later starts are quicker."""
    quick = invocation.settings.engine.model_copy(update={"compiler": "quick"})
    settings = invocation.settings.model_copy(update={"engine": quick, "warehouse": "delta"})
    started = time.monotonic()
    jars = fetched_jars(Start(settings.engine, packages(settings), spark_settings(settings)))
    invocation.progress.say(f"jars     {time.monotonic() - started:6.1f} s  {len(jars)} in {state_folder()}")
    archive = class_archive(java_home(), jars, "quick")
    if after is not None:
        _wait_for_the_end_of(after)
    problem = None if only_jars else _recorded(settings, archive, invocation.progress)
    invocation.show(Prepared(jars, archive, archive_valid=is_whole(archive), problem=problem))
    return ExitCode.UNEXPECTED if problem else ExitCode.DONE


if __name__ == "__main__":
    main()
