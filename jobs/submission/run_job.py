"""Runs a job of the built artifact by its name; the main script for `spark-submit`, on whatever machine the driver is.

run_job.py [--partial-ok] [--run-id ID] JOB [options]. Needs nothing but PySpark; the job's packages are in the archive
that was built with it: unpacked in the working folder, or in one piece there, beside this script, or where Spark's
configuration names it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ARCHIVE = "environment.tar.gz"
FOLDER = "environment"
PROJECT = "player_feature_store.zip"
ERRORS = "PLAYER_FEATURE_STORE_ERRORS"
WRONG_INPUT = 2
PARTIAL = 3
_NAMED_IN = ("spark.archives", "spark.yarn.dist.archives", "spark.files", "spark.yarn.dist.files")


def refuse(sentence: str) -> None:
    """Ends the process with one error."""
    print(f"error: {sentence}", file=sys.stderr)
    sys.exit(WRONG_INPUT)


def place_of(name: str) -> Path | None:
    """A file that travelled with the job: in the working folder, beside this script, or fetched by Spark's means."""
    for folder in (Path.cwd(), Path(__file__).resolve().parent):
        if (folder / name).exists():
            return folder / name
    return _fetched(name)


def _fetched(name: str) -> Path | None:
    """Copies a file from wherever Spark's configuration says that it is, by the file systems that Spark knows."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return None
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()
    jvm: Any = SparkContext._jvm
    conf = SparkConf()
    listed = [uri for key in _NAMED_IN for uri in conf.get(key, "").split(",")]
    for uri in listed:
        address = uri.partition("#")[0]
        if address.rpartition("/")[2] != name:
            continue
        target = Path(tempfile.mkdtemp(prefix="player-feature-store-")) / name
        path = jvm.org.apache.hadoop.fs.Path(address)
        hadoop = jvm.org.apache.spark.deploy.SparkHadoopUtil.get().newConfiguration(conf._jconf)
        path.getFileSystem(hadoop).copyToLocalFile(False, path, jvm.org.apache.hadoop.fs.Path(str(target)), True)
        return target
    return None


def packages() -> Path | None:
    """The folder of the job's packages; None where no archive came along, and the machine is to have them itself."""
    unpacked = Path.cwd() / FOLDER
    if not unpacked.is_dir():
        archive = place_of(ARCHIVE)
        if archive is None:
            return None
        # An archive that was named without a folder is unpacked into one of its own name.
        unpacked = archive if archive.is_dir() else _unpacked(archive)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = unpacked / "lib" / version / "site-packages"
    if not folder.is_dir():
        built = ", ".join(sorted(found.name for found in (unpacked / "lib").glob("python*"))) or "nothing"
        refuse(
            f"the archive was built for {built}, and this driver is {version} ({sys.executable}); build it with "
            f"PYTHON={version} ./spark-submit.sh build, or name another interpreter by spark.pyspark.driver.python"
        )
    return folder


def _unpacked(archive: Path) -> Path:
    """The archive's folder: kept in the user's cache by its content, so that the next driver finds it there."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "player-feature-store"
    kept = cache / f"environment-{digest}"
    if kept.is_dir():
        return kept
    try:
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="environment-", dir=cache))
    except OSError:
        fresh = kept = Path(tempfile.mkdtemp(prefix="player-feature-store-"))
    with tarfile.open(archive) as opened:
        opened.extractall(fresh)
    if fresh != kept:
        try:
            fresh.rename(kept)
        except OSError:
            # Another driver was quicker.
            shutil.rmtree(fresh, ignore_errors=True)
    return kept


def main(arguments: list[str]) -> None:
    """Runs the job; the process ends with its exit code."""
    if pipe := os.environ.get(ERRORS):
        os.dup2(os.open(pipe, os.O_WRONLY), 2)
    partial_ok, run_id = False, None
    while arguments and arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option == "--partial-ok":
            partial_ok = True
        elif option == "--run-id" and arguments:
            run_id = arguments.pop(0)
        else:
            refuse(f"{option} is no option of run_job.py; it takes --partial-ok and --run-id ID, then the job's name")
    if not arguments:
        refuse("which job? give its name, then its options")
    if (folder := packages()) is not None:
        sys.path.insert(0, str(folder))
    if (project := Path(__file__).resolve().with_name(PROJECT)).exists():
        sys.path.insert(0, str(project))
    try:
        from jobs.submission.submitted import run
    except ModuleNotFoundError as error:
        refuse(
            f"{error.name} is missing; give --py-files {PROJECT} and --archives {ARCHIVE}#{FOLDER} as they were built"
        )
    try:
        run(arguments, run_id, place_of)
    except SystemExit as ended:
        if partial_ok and ended.code == PARTIAL:
            sys.exit(0)
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
