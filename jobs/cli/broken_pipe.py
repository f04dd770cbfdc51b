"""Output that nobody reads any more, as after `| head`: it is dropped without a word."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def nobody_reads() -> None:
    """Drops what is still to be printed, on each stream whose reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            with suppress(OSError, ValueError):
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
