"""The archive of the JVM's loaded classes, which saves a start some seconds: where it is, and whether it is whole.

A JVM may crash on a damaged archive, so its size and time are written beside it; one that differs is not used.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from jobs.spark.jars import digest, state_folder


def class_archive(java: Path, jars: Sequence[Path], compiler: str) -> Path:
    """The file with the loaded classes for this Java, this Spark and these jars; it may not exist yet."""
    release = (java / "release").read_text()
    name = f"classes-{digest(str(java), release, version('pyspark'), compiler, *map(str, jars))}.jsa"
    return state_folder() / name


def recording_of(archive: Path) -> Path:
    """Where an archive is written until it is complete."""
    return archive.with_suffix(".recording")


def keep_recording(archive: Path) -> bool:
    """Puts a complete recording in its place; False when the JVM has written none.

    Its stamp comes last: a process killed in between leaves an archive that is not used, never a wrong one.
    """
    recording = recording_of(archive)
    if not recording.exists() or not recording.stat().st_size:
        return False
    stamp = _stamp_of(archive)
    stamp.unlink(missing_ok=True)
    recording.replace(archive)
    stamp.write_text(_described(archive))
    return True


def is_whole(archive: Path) -> bool:
    """True when the archive is the one that was kept, and nobody has written to it since."""
    try:
        return _stamp_of(archive).read_text() == _described(archive)
    except OSError:
        return False


def ensure_base_archive(java: Path) -> None:
    """Writes the archive of Java's own classes where a Java came without (the packaged one does).

    A recording builds upon it. OSError or CalledProcessError when it cannot be written.
    """
    if not any((java / "lib" / "server").glob("classes*.jsa")):
        subprocess.run([java / "bin" / "java", "-Xshare:dump"], check=True, capture_output=True)


def _stamp_of(archive: Path) -> Path:
    return archive.with_suffix(".stamp")


def _described(archive: Path) -> str:
    found = archive.stat()
    return f"{found.st_size} bytes, {found.st_mtime_ns} ns"
