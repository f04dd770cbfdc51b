"""A lock between processes, by a file: what its holder does, nobody else does at the same time.

The system takes it away from a process that ends, however it ends.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.errors import RefusedError

_PAUSE = 0.02


@contextmanager
def exclusive(file: Path, *, seconds: float = 60) -> Iterator[None]:
    """Holds the lock of a file, made where it is missing. RefusedError when it is not free within `seconds`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + seconds
    with file.open("a") as opened:
        while not _taken(opened.fileno()):
            if time.monotonic() > until:
                raise RefusedError(
                    f"{file} is locked by another process for more than {seconds:.0f} s; look what it does"
                )
            time.sleep(_PAUSE)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
