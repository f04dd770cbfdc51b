"""Jobs submitted to a cluster as a stranger would: from an empty folder, by a Python that has neither the project nor
its packages, with nothing of this environment but where Java is.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyspark

from jobs.spark.jars import resolved_jars
from jobs.submission.artifact import Artifact
from tests.cluster.standalone import HOST, StandaloneCluster

SPARK_SUBMIT = Path(pyspark.__file__).parent / "bin" / "spark-submit"
QUICK = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC -Duser.timezone=UTC"
_SECONDS = 240


@dataclass(frozen=True)
class Submitter:
    """Submits jobs of an artifact to a cluster; `folder` is empty, and the jobs start in it.

    `python` is one that has nothing but its standard library.
    """

    cluster: StandaloneCluster
    artifact: Artifact
    python: Path
    folder: Path

    def environment(self) -> dict[str, str]:
        """Nothing of this process but the path and Java."""
        return {
            "PATH": os.environ["PATH"],
            "JAVA_HOME": os.environ["JAVA_HOME"],
            "HOME": str(self.cluster.folder),
            "SPARK_LOCAL_IP": HOST,
            "PYSPARK_DRIVER_PYTHON": str(self.python),
            "PYSPARK_PYTHON": str(self.python),
        }

    def command(
        self,
        packages: str,
        *job: object,
        java_options: str = "",
        main: Sequence[object] = (),
        properties: Mapping[str, str] | None = None,
    ) -> list[str]:
        """The plain `spark-submit` of the README, with small executors."""
        jars = resolved_jars([packages])
        options = ["--packages", packages, "--conf", f"spark.jars.ivy={Path.home() / '.ivy2'}"] if packages else []
        if jars:
            options = ["--jars", ",".join(map(str, jars))]
        quick = f"{QUICK} {java_options}".strip()
        sizes = {
            "spark.driver.memory": "1g",
            "spark.executor.memory": "1g",
            "spark.executor.instances": "2",
            "spark.executor.cores": "1",
            "spark.executor.extraJavaOptions": quick,
            "spark.driver.extraJavaOptions": quick,
            **(properties or {}),
        }
        for name, value in sizes.items():
            options += ["--conf", f"{name}={value}"]
        options += ["--master", self.cluster.url, "--py-files", str(self.artifact.project)]
        return [str(SPARK_SUBMIT), *options, *map(str, main or [self.artifact.main]), *map(str, job)]

    def start(self, command: Sequence[str], **variables: str) -> Submitted:
        """Starts a command in the empty folder."""
        self.folder.mkdir(exist_ok=True)
        log = self.folder.with_suffix(f".{time.monotonic_ns()}.log")
        output = log.with_suffix(".out")
        with log.open("wb") as opened, output.open("wb") as printed:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self.environment(), **variables},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=opened,
                start_new_session=True,
            )
        return Submitted(process, output, log, command)


@dataclass
class Submitted:
    """A job on its way."""

    process: subprocess.Popen[bytes]
    output: Path
    log: Path
    command: Sequence[str]

    def has_said(self, line: str) -> bool:
        """Whether the driver has printed a line that begins so: `spark-submit` hands on all of it as output."""
        return any(f"\n{line}" in file.read_text(errors="replace") for file in (self.output, self.log))

    def when(self, happened: Callable[[], bool]) -> None:
        """Waits until something has happened, while the job runs."""
        until = time.monotonic() + _SECONDS
        while not happened():
            assert self.process.poll() is None, f"the job ended before it could be interrupted:\n{self.tail()}"
            assert time.monotonic() < until, f"it did not happen:\n{self.tail()}"
            time.sleep(0.002)

    def kill(self) -> None:
        """Ends the driver, its JVM and its Python, as if its machine had lost its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> tuple[int, str]:
        """The exit code and what was printed on standard output."""
        code = self.process.wait(_SECONDS)
        return code, self.output.read_text()

    def tail(self) -> str:
        """What was submitted, and the end of what was printed on standard error."""
        return f"{shlex.join(self.command)}\n{self.output.read_text()}\n{self.log.read_text(errors='replace')[-3000:]}"
