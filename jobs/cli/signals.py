"""Signals that ask a command to stop, as one exception: Ctrl-C, what `kill` sends, what a closed terminal sends.

An exception that is raised while Python cleans up, as py4j does at any moment, is lost: whoever goes from one step to
the next asks here, and it is raised again.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from jobs.errors import Interrupted

HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_received: list[int] = []


@contextmanager
def heard() -> Iterator[None]:
    """Turns the first signal into Interrupted; the second one ends the process at once.

    A signal that is ignored, as with `nohup`, stays so. Outside the main thread nothing is changed: Python tells
    signals to that one alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in HEARD}
    report = sys.unraisablehook
    _received.clear()
    sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, Interrupted) else report(lost)
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _hear)
    try:
        yield
    finally:
        _received.clear()
        sys.unraisablehook = report
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_if_asked() -> None:
    """Interrupted when a signal has come, whatever became of the exception that was raised by then."""
    if _received:
        raise Interrupted(_received[0])


def _hear(number: int, _: FrameType | None) -> None:
    if _received:
        os._exit(Interrupted(number).exit_code)
    _received.append(number)
    raise Interrupted(number)
