"""A server of an object store as a test sees it: started in a process of its own, asked what it was asked, stopped."""

from __future__ import annotations

import os
import select
import subprocess
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

from tests.object_stores.request_log import Request, by_kind, logged_requests

SECONDS = 30
WRITES = ("PUT", "POST", "PATCH", "DELETE")
ALL = ("GET", "HEAD", *WRITES)

ServerType = TypeVar("ServerType", bound="ObjectStoreServer")


class ServerDidNotStart(RuntimeError):  # noqa: N818
    """The process ended, or said nothing, before it took requests; the message ends with its log."""


class ObjectStoreServer(ABC):
    """An object store without buckets, which lives until `stop`, or until this process ends; a context manager."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """Starts a process that prints its address and ends with its standard input."""

    @abstractmethod
    def make_bucket(self, name: str) -> str:
        """Makes a bucket where it is not there, and gives its name."""

    def environment(self) -> Mapping[str, str]:
        """Variables of the process, beside those of this one."""
        return {}

    def start(self: ServerType) -> ServerType:
        """Waits until requests are taken."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                env={**os.environ, **self.environment()},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        answered, _, _ = select.select([self._process.stdout], [], [], SECONDS)
        address = self._process.stdout.readline().decode().strip() if answered else ""
        if not address:
            self.stop()
            raise ServerDidNotStart(f"{self.command()[0]} did not start:\n{self.log.read_text()[-2000:]}")
        self.url = f"http://{address}"
        return self

    def stop(self) -> None:
        """Ends the process and all that it held."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self: ServerType) -> ServerType:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def requests(self, since: int = 0) -> list[Request]:
        """What was asked, in the order of the answers, but for the first so many."""
        return logged_requests(self.log.read_text(errors="replace").splitlines())[since:]

    def counted(self, since: int = 0) -> Counter[str]:
        """How many requests of each kind, but for the first so many."""
        return by_kind(self.requests(since))

    @contextmanager
    def refusing(self, status: int, methods: Sequence[str] = ALL, part: str = "") -> Iterator[None]:
        """Answers requests of these methods, with this in their URI, by a status, and does nothing else for them.

        403 to `WRITES` is a bucket that is read-only, 401 a credential that is not valid any more.
        """
        self._tell(status=status, method=list(methods), part=part)
        try:
            yield
        finally:
            self._tell(status=0)

    def _tell(self, **told: Any) -> None:
        requests.post(f"{self.url}/_refuse", params=told, timeout=SECONDS).raise_for_status()
