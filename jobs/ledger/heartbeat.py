"""A thread that calls a function at intervals, and at once when asked to; its errors are counted, not raised.

Knows nothing of what is called.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Heartbeat:
    """Calls `beat` every `seconds`, and soon after each `hurry`, from `start` to `stop`."""

    def __init__(self, beat: Callable[[], None], seconds: float) -> None:
        self._beat = beat
        self._seconds = seconds
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self.missed = 0

    def start(self) -> None:
        """Begins, with the first beat after `seconds`."""
        self._thread.start()

    def hurry(self) -> None:
        """Asks for a beat now; it is made by the thread, nobody waits for it."""
        self._wanted.set()

    def stop(self) -> None:
        """Ends the thread, after the beat that it may be in."""
        self._ended.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._wanted.wait(self._seconds)
            self._wanted.clear()
            if self._ended.is_set():
                return
            try:
                self._beat()
                self.missed = 0
            except Exception:
                self.missed += 1
