"""Keeps a driver's standard error apart: `spark-submit` hands on both outputs of a Python driver as one.

A summary in JSON could not be read from it otherwise.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.submission.run_job import ERRORS

_END = b"\0"


@contextmanager
def relayed_stderr() -> Iterator[dict[str, str]]:
    """The variable by which the driver finds the pipe of which all goes to this process's standard error."""
    with TemporaryDirectory() as folder:
        pipe = Path(folder) / "errors"
        os.mkfifo(pipe)
        # Open for both, it neither waits for a writer nor ends with one.
        descriptor = os.open(pipe, os.O_RDWR)
        reader = threading.Thread(target=_hand_on, args=(descriptor,), daemon=True)
        reader.start()
        try:
            yield {ERRORS: str(pipe)}
        finally:
            os.write(descriptor, _END)
            reader.join()
            os.close(descriptor)


def _hand_on(descriptor: int) -> None:
    while True:
        piece = os.read(descriptor, 1 << 16)
        sys.stderr.buffer.write(piece.removesuffix(_END))
        sys.stderr.buffer.flush()
        if piece.endswith(_END):
            return
