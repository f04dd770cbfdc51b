"""What a person sees while a job runs: one line per phase with its seconds, on standard error.

Standard output belongs to the summary.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from jobs.cli import signals
from jobs.cli.tables import QuietConsole
from jobs.cli.task_progress import shown_progress


class Progress:
    """Phases of a run as they begin and end; `seconds` by phase is kept for the summary."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or QuietConsole(stderr=True, highlight=False, soft_wrap=True)
        self.seconds: dict[str, float] = {}
        self._notes: list[str] = []
        self._of_parts = 0.0
        self._watcher: Callable[[str], None] | None = None

    @contextmanager
    def watched_by(self, watcher: Callable[[str], None]) -> Iterator[None]:
        """Tells `watcher` the name of each phase that begins."""
        self._watcher = watcher
        try:
            yield
        finally:
            self._watcher = None

    def say(self, line: str) -> None:
        """One line outside the phases."""
        self.console.print(line, markup=False)

    def note(self, text: str) -> None:
        """What the phase that is under way has found; printed when it ends."""
        self._notes.append(text)

    def stop_if_asked(self) -> None:
        """Interrupted when a signal has asked the process to stop."""
        signals.stop_if_asked()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Times a part of the phase that is under way under a name of its own, without a line of its own."""
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        self._of_parts += seconds
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Times a phase; entered again, its seconds add up."""
        started = time.monotonic()
        self._notes, self._of_parts = [], 0.0
        signals.stop_if_asked()
        if self._watcher is not None:
            self._watcher(name)
        if self.console.is_terminal:
            with shown_progress(self.console, name):
                yield
        else:
            yield
        seconds = time.monotonic() - started
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds - self._of_parts
        self.say(f"{name:<8}{seconds:6.1f} s  {'; '.join(self._notes)}".rstrip())
