"""Submits a job of the built artifact to a Spark master, by `spark-submit`, and ends with its exit code.

The command is made here; the session that it meets is `spark.submitted_session`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
import pyspark

from jobs.config.conf_files import conf_file
from jobs.errors import ConfigurationError
from jobs.ledger.run_id import RunIdentity
from jobs.spark.jars import resolved_jars, resolving
from jobs.spark.java import java_home
from jobs.spark.session import Start, fetched_jars
from jobs.spark.submitted_session import COMMAND
from jobs.submission import settings
from jobs.submission.artifact import Artifact
from jobs.submission.build import artifact_of
from jobs.submission.command import artifact_option, end_as, job_arguments, one_error_each, size_options
from jobs.submission.separate_errors import relayed_stderr
from jobs.submission.settings import ClusterSettings
from jobs.submission.travelling import JobSpec, sent_job
from jobs.warehouse.opening import packages_of_stores


def command(
    place: ClusterSettings,
    artifact: Artifact,
    sent: JobSpec,
    *,
    settings_file: Path | None = None,
    partial_ok: bool = False,
) -> list[str]:
    """What `spark-submit` is told; `settings_file` goes along where the driver is on another machine.

    ConfigurationError for a master that is missing, or that does not take the deploy mode.
    """
    remote = place.deploy_mode == "cluster"
    options = [
        "--master",
        _master(place),
        "--deploy-mode",
        place.deploy_mode,
        "--name",
        f"player-feature-store {sent.name}",
    ]
    options += ["--py-files", str(artifact.project)]
    if remote:
        # A driver on this machine finds the archive beside the main script, and no Python runs on the executors.
        options += ["--archives", artifact.unpacked_as]
        options += ["--files", str(settings_file)] if settings_file else []
    options += _loaded(list(_packages(sent).values()), remote=remote)
    options += _sizes(place)
    options += ["--conf", f"{COMMAND}={_command(place)}"]
    for name, value in place.properties.items():
        options += ["--conf", f"{name}={value}"]
    first = ["--partial-ok"] if partial_ok else []
    return [
        *options,
        str(artifact.main),
        *first,
        *(sent.arguments_elsewhere(settings_file) if remote else sent.arguments()),
    ]


def _master(place: ClusterSettings) -> str:
    master = place.master
    if not master:
        raise ConfigurationError(
            "which master? give --master (spark://host:7077, yarn, k8s://https://host:443), or master in a file "
            "given by --settings"
        )
    if place.deploy_mode == "cluster" and master.startswith(("spark://", "local")):
        raise ConfigurationError(
            f"the master {master} starts drivers in Python only where they are submitted: leave out --deploy-mode "
            "cluster (yarn and k8s take it)"
        )
    return master


def _command(place: ClusterSettings) -> str:
    return f"./spark-submit.sh cluster --master {place.master} --deploy-mode {place.deploy_mode}"


def _packages(sent: JobSpec) -> dict[str, str]:
    """What the warehouse of the job and its store need on the class path; empty where no package is known."""
    known = sent.settings.engine.packages_of(pyspark.__version__)
    of_warehouse: dict[str, str] = {name: package for name, package in known.items() if name == sent.settings.warehouse}
    return {**of_warehouse, **packages_of_stores(sent.settings)}


def _loaded(packages: Sequence[str], *, remote: bool) -> list[str]:
    """Jars that are here already spare a driver of this machine asking for them."""
    if not packages:
        return []
    if not remote and (jars := resolved_jars(packages)):
        return ["--jars", ",".join(map(str, jars))]
    fetched = resolving(packages)
    named = fetched.pop("spark.jars.packages")
    return ["--packages", named, *[part for name, value in fetched.items() for part in ("--conf", f"{name}={value}")]]


def _sizes(place: ClusterSettings) -> list[str]:
    executors = place.executors
    chosen = {
        "spark.driver.memory": place.driver_memory,
        "spark.executor.instances": executors.count,
        "spark.executor.cores": executors.cores,
        "spark.executor.memory": executors.memory,
        "spark.executor.extraJavaOptions": f"-Duser.timezone=UTC {executors.java_options}".strip(),
    }
    if (place.master or "").startswith("spark://"):
        # A standalone master counts cores, and would give all of them.
        chosen["spark.cores.max"] = executors.count * executors.cores
    return [part for name, value in chosen.items() for part in ("--conf", f"{name}={value}")]


def _driver_options(place: ClusterSettings, *, verbose: bool) -> list[str]:
    """For a driver on this machine: Spark's own log is as silent as in local mode."""
    if verbose or place.deploy_mode == "cluster":
        return []
    quiet = f"-Dlog4j2.configurationFile={conf_file('quiet.log4j2.properties')}"
    return ["--driver-java-options", f"-Duser.timezone=UTC {quiet}"]


def spark_submit() -> Path:
    """The program: of `SPARK_HOME`, where the cluster's own Spark is installed here, else of PySpark."""
    if home := os.environ.get("SPARK_HOME"):
        program = Path(home) / "bin" / "spark-submit"
    else:
        program = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    if not program.exists():
        raise ConfigurationError(f"{program} does not exist; SPARK_HOME must be the folder of a Spark, or not be set")
    return program


def environment_of_the_driver() -> Mapping[str, str]:
    """The driver of client mode runs in this Python; the artifact's packages come first in it."""
    return {**os.environ, "JAVA_HOME": str(java_home()), "PYSPARK_DRIVER_PYTHON": sys.executable}


def _fetch_jars(sent: JobSpec) -> None:
    """Before the driver starts: where `spark-submit` fetches packages, it writes of that beside the job's output."""
    if packages := _packages(sent):
        fetched_jars(Start(sent.settings.engine, packages))


def _run(arguments: Sequence[str], environment: Mapping[str, str], *, remote: bool) -> int:
    if remote:
        return subprocess.run(arguments, env=environment, check=False).returncode
    with relayed_stderr() as apart:
        return subprocess.run(arguments, env={**environment, **apart}, check=False).returncode


@click.command(context_settings={"allow_interspersed_args": False, "max_content_width": 110, "show_default": True})
@click.option("--master", help="spark://host:7077, yarn, k8s://https://host:443.")
@click.option("--deploy-mode", type=click.Choice(["client", "cluster"]), help="Where the driver runs.")
@size_options
@artifact_option
@job_arguments
@one_error_each
def main(
    job: str,
    options: Sequence[str],
    settings_path: Path | None,
    artifact: Path | None,
    partial_ok: bool,
    dry_run: bool,
    **given: Any,
) -> None:
    """Run JOB on a Spark cluster, from the built artifact; the exit code is the job's."""
    place = settings.load(ClusterSettings, "cluster", given, settings_path)
    _master(place)
    sent = sent_job(job, options)
    program, environment = spark_submit(), environment_of_the_driver()
    built = artifact_of(artifact, build=not dry_run)
    remote = place.deploy_mode == "cluster"
    if not remote and not dry_run:
        _fetch_jars(sent)
    with sent.settings_file(RunIdentity().run_id) if remote else nullcontext() as file:
        arguments = command(place, built, sent, settings_file=file, partial_ok=partial_ok)
        quiet = _driver_options(place, verbose="--verbose" in options)
        whole = [str(program), *quiet, *arguments]
        if dry_run:
            click.echo(shlex.join(whole))
            return
        code = _run(whole, environment, remote=remote)
    end_as(code)


if __name__ == "__main__":
    main(prog_name="./spark-submit.sh cluster")
