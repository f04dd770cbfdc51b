"""The line of a long step on a terminal: tasks done and about how long it still takes; nothing of it in a pipe."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import dataclass

import pytest
from rich.console import Console

from jobs.cli.progress import Progress
from jobs.cli.task_progress import Pace, line, shown_progress
from jobs.spark.running_tasks import TaskCounts, counted


@dataclass(frozen=True)
class Stage:
    stageId: int  # noqa: N815
    numTasks: int  # noqa: N815
    numCompletedTasks: int  # noqa: N815


@dataclass(frozen=True)
class Job:
    stageIds: list[int]  # noqa: N815


class Tracker:
    """Answers as Spark's status tracker does."""

    def __init__(self, stages: list[Stage], active: list[int]) -> None:
        self.stages, self.active = {stage.stageId: stage for stage in stages}, active

    def getActiveStageIds(self) -> list[int]:  # noqa: N802
        return self.active

    def getActiveJobsIds(self) -> list[int]:  # noqa: N802
        return [0]

    def getJobInfo(self, number: int) -> Job:  # noqa: N802
        return Job([*self.stages, 99])

    def getStageInfo(self, number: int) -> Stage | None:  # noqa: N802
        return self.stages.get(number)


@pytest.mark.parametrize(
    ("tasks", "seconds", "expected"),
    [
        (None, 9.0, "stage …"),
        (TaskCounts(0, 0), 9.0, "stage …"),
        (TaskCounts(1, 1200), 9.0, "stage … 1 of 1,200 tasks"),
        (TaskCounts(50, 200), 1.0, "stage … 50 of 200 tasks"),
        (TaskCounts(50, 200), 10.0, "stage … 50 of 200 tasks, about 30 s left"),
        (TaskCounts(50, 200), 100.0, "stage … 50 of 200 tasks, about 5 min left"),
        (TaskCounts(200, 200), 10.0, "stage … 200 of 200 tasks"),
    ],
)
def test_the_line_says_what_is_done_and_what_is_left(tasks: TaskCounts | None, seconds: float, expected: str) -> None:
    assert line("stage", tasks, seconds) == expected


def test_what_is_left_is_counted_down_until_a_task_is_done() -> None:
    pace = Pace()
    done = [None, 0, 0, 2, 2, 2, 3, 0]
    lines = [
        line("stage", tasks, *pace.after(tasks, now))
        for now, tasks in zip(range(0, 80, 10), [None if n is None else TaskCounts(n, 4) for n in done], strict=True)
    ]
    assert [text.partition("…")[2].strip() for text in lines] == [
        "",
        "0 of 4 tasks",
        "0 of 4 tasks",
        "2 of 4 tasks, about 20 s left",
        "2 of 4 tasks, about 10 s left",
        "2 of 4 tasks",
        "3 of 4 tasks, about 17 s left",
        "0 of 4 tasks",
    ]


def test_stages_that_were_done_before_are_not_counted() -> None:
    stages = [Stage(3, 100, 0), Stage(4, 8, 8), Stage(5, 8, 3), Stage(6, 4, 0)]
    assert counted(Tracker(stages, [5])) == TaskCounts(11, 20)
    assert counted(Tracker(stages, [])) is None


def test_the_line_follows_the_tasks_and_its_thread_ends_with_the_phase() -> None:
    asked = []

    def tasks() -> TaskCounts:
        asked.append(1)
        if len(asked) == 2:
            raise RuntimeError("Spark is ending")
        return TaskCounts(len(asked), 10)

    text = io.StringIO()
    with shown_progress(Console(file=text, force_terminal=True, width=80), "merge", tasks, every_seconds=0.01):
        until = time.monotonic() + 20
        while "of 10 tasks" not in text.getvalue() or len(asked) < 4:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name == "progress"]


def test_a_pipe_gets_a_line_a_phase_and_nobody_asks_spark() -> None:
    text = io.StringIO()
    progress = Progress(Console(file=text, width=80))
    with progress.phase("stage"):
        assert not [thread for thread in threading.enumerate() if thread.name == "progress"]
    assert len(text.getvalue().splitlines()) == 1
