"""A disk that is full when rows are staged, merged or entered in the ledger: one line, and later the run goes on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.backfill.stages import ComputeAndStage
from jobs.ledger import process
from jobs.ledger.ledger import Ledger
from jobs.spark.errors import explained
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.store import Store
from tests.endurance.contents import Contents, contents_of, newest_run
from tests.endurance.scenarios import MONTH, OPTIONS

MEGABYTES = 64
LEFT = 20_000
"""Bytes that a full disk still has: fewer than any of these writes needs."""
STEPS: dict[str, tuple[Any, str]] = {
    "stage": (ComputeAndStage, "carry_out"),
    "merge": (DeltaWarehouse, "merge"),
    "ledger": (Ledger, "write_dates"),
}


@pytest.fixture(scope="module")
def expected(sources: Store, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What a run leaves on a disk with room."""
    whole = sources.copied_to(tmp_path_factory.mktemp("whole"))
    whole.backfill(MONTH, **OPTIONS)
    return contents_of(whole, "backfill_features")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all that is left."""
    file = disk / "filler"
    with file.open("wb") as opened:
        opened.write(bytes(shutil.disk_usage(disk).free - LEFT))
    return file


def filling(disk: Path, call: Callable[..., Any]) -> Callable[..., Any]:
    """The call, on a disk that is full by then."""

    def done(*arguments: Any, **named: Any) -> Any:
        fill(disk)
        return call(*arguments, **named)

    return done


@pytest.mark.parametrize("step", STEPS)
def test_a_run_on_a_full_disk_says_so_in_one_line_and_is_resumed(
    step: str, sources: Store, expected: Contents, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = sources.copied_to(disk / "warehouse")
    owner, name = STEPS[step]
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, filling(disk, getattr(owner, name)))
        with pytest.raises(Exception, match=r"full|No space left") as raised:
            store.backfill(MONTH, **OPTIONS)
    line = explained(raised.value)
    assert len(line.splitlines()) == 1
    assert "No space left on device" in line or "is full" in line
    assert "make room" in line

    (disk / "filler").unlink()
    # The process of the run has ended where a person is.
    monkeypatch.setattr(process, "lives", lambda *_: False)
    stopped = newest_run(store, "backfill_features")
    assert stopped is not None
    store.resume(stopped.run_id)
    assert contents_of(store, "backfill_features").differences(expected) == []
