"""Which process of which host a run is: its number alone names another process after a restart or in a container.

Knows this machine; what the ledger has of a process is a mapping that `as_json` made.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

_PROC = Path("/proc")
_STATE, _STARTED = 0, 19
"""Fields of `/proc/PID/stat` behind the name: the state, and the start in ticks since the machine was started."""


def as_json() -> dict[str, Any]:
    """This process: `host`, `boot`, `namespace`, `started`; the namespace is None where processes cannot be seen."""
    boot, namespace = _machine()
    return {"host": socket.gethostname(), "boot": boot, "namespace": namespace, "started": _started(os.getpid())}


def lives(process: Mapping[str, Any] | None, pid: int | None) -> bool | None:
    """Whether the process `pid` of `as_json` lives; None where this process cannot see it, or was told too little.

    Containers may share a host name and number their processes alike, so boot and namespace must be these too.
    """
    boot, namespace = _machine()
    here = {"host": socket.gethostname(), "boot": boot, "namespace": namespace}
    known = namespace is not None and process is not None and process.get("started") is not None
    if process is None or pid is None or not known or any(process.get(name) != value for name, value in here.items()):
        return None
    if (started := _started(pid)) is not None:
        return bool(started == process["started"])
    # Where other users' processes are hidden, one may be there that cannot be looked at.
    return None if psutil.pid_exists(pid) and not _is_zombie(pid) else False


def _machine() -> tuple[str, str | None]:
    """What names this start of the machine, and the namespace in which process numbers hold."""
    if not sys.platform.startswith("linux"):
        return "", ""
    with suppress(OSError):
        # Where /proc is another namespace's, numbers found there are not those of `os.getpid`.
        if (_PROC / "self").readlink() == Path(str(os.getpid())):
            boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
            # Another time namespace sees other starts of the same processes; old kernels have none.
            time = _PROC / "self/ns/time"
            return boot, f"{(_PROC / 'self/ns/pid').readlink()} {time.readlink() if time.exists() else ''}"
    return "", None


def _started(pid: int) -> str | None:
    """When a process was started, as text that only serves to compare; None when it is gone, ended or hidden."""
    if not sys.platform.startswith("linux"):
        with suppress(psutil.Error):
            return str(psutil.Process(pid).create_time())
        return None
    with suppress(OSError):
        # A clock that is set changes nothing here. The name of a process may hold spaces and brackets.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return fields[_STARTED] if fields[_STATE] not in "ZX" else None
    return None


def _is_zombie(pid: int) -> bool:
    with suppress(psutil.Error):
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    return False
