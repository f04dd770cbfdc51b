"""Files that are cut off or cannot be read, and folders that cannot be written to, from a stage of a run on Delta on.

A run says in one line which file it is, and when that is mended it goes on and leaves what any other run leaves.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.ledger import process
from jobs.schemas.tables import FEATURE_RUN_DATES, FEATURE_RUNS, ML_FEATURE_STORE, PLAYER_GAME_SUMMARY, Table
from jobs.spark.errors import explained
from tests.end_to_end.store import Store
from tests.endurance.contents import newest_run
from tests.endurance.unreadable import unreadable
from tests.endurance.writers import BOTH, OPTIONS, Judged, Start, Writer, held_at_stages, unequal

START = "start"
MOMENTS = (START, "plan", "stage", "verify", "merge")
"""A run has not begun, or is held at a stage."""


def _data(table: Table) -> Callable[[Store], Path]:
    return lambda store: store.folder(table) / min(store.data_files(table))


def _log(table: Table) -> Callable[[Store], Path]:
    return lambda store: max((store.folder(table) / "_delta_log").glob("*.json"))


def _of_staging(pattern: str) -> Callable[[Store], Path]:
    def file(store: Store) -> Path:
        (staging,) = store.staging_folders()
        return min((store.folder(ML_FEATURE_STORE).with_name(staging)).glob(pattern))

    return file


FILES: dict[str, Callable[[Store], Path]] = {
    "source": _data(PLAYER_GAME_SUMMARY),
    "log of a source": _log(PLAYER_GAME_SUMMARY),
    "staging": _of_staging("*.parquet"),
    "log of staging": _of_staging("_delta_log/*.json"),
    "target": _data(ML_FEATURE_STORE),
    "log of the target": _log(ML_FEATURE_STORE),
    "runs of the ledger": _data(FEATURE_RUNS),
    "log of the runs": _log(FEATURE_RUNS),
    "dates of the ledger": _data(FEATURE_RUN_DATES),
}
FOLDERS: dict[str, Callable[[Store], Path]] = {
    "target's folder": lambda store: store.folder(ML_FEATURE_STORE),
    "target's dataset": lambda store: store.folder(ML_FEATURE_STORE).parent,
    "ledger's dataset": lambda store: store.folder(FEATURE_RUNS).parent,
    "warehouse": lambda store: store.root,
}


def is_there(place: str, moment: str) -> bool:
    """Whether a place has files at a moment."""
    return "staging" not in place or moment in ("stage", "verify", "merge")


@contextmanager
def cut_off(file: Path) -> Iterator[None]:
    """The first half of a file."""
    content = file.read_bytes()
    with file.open("r+b") as opened:
        opened.truncate(len(content) // 2)
    try:
        yield
    finally:
        # A run may have removed what it cannot use.
        if file.exists():
            file.write_bytes(content)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder on a file system that nobody can write to."""
    for options in (["--bind", str(folder)], ["-o", "remount,ro,bind"]):
        subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


FAULTS = {"cut off": (cut_off, FILES), "unreadable": (unreadable, FILES), "read-only": (read_only, FOLDERS)}


def _of_job(store: Store) -> Callable[[], object]:
    """A back-fill, in the warehouse as a job has it open."""

    def run() -> None:
        with store.warehouse.naming_files():
            store.run(BOTH)

    return run


def judged(start: Start[Store], fault: str, place: str, moment: str) -> Judged:
    """What becomes of a run whose storage has a fault from a moment on, and of the same run when that is mended."""
    store, (damage, places) = start.store, FAULTS[fault]
    writer = Writer(moment, _of_job(store))
    assert start.old
    with held_at_stages():
        if moment != START:
            writer.to_its_stage()
        if writer.error is not None:
            return Judged("", [f"it did not come to {moment}: {writer.error!r}"])
        path = places[place](store)
        with damage(path):
            if moment == START:
                writer.start()
            writer.to_its_end()
    if writer.error is None:
        return Judged("right", unequal(store, start.after))
    line = str(writer.error) if isinstance(writer.error, JobError) else explained(writer.error)
    wrong = [] if len(line.splitlines()) == 1 else ["more than a line"]
    wrong += [] if path.name in line else [f"it does not name {path.name}"]
    return Judged(f"error, resumed: {line}", wrong + _gone_on(start))


def _gone_on(start: Start[Store]) -> list[str]:
    """What is wrong when the run goes on, or begins anew where it is not in the ledger."""
    store, run = start.store, newest_run(start.store, "backfill_features")
    with pytest.MonkeyPatch.context() as patch:
        # The process of the run has ended where a person is.
        patch.setattr(process, "lives", lambda *_: False)
        try:
            if run is None or run.run_id in start.old:
                store.backfill(BOTH, **OPTIONS)
            elif run.row.status in ("running", "failed"):
                store.resume(run.run_id)
        except Exception as error:
            return [f"it does not go on: {error!r}"]
    return unequal(store, start.after)
