"""How far Spark is with the jobs that are under way, by its own status tracker: no job is run for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TaskCounts:
    """Tasks of the jobs that are under way, and how many of them are done."""

    done: int
    tasks: int


def running_tasks() -> TaskCounts | None:
    """Of this process's Spark; None while it has no session or runs nothing."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    return None if context is None else counted(context.statusTracker())


def counted(tracker: Any) -> TaskCounts | None:
    """The tasks that a status tracker knows of; stages that an earlier job has done already are left out."""
    active = set(tracker.getActiveStageIds())
    if not active:
        return None
    jobs = [tracker.getJobInfo(number) for number in tracker.getActiveJobsIds()]
    numbers = {stage for job in jobs if job is not None for stage in job.stageIds} | active
    stages = [info for number in numbers if (info := tracker.getStageInfo(number)) is not None]
    # Stages are numbered before those that need them: one before the running ones, without a task done, is skipped.
    counted = [stage for stage in stages if stage.numCompletedTasks or stage.stageId >= min(active)]
    return TaskCounts(sum(stage.numCompletedTasks for stage in counted), sum(stage.numTasks for stage in counted))
