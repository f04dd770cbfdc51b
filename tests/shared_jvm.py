"""A process of its own that drives the JVM of the suite in place of one that it starts; it may die, the JVM goes on.

python -m tests.shared_jvm MODULE [arguments], with the variables of `environment`
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from jobs.spark.jvm_names import remember_names
from jobs.spark.session import Start
from jobs.warehouse import opening

_PORT, _SECRET = "SUITE_GATEWAY_PORT", "SUITE_GATEWAY_SECRET"
_LONGEST = 120.0


def interpreter(spark: SparkSession | None) -> list[str]:
    """The beginning of a command that runs a module: with the JVM of this session, or with one of its own."""
    return [sys.executable, "-m", *(["tests.shared_jvm"] if spark else [])]


def environment(spark: SparkSession | None) -> dict[str, str]:
    """Of such a process: that of this one, and where the JVM is found."""
    if spark is None:
        return {**os.environ}
    reached = spark.sparkContext._gateway.gateway_parameters  # type: ignore[union-attr]
    return {**os.environ, _PORT: str(reached.port), _SECRET: reached.auth_token}


def wait_for_work_left(spark: SparkSession, *, cancelled: bool) -> None:
    """Waits for the JVM to end what a process has asked that was killed meanwhile, or cancels its jobs, and later ones.

    AssertionError when that does not end.
    """
    until = time.monotonic() + _LONGEST
    while _left_by_the_dead(spark):
        assert time.monotonic() < until, f"the JVM is still at work {_LONGEST} s after its driver was killed"
        if cancelled:
            spark.sparkContext.cancelAllJobs()
        time.sleep(0.05)
    # What the process has left in the JVM is not to help whoever goes on.
    spark.catalog.clearCache()


def _left_by_the_dead(spark: SparkSession) -> int:
    """How many connections the JVM has not closed whose other end is closed: it does so when their work is done."""
    port = spark.sparkContext._gateway.gateway_parameters.port  # type: ignore[union-attr]
    open_here = (each for each in psutil.net_connections("tcp") if each.laddr and each.laddr.port == port)
    return sum(each.status == psutil.CONN_CLOSE_WAIT for each in open_here)


@contextmanager
def session(_: Start) -> Iterator[SparkSession]:
    """A session of this process in that JVM, set as its first one is, which stays the one that others find."""
    # Not for longer: a job that sees them takes itself for one that was submitted to a cluster.
    reached = {"PYSPARK_GATEWAY_PORT": os.environ[_PORT], "PYSPARK_GATEWAY_SECRET": os.environ[_SECRET]}
    os.environ.update(reached)
    gateway = launch_gateway()  # type: ignore[no-untyped-call]
    # One by one: whoever empties the environment meanwhile takes it from under threads of delta-rs, which read it.
    for name in reached:
        del os.environ[name]
    jvm = gateway.jvm
    running = jvm.org.apache.spark.SparkContext.getOrCreate()
    conf = SparkConf(_jconf=running.getConf())
    context = SparkContext(conf=conf, gateway=gateway, jsc=jvm.JavaSparkContext(running))
    remember_names(context)
    of_the_suite = jvm.SparkSession.getDefaultSession().get()
    found = SparkSession(context, of_the_suite.cloneSession())
    jvm.SparkSession.setDefaultSession(of_the_suite)
    yield found


if __name__ == "__main__":
    del sys.argv[0]
    opening.spark_session = session  # type: ignore[assignment, attr-defined]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
