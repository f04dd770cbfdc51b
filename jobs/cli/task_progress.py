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
            began = time.monotonic()
            while not ended.wait(every_seconds):
                # Spark may be ending; a line on a terminal is no reason to disturb the work.
                with suppress(Exception):
                    found = tasks()
                    began = time.monotonic() if found is None or not found.done else began
                    status.update(line(phase, found, time.monotonic() - began))

        thread = threading.Thread(target=follow, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def line(phase: str, tasks: TaskCounts | None, seconds: float) -> str:
    """The phase, and what is known of its tasks, `seconds` after the first one was done."""
    if tasks is None or not tasks.tasks:
        return f"{phase} …"
    share = tasks.done / tasks.tasks
    told = f"{phase} … {tasks.done:,} of {tasks.tasks:,} tasks"
    if seconds < _FIRST_GUESS_SECONDS or not _FIRST_GUESS_SHARE <= share < 1:
        return told
    return f"{told}, about {_duration(seconds * (1 - share) / share)} left"


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 90 else f"{round(whole / 60)} min"
