"""A checkout to launch from: the real launcher beside a fake Python that writes down how it was called."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Stands for the Python of the machine and for that of .venv; `-m venv` copies it there.
_FAKE_PYTHON = """#!/usr/bin/env bash
case "$*" in
    # In the background, at a time of its own.
    *"jobs.prepare --after"*) echo "$*" >"$CALLS.later"; exit ;;
esac
echo "$*" >>"$CALLS"
env >"$CALLS.environment"
case "$*" in
    *"-m venv"*) mkdir -p "${@: -1}/bin" && cp "$0" "${@: -1}/bin/python" ;;
    *"-m jobs.spark.java"*) [[ -z ${NO_JAVA-} ]] || { echo "error: Spark needs Java 17" >&2; exit 2; }; echo /java ;;
    *"-m pip"*) [[ -z ${NO_PIP-} ]] || { echo "no network" >&2; exit 1; } ;;
    *"-m jobs.prepare"*) [[ -z ${NO_ARCHIVE-} ]] || exit 1 ;;
    *"-m jobs fails"*) exit 3 ;;
esac
"""


@dataclass(frozen=True)
class Checkout:
    """A folder with the launcher, two jobs and the fake Python."""

    root: Path

    def launch(
        self,
        *arguments: str,
        cwd: Path | None = None,
        link: Path | None = None,
        as_nobody: bool = False,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        """Runs the launcher; nothing of the real environment is made or used."""
        environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "CALLS": str(self.root / "calls"),
            "PYTHON": str(self.root / "python3"),
            **variables,
        }
        return subprocess.run(
            [str(link or self.root / "spark-submit.sh"), *arguments],
            cwd=cwd or self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            # Root may write anywhere.
            user=65534 if as_nobody and os.geteuid() == 0 else None,
        )

    def calls(self) -> list[str]:
        """How Python was called since the last look, those calls left out that only ask it for its version."""
        file = self.root / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        lines = [line.removeprefix("-I ") for line in lines]
        return [line for line in lines if line.startswith("-m") and "-m venv" not in line]


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    """In a folder that every user can read, which pytest's own are not; what runs later may still write to it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield _made(Path(folder) / "a folder with spaces")


def _made(root: Path) -> Checkout:
    (root / "jobs").mkdir(parents=True)
    shutil.copy(ROOT / "spark-submit.sh", root)
    (root / "setup.py").write_text("version = 1\n")
    for name in ("works", "fails"):
        (root / "jobs" / f"{name}.py").write_text(f'"""Job that {name}."""\n\n\n@job_command(JOB)\n')
    (root / "jobs" / "sources.py").write_text('"""No job."""\n')
    fake = root / "python3"
    fake.write_text(_FAKE_PYTHON)
    fake.chmod(0o755)
    return Checkout(root)
