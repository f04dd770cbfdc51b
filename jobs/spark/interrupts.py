"""Ctrl-C and Spark: whoever started the session decides what it means, not Spark."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def keeping_interrupt_handler() -> Iterator[None]:
    """Keeps Spark from putting its own handler in place, which waits for the JVM and may be lost there."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)
