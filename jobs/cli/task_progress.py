"""The line of a phase on a terminal: its name, how many of its tasks are done, and about how long it still takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console

from jobs.spark.running_tasks import TaskCounts, running_tasks

_EVERY_SECONDS = 1.0
# Before that a guess would be a jump.
_FIRST_GUESS_SECONDS = 3.0
_FIRST_GUESS_SHARE = 0.05


@contextmanager
def shown_progress(
    console: Console,
    phase: str,
    tasks: Callable[[], TaskCounts | None] = running_tasks,
    every_seconds: float = _EVERY_SECONDS,
) -> Iterator[None]:
    """Shows the line while the phase lasts; who asks Spark is a thread that ends with it."""
    ended = threading.Event()
    with console.status(f"{phase} …") as status:

        def follow() -> None:
            pace = Pace()
            while not ended.wait(every_seconds):
                # Spark may be ending; a line on a terminal is no reason to disturb the work.
                with suppress(Exception):
                    found = tasks()
                    status.update(line(phase, found, *pace.after(found, time.monotonic())))

        thread = threading.Thread(target=follow, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


class Pace:
    """When the tasks that are under way began, and when one of them ended last."""

    def __init__(self) -> None:
        self._done = 0
        self._began = self._ended = 0.0
        self._known = False

    def after(self, tasks: TaskCounts | None, now: float) -> tuple[float, float]:
        """The seconds from the beginning to the last end of a task, and those since then."""
        if tasks is None or not self._known or (self._done and not tasks.done):
            self._began = self._ended = now
        elif tasks.done != self._done:
            self._ended = now
        self._known, self._done = tasks is not None, 0 if tasks is None else tasks.done
        return self._ended - self._began, now - self._ended


def line(phase: str, tasks: TaskCounts | None, seconds: float, since: float = 0.0) -> str:
    """The phase, and what is known of its tasks: the last one was done after `seconds`, and that was `since` ago.

    What is left is guessed when a task is done, and counted down until the next one is.
    """
    if tasks is None or not tasks.tasks:
        return f"{phase} …"
    share = tasks.done / tasks.tasks
    told = f"{phase} … {tasks.done:,} of {tasks.tasks:,} tasks"
    if seconds < _FIRST_GUESS_SECONDS or not _FIRST_GUESS_SHARE <= share < 1:
        return told
    left = seconds * (1 - share) / share - since
    return f"{told}, about {_duration(left)} left" if left > 0 else told


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"
