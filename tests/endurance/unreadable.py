"""A file of which every read fails with EIO, as on a disk that is going: a FUSE file system that is this one file.

`python -m tests.endurance.unreadable FILE` mounts it over a file until it is ended; it speaks to the kernel itself, so
that no library is needed. In a process of its own: a thread would wait for itself where a reader keeps the interpreter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LOOKS_LIKE_THE_FILE, OPENED, BEGINS = 3, 14, 26
DONE = {18: "RELEASE", 25: "FLUSH", 34: "ACCESS"}
READ = 15
UNANSWERED = {2: "FORGET", 36: "INTERRUPT", 42: "BATCH_FORGET"}
ENDS = 38
LONGEST_REQUEST = 1 << 20
SECONDS_TO_BEGIN = 10


@contextmanager
def unreadable(file: Path) -> Iterator[None]:
    """The file, for as long as the context lasts. A test is skipped where this machine lets nobody mount anything."""
    server = subprocess.Popen([sys.executable, "-m", __name__, str(file)], stdin=subprocess.PIPE)
    try:
        until = time.monotonic() + SECONDS_TO_BEGIN
        while not _is_mounted(file):
            if server.poll() is not None or time.monotonic() > until:
                pytest.skip("this machine lets nobody mount a file system")
            time.sleep(0.05)
        yield
    finally:
        subprocess.run(["umount", "-l", str(file)], capture_output=True, check=False)
        server.kill()
        server.wait()


def _is_mounted(file: Path) -> bool:
    return any(line.split()[4] == str(file) for line in Path("/proc/self/mountinfo").read_text().splitlines())


def _mount(file: Path) -> int:
    """The descriptor by which the kernel asks."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=100000,user_id={os.getuid()},group_id={os.getgid()},allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"unreadable", os.fsencode(file), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(file))
    return device


def serve(file: Path) -> None:
    """Answers until the file system is gone."""
    looks = file.stat()
    device = _mount(file)
    while True:
        try:
            request = os.read(device, LONGEST_REQUEST)
        except OSError as error:
            if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                continue
            return
        kind, unique = struct.unpack_from("<IQ", request, 4)
        if kind == ENDS:
            return
        if kind not in UNANSWERED:
            number, content = _answer(kind, looks)
            os.write(device, struct.pack("<IiQ", 16 + len(content), -number, unique) + content)


def _answer(kind: int, looks: os.stat_result) -> tuple[int, bytes]:
    """The error, or what the kernel is told."""
    if kind == BEGINS:
        return 0, struct.pack("<IIIIHHIIHHI28x", 7, 31, 1 << 17, 0, 16, 12, 1 << 17, 1, 0, 0, 0)
    if kind == LOOKS_LIKE_THE_FILE:
        at, blocks = int(looks.st_mtime), -(-looks.st_size // 512)
        numbers = (1, looks.st_size, blocks, at, at, at, 0, 0, 0, looks.st_mode, 1, looks.st_uid, looks.st_gid)
        return 0, struct.pack("<QII6Q10I", 1, 0, 0, *numbers, 0, 4096, 0)
    if kind == OPENED:
        return 0, struct.pack("<QII", 1, 0, 0)
    if kind in DONE:
        return 0, b""
    return errno.EIO if kind == READ else errno.ENOSYS, b""


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
