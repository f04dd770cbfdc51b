"""The file that a disk could not read: Spark says that a read has failed, and not of which file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.errors import SparkError
from jobs.object_stores.folders import Folder
from jobs.spark.errors import UNREADABLE, names_no_file, told_of_file

_PIECE = 1 << 20


@contextmanager
def naming_unreadable(folders: Callable[[], Iterable[Folder]]) -> Iterator[None]:
    """A failed read that names no file as a SparkError that does: `folders` are read then, up to the first such file.

    Object stores have no such errors; an error of a disk that none of the folders is on stays what it is.
    """
    try:
        yield
    except Exception as error:
        if not names_no_file(error) or (file := _unreadable(folders())) is None:
            raise
        raise SparkError(told_of_file(str(file), UNREADABLE) or f"file {file} {UNREADABLE}") from error


def _unreadable(folders: Iterable[Folder]) -> Path | None:
    """The first file below some folders that cannot be read to its end."""
    here = [folder for folder in folders if isinstance(folder, Path)]
    files = (Path(at, name) for folder in here for at, _, names in os.walk(folder) for name in sorted(names))
    return next((file for file in files if _fails(file)), None)


def _fails(file: Path) -> bool:
    try:
        with file.open("rb", buffering=0) as opened:
            while opened.read(_PIECE):
                pass
    except OSError as error:
        return error.errno == errno.EIO
    return False
