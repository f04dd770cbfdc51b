"""The program of `fake_gcs`, built once by Go and kept beside the environment."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from jobs.spark.jars import digest, state_folder

SOURCES = Path(__file__).parent / "fake_gcs"
USUAL_FOLDER = Path("/usr/local/go/bin")


class GoIsMissing(RuntimeError):  # noqa: N818
    """No Go is installed here."""


def go() -> str:
    """The Go program, which an installation does not put on the path."""
    if (found := shutil.which("go", path=f"{os.environ['PATH']}:{USUAL_FOLDER}")) is None:
        raise GoIsMissing(f"no go on the path nor in {USUAL_FOLDER}: what runs on Cloud Storage (gs://) is left out")
    return found


def fake_gcs_program() -> Path:
    """The program as its sources are now. GoIsMissing where it is not there and cannot be built."""
    sources = sorted(SOURCES.iterdir())
    program = state_folder() / f"fake-gcs-{digest(*(file.read_text() for file in sources))}"
    if not program.exists():
        compiler = go()
        program.parent.mkdir(parents=True, exist_ok=True)
        with program.with_suffix(".lock").open("w") as lock:
            # Two suites at once: the second finds it built.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not program.exists():
                _build(compiler, program)
    return program


def _build(compiler: str, program: Path) -> None:
    fresh = program.with_suffix(".new")
    subprocess.run(
        [compiler, "build", "-mod=readonly", "-buildvcs=false", "-o", fresh, "."],
        cwd=SOURCES,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": ""},
        check=True,
    )
    fresh.rename(program)
