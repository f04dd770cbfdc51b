"""A file or folder of an object store, used as a `Path` of this machine is: the same names for what both can do.

Requests are made by delta-rs, with the options and credentials of its tables. A folder is what the names of its files
begin with; empty objects that Hadoop keeps in the place of folders are not shown.
"""

from __future__ import annotations

import fnmatch
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileInfo, FileSelector, FileType

from jobs.object_stores.errors import told

# What is read on from a place of a file is fetched in pieces of so many bytes.
_PIECE = 4 << 20


@dataclass(frozen=True)
class Stat:
    """What is known of a file."""

    st_size: int


@dataclass(frozen=True)
class Bucket:
    """What holds the folders of a store, by its URI, and the options by which delta-rs reaches it."""

    uri: str
    options: Mapping[str, str] = field(hash=False)

    @cached_property
    def handler(self) -> Any:
        """The connection; made when it is first needed."""
        with told(self.uri):
            return DeltaStorageHandler(self.uri, dict(self.options))


@dataclass(frozen=True)
class StorePath:
    """`key` is the path below the bucket, without slashes around it."""

    bucket: Bucket
    key: str = ""
    size: int | None = field(default=None, compare=False)
    """Of a file that was listed."""

    def __str__(self) -> str:
        return "/".join(part for part in (self.bucket.uri, self.key) if part)

    def __lt__(self, other: StorePath) -> bool:
        return self.key < other.key

    def __truediv__(self, name: str) -> StorePath:
        return StorePath(self.bucket, "/".join(part for part in (self.key, str(name).strip("/")) if part))

    def at(self, uri: str) -> StorePath:
        """Another path of the same bucket, by its URI."""
        return StorePath(self.bucket, uri.removeprefix(self.bucket.uri).strip("/"))

    def joinpath(self, *names: str) -> StorePath:
        """As of `Path`."""
        return self / "/".join(names)

    @property
    def name(self) -> str:
        """As of `Path`."""
        return self._pure.name

    @property
    def stem(self) -> str:
        """As of `Path`."""
        return self._pure.stem

    @property
    def suffix(self) -> str:
        """As of `Path`."""
        return self._pure.suffix

    @property
    def parts(self) -> tuple[str, ...]:
        """As of `Path`, below the bucket."""
        return self._pure.parts

    @property
    def parent(self) -> StorePath:
        """As of `Path`."""
        return StorePath(self.bucket, self.key.rpartition("/")[0])

    def with_name(self, name: str) -> StorePath:
        """As of `Path`."""
        return self.parent / name

    def relative_to(self, other: StorePath) -> PurePosixPath:
        """As of `Path`."""
        return self._pure.relative_to(other.key)

    def absolute(self) -> StorePath:
        """As of `Path`."""
        return self

    def expanduser(self) -> StorePath:
        """As of `Path`."""
        return self

    def resolve(self) -> StorePath:
        """As of `Path`."""
        return self

    def exists(self) -> bool:
        """As of `Path`; a folder is there with its first file."""
        return self.is_file() or self.is_dir()

    def is_file(self) -> bool:
        """As of `Path`."""
        return self.size is not None or (self._info.type == FileType.File and not _is_marker(self._info))

    def is_dir(self) -> bool:
        """As of `Path`."""
        return any(True for _ in self.iterdir())

    def is_symlink(self) -> bool:
        """No object is a link."""
        return False

    def stat(self) -> Stat:
        """As of `Path`. FileNotFoundError where there is no file."""
        if self.size is not None:
            return Stat(self.size)
        found = self._info
        if found.type != FileType.File:
            raise FileNotFoundError(str(self))
        return Stat(found.size)

    def iterdir(self) -> Iterator[StorePath]:
        """As of `Path`; nothing of what is no folder."""
        return self._listed(recursive=False)

    def rglob(self, pattern: str) -> Iterator[StorePath]:
        """As of `Path`: files alone."""
        return (found for found in self._listed(recursive=True) if fnmatch.fnmatchcase(found.name, pattern))

    def glob(self, pattern: str) -> Iterator[StorePath]:
        """As of `Path`, of a pattern without a slash."""
        return (found for found in self.iterdir() if fnmatch.fnmatchcase(found.name, pattern))

    def read_bytes(self) -> bytes:
        """As of `Path`."""
        with told(str(self), "read"):
            return bytes(self.bucket.handler.open_input_file(self.key).read())

    def read_text(self) -> str:
        """As of `Path`."""
        return self.read_bytes().decode()

    def open(self, mode: str = "rb") -> Any:
        """The content as a file that can be read in any order; only what is asked for is fetched."""
        assert mode == "rb"
        with told(str(self), "read"):
            return io.BufferedReader(self.bucket.handler.open_input_file(self.key), _PIECE)

    def delete(self) -> None:
        """Removes the file, or the folder with all that is in it."""
        with told(str(self), "write"):
            self.bucket.handler.delete_dir(self.key)

    @property
    def _pure(self) -> PurePosixPath:
        return PurePosixPath(self.key)

    @property
    def _info(self) -> FileInfo:
        with told(str(self), "read"):
            return self.bucket.handler.get_file_info([self.key])[0]

    def _listed(self, *, recursive: bool) -> Iterator[StorePath]:
        selector = FileSelector(self.key, allow_not_found=True, recursive=recursive)
        with told(str(self), "read"):
            found = self.bucket.handler.get_file_info_selector(selector)
        for info in found:
            if info.type == FileType.File and not _is_marker(info):
                yield StorePath(self.bucket, info.path.strip("/"), info.size)
            elif info.type == FileType.Directory and not recursive:
                yield StorePath(self.bucket, info.path.strip("/"))


def _is_marker(info: FileInfo) -> bool:
    """Whether an object stands for a folder: it is empty, and has no ending as files of tables have."""
    return bool(info.size == 0 and "." not in PurePosixPath(info.path).name)
