"""The Spark session of a job: engine settings, JVM options, and where the JVM's own output goes.

Chooses the JVM's compiler by the size of the run; knows no table.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from jobs.config.conf_files import conf_file
from jobs.config.settings import Engine
from jobs.errors import ConfigurationError, JobError
from jobs.spark import submitted_session as submitted
from jobs.spark.class_archive import class_archive, is_whole, recording_of
from jobs.spark.errors import explained, explained_in_time
from jobs.spark.interrupts import keeping_interrupt_handler
from jobs.spark.jars import remember_jars, resolved_jars, resolving
from jobs.spark.java import java_home
from jobs.spark.java_options import java_options
from jobs.spark.jvm_names import remember_names
from jobs.spark.surroundings import check_temporary_folders, keep_out

ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    # Dates before 1582 and times before 1900 are read and written as they stand, not as an error.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    # Windows and joins by (player, date) stay on the exchange by player: an eighth of a large run.
    "spark.sql.requireAllClusterKeysForCoPartition": "false",
    # The driver keeps the text of each plan, and ours are long: memory, and 7 % of a small run.
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "1000",
    # Spark 3.5.0 computes other windows wrongly beside a filtered row_number (SPARK-45543); a cluster may have it.
    "spark.sql.optimizer.windowGroupLimitThreshold": "-1",
    "spark.ui.showConsoleProgress": "false",
}

# On a cluster its owner looks at jobs in the UI. Here it would open a port, and a start without a free one fails.
ON_THIS_MACHINE = {"spark.ui.enabled": "false"}

# One class for several steps is compiled for longer than a small run gains by it; and plans of this length are
# described anew each time that they are adapted. Both together: 25 s, not 32, for 22 dates.
SMALL_RUNS = {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}
# Given when Spark starts here, since it cannot be changed later: each sort takes a page at once, of 64 MB by default
# however few its rows. A run of 22 dates held 1 GB of such pages, which every collection of garbage copied.
SMALL_PAGES = {"spark.buffer.pageSize": "2m"}
LARGE_RUNS = {
    # The JVM never compiles a longer method: better step by step and compiled than in one and interpreted.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Dates as values, not as branches of the code: all slices of a table then run the code of the first.
    "spark.sql.optimizer.inSetSwitchThreshold": "0",
    # What is kept lives for minutes: to find out how it could be shorter takes a tenth of the time of computing it.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
}


# Beside the line that tells what is wrong.
_SAID_OF_EVERY_ERROR = (
    "Picked up ",
    "Error: Could not create the Java Virtual Machine",
    "Error: A fatal exception has occurred",
    "Error occurred during initialization of VM",
)


@dataclass(frozen=True)
class Start:
    """How one JVM is started: packages for its class path, by the format that Spark has from each, and their settings.

    And those with file systems, by their scheme, how much it will read, whether its log is wanted, and whether it
    records its classes.
    """

    engine: Engine
    packages: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    file_systems: Mapping[str, str] = field(default_factory=dict)
    megabytes: float = 0.0
    verbose: bool = False
    record_classes: bool = False

    @property
    def full_compiler(self) -> bool:
        """True when the run is long enough for optimised code to pay for its compilation."""
        chosen = self.engine.compiler
        return self.megabytes > self.engine.full_compiler_megabytes if chosen == "auto" else chosen == "full"

    @property
    def compiler(self) -> str:
        """Full or quick."""
        return "full" if self.full_compiler else "quick"

    @property
    def by_size(self) -> dict[str, str]:
        """The settings that differ between small and large runs."""
        return LARGE_RUNS if self.full_compiler else SMALL_RUNS

    @property
    def coordinates(self) -> list[str]:
        """All packages."""
        return [*self.packages.values(), *self.file_systems.values()]

    def spark_conf(self, java: Path, jars: Sequence[Path] | None) -> SparkConf:
        """Everything that Spark is told; without `jars` Spark resolves the packages itself."""
        conf = SparkConf().setMaster(self.engine.master).setAppName("player-feature-store")
        conf.setAll([*ALWAYS.items(), *ON_THIS_MACHINE.items(), *self.settings.items()])
        conf.setAll(list(self.by_size.items()))
        if not self.full_compiler:
            conf.setAll(list(SMALL_PAGES.items()))
        conf.set("spark.driver.memory", self.engine.driver_memory)
        conf.set("spark.sql.shuffle.partitions", str(self._shuffle_partitions()))
        conf.set("spark.driver.extraJavaOptions", self._java_options(java, jars))
        if jars is None:
            conf.setAll(list(resolving(self.coordinates).items()))
        else:
            conf.set("spark.driver.extraClassPath", os.pathsep.join(map(str, jars)))
        return conf

    def _shuffle_partitions(self) -> int:
        if self.engine.shuffle_partitions != "auto":
            return self.engine.shuffle_partitions
        cores = os.cpu_count() or 2
        return 4 * cores if self.full_compiler else cores

    def _java_options(self, java: Path, jars: Sequence[Path] | None) -> str:
        archive = None if jars is None else class_archive(java, jars, self.compiler)
        ours = []
        if archive is not None and self.record_classes:
            ours.append(f"-XX:ArchiveClassesAtExit={recording_of(archive)}")
        elif archive is not None and is_whole(archive):
            ours += [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:disable", "-Xlog:all=off"]
        return java_options(
            self.engine.java_options,
            self.engine.driver_memory,
            full_compiler=self.full_compiler,
            log_settings=None if self.verbose else Path(str(conf_file("quiet.log4j2.properties"))),
            also=ours,
        )


@contextmanager
def spark_session(start: Start) -> Iterator[SparkSession]:
    """A session for the length of a job: that of `spark-submit` where it has started this process, else a new JVM's.

    Raises ConfigurationError without a usable Java or without a package, JobError when Spark does not come up, and
    SparkError when it fails while it is used.
    """
    if submitted.is_submitted():
        settings = {**ALWAYS, **start.settings, **start.by_size}
        opened = submitted.session(
            settings, start.packages, start.engine.shuffle_partitions, file_systems=start.file_systems
        )
    else:
        opened = _session_of_a_new_jvm(start)
    with opened as session, explained_in_time():
        yield session


def fetched_jars(start: Start) -> list[Path]:
    """The jars of these packages, fetched unless they are here: a JVM is started that resolves them.

    Its errors are those of `spark_session`.
    """
    if (jars := resolved_jars(start.coordinates)) is None:
        with spark_session(start):
            pass
        jars = resolved_jars(start.coordinates) or []
    return jars


@contextmanager
def _session_of_a_new_jvm(start: Start) -> Iterator[SparkSession]:
    """What the JVM prints goes to standard error with `verbose`, else nowhere."""
    java = java_home()
    keep_out(os.environ)
    check_temporary_folders(os.environ)
    os.environ["JAVA_HOME"] = str(java)
    jars = resolved_jars(start.coordinates)
    conf = start.spark_conf(java, jars)
    logging.getLogger().removeFilter(_is_not_of_py4j)
    with tempfile.TemporaryFile() as log:
        gateway = _started_jvm(conf, log, verbose=start.verbose)
        with keeping_interrupt_handler():
            context = _context(conf, gateway)
        remember_names(context)
        session = SparkSession(context)
        if jars is None:
            remember_jars(start.coordinates, context.getConf().get("spark.jars", "").split(","))
        try:
            yield session
            _stop(session, gateway)
        except Exception:
            _stop(session, gateway)
            raise
        finally:
            # Whoever is interrupted has asked for something, and would get the answer to that instead of one to `stop`;
            # the JVM ends by itself as soon as nobody can write to it any more. What Python still tells it, of objects
            # that it lets go of, has no reader then, and py4j would log that with its stack.
            logging.getLogger().addFilter(_is_not_of_py4j)
            gateway.proc.stdin.close()
            gateway.proc.wait()
            # PySpark would take the JVM that has ended for the next session of this process.
            SparkContext._gateway = SparkContext._jvm = None


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    """py4j writes to the log of everybody."""
    return record.module not in ("java_gateway", "clientserver")


def _stop(session: SparkSession, gateway: Any) -> None:
    with suppress(Exception):
        session.stop()
    with suppress(Exception):
        gateway.shutdown()


def _started_jvm(conf: SparkConf, log: IO[bytes], *, verbose: bool) -> Any:
    output: dict[str, Any] = {"stdout": 2} if verbose else {"stdout": log, "stderr": log}
    try:
        return launch_gateway(conf, popen_kwargs=output)  # type: ignore[no-untyped-call]
    except Exception as error:
        log.seek(0)
        raise did_not_start(log.read().decode(errors="replace"), error) from error


def _context(conf: SparkConf, gateway: Any) -> SparkContext:
    try:
        return SparkContext(conf=conf, gateway=gateway)
    except Exception as error:
        with suppress(Exception):
            gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()
        SparkContext._gateway = SparkContext._jvm = None
        raise ConfigurationError(f"Spark did not start: {explained(error)}") from error


def did_not_start(log: str, error: Exception) -> JobError:
    """What the JVM has printed, in one line: a ConfigurationError where the options are wrong that it was given."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    refused = any(said in line for line in lines for said in _SAID_OF_EVERY_ERROR[1:])
    lines = [line for line in lines if not line.startswith(_SAID_OF_EVERY_ERROR)]
    if refused:
        return ConfigurationError(
            f"Java does not start: {next(iter(lines), 'it does not say why')}; "
            "see engine.java_options and engine.driver_memory"
        )
    telling = [line for line in lines if "unresolved dependency" in line or "Exception" in line or "rror" in line]
    return JobError(f"Spark did not start: {(telling or lines or [str(error)])[0]}")
