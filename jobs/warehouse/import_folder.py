"""Where an import stages files before the tables are written, and what of killed imports is cleared away."""

from __future__ import annotations

import fcntl
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deltalake.exceptions import DeltaError
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from jobs.errors import ConfigurationError, JobError
from jobs.object_stores.folders import Folder, remove
from jobs.spark.files import put
from jobs.warehouse.delta.files import drop

_STAGING = ".import-"
_LOCK = "lock"
_A_DAY = 24 * 3600


@dataclass(frozen=True)
class Staging:
    """A folder of this machine where files are staged, and the one by which Spark, wherever it works, sees them."""

    folder: Path
    shared: Folder

    def shared_file(self, spark: SparkSession, file: Path) -> str:
        """A staged file as Spark finds it: where the folders differ, it is copied there first."""
        place = str(self.shared / file.name)
        if self.shared != self.folder:
            put(spark, file, place)
        return place


@contextmanager
def staging_in(root: Folder, session: Callable[[], SparkSession]) -> Iterator[Staging]:
    """Where an import stages files: in a warehouse of this machine itself, else here and beside the store's tables."""
    if isinstance(root, Path):
        with staging_folder(root) as folder:
            yield Staging(folder, folder)
        return
    shared = root / f"{_STAGING}{int(time.time())}-{secrets.token_hex(4)}"
    for other in root.glob(f"{_STAGING}*"):
        if _is_abandoned(other.name):
            remove(other)
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield Staging(Path(folder), shared)
        finally:
            with suppress(JobError, OSError, DeltaError, Py4JError):
                drop(session, shared)


def _is_abandoned(name: str) -> bool:
    """Whether an import began a day ago, which its staging folder's name tells: a store has no locks."""
    began = name.removeprefix(_STAGING).partition("-")[0]
    return began.isdigit() and int(began) < time.time() - _A_DAY


@contextmanager
def staging_folder(root: Path) -> Iterator[Path]:
    """A folder for staged files in a warehouse of this machine, which executors see too; removed at the end.

    Those of imports that were killed are removed first. ConfigurationError where the warehouse cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(root)
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=root))
        # Executors may be another user's processes.
        folder.chmod(0o755)
    except OSError as error:
        raise ConfigurationError(
            f"--warehouse-path {root}: it cannot be written ({error.strerror or error}); "
            "name a folder that you may write to"
        ) from None
    # The system takes the lock away from a process that ends, however it ends.
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                root.rmdir()


def _remove_abandoned(root: Path) -> None:
    for folder in root.glob(f"{_STAGING}*"):
        with suppress(OSError), (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
