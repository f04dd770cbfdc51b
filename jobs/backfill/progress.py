"""What a run asks of whoever shows its progress: lines, and phases whose seconds it keeps for the ledger.

Only the interface; the lines on a terminal are a command's matter.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Progress(Protocol):
    """Phases of a run as they begin and end; `seconds` is by phase."""

    seconds: dict[str, float]

    def watched_by(self, watcher: Callable[[str], None]) -> AbstractContextManager[None]:
        """Tells `watcher` the name of each phase that begins."""

    def say(self, line: str) -> None:
        """One line outside the phases."""

    def note(self, text: str) -> None:
        """What the phase that is under way has found; shown when it ends."""

    def stop_if_asked(self) -> None:
        """Interrupted when a signal has asked the process to stop."""

    def part(self, name: str) -> AbstractContextManager[None]:
        """Times a part of the phase that is under way under a name of its own, without a line of its own."""

    def phase(self, name: str) -> AbstractContextManager[None]:
        """Times a phase; entered again, its seconds add up."""
