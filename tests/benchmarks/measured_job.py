"""A job in this process, and beside its output what its JVM tells of itself when Spark ends.

Usage: python -m tests.benchmarks.measured_job FILE JOB [options]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pyspark.sql import SparkSession

from jobs.__main__ import jobs
from jobs.spark import session as jobs_session


def measured(spark: SparkSession) -> dict[str, float]:
    """Seconds of tasks' processor time, of compilers' and collectors' work, and the bytes that tasks have written."""
    jvm: Any = spark._jvm
    context: Any = spark.sparkContext
    beans = jvm.java.lang.management.ManagementFactory
    none = context._gateway.new_array(jvm.double, 0)
    stages = context._jsc.sc().statusStore().stageList(None, False, False, none, None)
    found = [stages.apply(number) for number in range(stages.size())]
    return {
        "tasks": sum(stage.executorCpuTime() for stage in found) / 1e9,
        "jit": beans.getCompilationMXBean().getTotalCompilationTime() / 1e3,
        "gc": sum(bean.getCollectionTime() for bean in beans.getGarbageCollectorMXBeans()) / 1e3,
        "written": float(sum(stage.outputBytes() for stage in found)),
    }


def run(file: Path, arguments: list[str]) -> None:
    """Runs the job; its exit code is that of the process."""
    stop = jobs_session._stop

    def measured_first(spark: SparkSession, gateway: Any) -> None:
        file.write_text(json.dumps(measured(spark)))
        stop(spark, gateway)

    with patch.object(jobs_session, "_stop", measured_first):
        jobs.main(arguments)


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
