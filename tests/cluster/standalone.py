"""A standalone Spark cluster on this machine: a master and workers, each a process with a folder of its own.

Nothing here knows of a job.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyspark

HOST = "127.0.0.1"
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
_DAEMON = {
    "SPARK_DAEMON_MEMORY": "256m",
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dspark.worker.timeout=20",
    "SPARK_LOCAL_IP": HOST,
}
_SECONDS = 60


class ClusterDidNotStart(RuntimeError):  # noqa: N818
    """A process of the cluster did not say that it is ready; the message ends with its log."""


@dataclass
class Worker:
    """One worker; its executors are children of its process."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> Path:
        """What the worker says."""
        return self.folder / "log"

    def shuffle_files(self) -> list[Path]:
        """What its executors have put down of one step of a computation for the next."""
        return list((self.folder / "local").rglob("shuffle_*.data"))

    def executors(self) -> list[psutil.Process]:
        """The executors' processes that live now; the worker and they start others for a moment."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if any("CoarseGrainedExecutorBackend" in argument for argument in child.cmdline()):
                    found.append(child)
        return found

    def kill(self) -> int:
        """Ends the worker and its executors as if their machine had lost its power; gives how many executors it had.

        The executors go first: a worker would start another one in their place.
        """
        os.kill(self.process.pid, signal.SIGSTOP)
        executors = self.executors()
        for executor in executors:
            executor.kill()
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return len(executors)


class StandaloneCluster:
    """A master and its workers, of one core each; a context manager."""

    def __init__(self, folder: Path, *, workers: int = 2, memory: str = "1g") -> None:
        self.folder = folder
        self._count, self._memory = workers, memory
        self._master: subprocess.Popen[bytes] | None = None
        self.workers: list[Worker] = []
        self.url = ""

    def __enter__(self) -> StandaloneCluster:
        log = self.folder / "master.log"
        self._master = self._started("master.Master", log, "--port", "0")
        self.url = _said(log, r"Starting Spark master at (spark://\S+)")
        self.fill()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()
        if self._master is not None:
            self._master.kill()
            self._master.wait()

    def fill(self) -> None:
        """Starts workers in place of those that were killed, and waits until the master has them."""
        self.workers = [worker for worker in self.workers if worker.process.poll() is None]
        started = []
        for _ in range(self._count - len(self.workers)):
            folder = self.folder / f"worker-{time.monotonic_ns()}"
            (folder / "local").mkdir(parents=True)
            options = ["--cores", "1", "--memory", self._memory, "--work-dir", str(folder / "work"), self.url]
            process = self._started("worker.Worker", folder / "log", "--port", "0", *options)
            started.append(Worker(process, folder))
        for worker in started:
            _said(worker.log, "(Successfully registered with master)")
        self.workers += started

    def _started(self, name: str, log: Path, *options: str) -> subprocess.Popen[bytes]:
        command = [str(SPARK_CLASS), f"org.apache.spark.deploy.{name}", "--host", HOST, "--webui-port", "0", *options]
        with log.open("wb") as opened:
            return subprocess.Popen(
                command,
                cwd=log.parent,
                env={**os.environ, **_DAEMON, "SPARK_LOCAL_DIRS": str(log.parent / "local")},
                stdout=opened,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _said(log: Path, pattern: str) -> str:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.1)
    raise ClusterDidNotStart(f"{log} does not say {pattern!r}:\n{log.read_text(errors='replace')[-2000:]}")
