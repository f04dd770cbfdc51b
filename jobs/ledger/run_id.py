"""The identity of a run: its id, where it runs and from which code.

The clock of a run is read here once; every row that it writes has this one time.
"""

from __future__ import annotations

import datetime
import os
import secrets
import socket
import subprocess
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

PACKAGE = "player-feature-store"
_announced: list[str] = []


def now() -> datetime.datetime:
    """The present moment in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def announce(run_id: str) -> None:
    """Names the next run of this process, when somebody was told the name beforehand."""
    _announced[:] = [run_id]


def _started_at() -> datetime.datetime:
    if not _announced:
        return now()
    return datetime.datetime.strptime(_announced[0].partition("-")[0], "%Y%m%dT%H%M%S%z")


def _suffix() -> str:
    return _announced.pop().rpartition("-")[2] if _announced else secrets.token_hex(3)


@dataclass(frozen=True)
class RunIdentity:
    """One run: `run_id` is `YYYYMMDDTHHMMSSZ-xxxxxx`, in order of time and unique.

    A run that is resumed keeps `started_at` and `suffix`, and so its name and the time of its rows.
    """

    started_at: datetime.datetime = field(default_factory=_started_at)
    suffix: str = field(default_factory=_suffix)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)

    @property
    def run_id(self) -> str:
        """The name of the run in the ledger and in its staging table."""
        return f"{self.started_at:%Y%m%dT%H%M%SZ}-{self.suffix}"

    @classmethod
    def of_earlier(cls, run_id: str, started_at: datetime.datetime) -> RunIdentity:
        """The same run, in this process."""
        return cls(started_at=started_at, suffix=run_id.rpartition("-")[2])


def code_version() -> str:
    """The version of the package, and the commit where it runs from a repository."""
    try:
        version = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        version = "unknown"
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return version
    answer = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return f"{version}+{answer.stdout.strip()}" if answer.returncode == 0 else version
