"""Folders of tables, of this machine or of an object store: opened by their location, and in what the two differ.

The only place that asks which of the two a folder is; everybody else uses what both have in common.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path, PurePath
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.config.locations import Location, Uri
from jobs.config.object_stores import ObjectStores
from jobs.errors import ConfigurationError
from jobs.object_stores import schemes
from jobs.object_stores.errors import told
from jobs.object_stores.store_path import Bucket, StorePath

Folder = Path | StorePath
"""A folder or file; both kinds have the names of `pathlib` for what both can do."""

_AT_ONCE = 16
_ROOM_FOR_A_COMMIT = 1 << 20
Found = TypeVar("Found")


def opened(location: Location, stores: ObjectStores) -> Folder:
    """The folder of a location. Nothing is asked of it."""
    if isinstance(location, Path):
        return location
    return StorePath(Bucket(location.bucket, schemes.delta_options(location.scheme, stores)), location.path)


def check_reachable(location: Location, stores: ObjectStores) -> None:
    """ConfigurationError, in seconds, for a store that does not answer, refuses, or has no such bucket."""
    if isinstance(location, Uri):
        options = {**schemes.delta_options(location.scheme, stores), **schemes.QUICKLY}
        next(StorePath(Bucket(location.bucket, options), location.path).iterdir(), None)


def is_here(folder: Folder) -> bool:
    """Whether programs of this machine read its files as they are."""
    return isinstance(folder, Path)


def named(like: Folder, name: str) -> Folder:
    """The folder of this name, in the same kind of place as another one."""
    return Path(name) if isinstance(like, Path) else like.at(name)


def elsewhere(like: Folder, location: Location) -> Folder:
    """The folder of a location that is reached as another folder is. ConfigurationError for another scheme."""
    if isinstance(location, Path):
        return location
    if isinstance(like, Path) or not str(like).startswith(f"{location.scheme}://"):
        raise ConfigurationError(
            f"{location}: this job reaches {like} and folders of this machine; take a table there, or name a warehouse "
            f"at {location.scheme}:// by --warehouse-path"
        )
    return StorePath(Bucket(location.bucket, like.bucket.options), location.path)


def storage_options(folder: Folder) -> dict[str, str] | None:
    """How delta-rs opens a table in this folder."""
    return None if isinstance(folder, Path) else dict(folder.bucket.options)


def reached(folder: Folder, what: str = "read and write") -> AbstractContextManager[None]:
    """What is wrong with the store of a folder, as a ConfigurationError; `what` is done there."""
    return nullcontext() if isinstance(folder, Path) else told(str(folder), what)


def present(folder: Folder, names: Iterable[str]) -> list[Folder]:
    """Those of the names that are in a folder, links included that lead nowhere; a store is asked once."""
    if isinstance(folder, Path):
        return [folder / name for name in names if os.path.lexists(folder / name)]
    there = {found.name: found for found in folder.iterdir()}
    return [there[name] for name in names if name in there]


def may_read(file: Folder) -> bool:
    """Whether this user may read a file of this machine; a store answers that when it is read."""
    return not isinstance(file, Path) or os.access(file, os.R_OK)


def source_of(file: Folder) -> Any:
    """A file as Arrow reads it, in any order."""
    return pa.OSFile(str(file)) if isinstance(file, Path) else pa.PythonFile(file.open())


def relative(file: Folder, folder: Folder) -> PurePath:
    """The path of a file below a folder."""
    return PurePath(str(file)).relative_to(str(folder))


def in_order(files: Iterable[Folder], *, reverse: bool = False) -> list[Folder]:
    """Files of one folder by their names."""
    return sorted(files, key=str, reverse=reverse)


def remove(folder: Folder) -> None:
    """Removes a folder with all that is in it, if it is there."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        folder.delete()


def check_room(folder: Folder, size: int = 0) -> None:
    """ConfigurationError where a folder of this machine cannot take a commit; what a store allows its answers tell.

    Before delta-rs finds out: on a full disk it prints a panic beside its error.
    """
    if not isinstance(folder, Path):
        return
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"{existing} cannot be written to; ask its owner, or name another folder by --warehouse-path"
        )
    if shutil.disk_usage(existing).free < size + _ROOM_FOR_A_COMMIT:
        raise ConfigurationError(f"the disk of {existing} is full; make room, then give the command again")


def parquet_of(file: Folder) -> pq.ParquetFile:
    """A Parquet file, open: of a store its end is fetched, and later what is read of it.

    Read in this thread alone: pyarrow's own threads, as delta-rs starts them, abort a process that ends soon
    afterwards, with exit code 134.
    """
    if isinstance(file, Path):
        return pq.ParquetFile(str(file), pre_buffer=False)
    return pq.ParquetFile(pa.BufferReader(file.read_bytes()), pre_buffer=False)


def each(like: Folder, ask: Callable[[Any], Found], items: Iterable[Any]) -> Iterator[Found]:
    """What `ask` gives for each of these, in order: at a store many at once, since each waits for an answer."""
    if isinstance(like, Path):
        return map(ask, items)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return iter(list(pool.map(ask, items)))
