"""An artifact of empty files, and the submitting commands as a person starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.submission.artifact import Artifact

ROOT = Path(__file__).resolve().parents[2]

# Writes down how it was called, a line an argument, and keeps what it was given to upload.
_GCLOUD = """#!/bin/bash
printf '%s\\n' "$@" >"$RECORDED"
for argument in "$@"; do
    [[ $argument == --files=* ]] || continue
    IFS=, read -ra files <<<"${argument#--files=}"
    /bin/cat "${files[@]:1}" </dev/null >"$RECORDED.settings"
done
exit "${GCLOUD_EXIT-0}"
"""


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    made = Artifact(tmp_path / "artifact")
    made.folder.mkdir()
    for file in (made.main, made.project, made.packages):
        file.touch()
    return made


@dataclass(frozen=True)
class Command:
    """Starts a submitting command, with or without a `gcloud` that only records."""

    folder: Path

    def start(self, *arguments: object, gcloud: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        """`arguments` begin with the command's module."""
        program = self.folder / "bin" / "gcloud"
        program.parent.mkdir(exist_ok=True)
        if gcloud:
            program.write_text(_GCLOUD)
            program.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FEATURE_STORE_")}
        return subprocess.run(
            [sys.executable, "-m", *map(str, arguments)],
            cwd=ROOT,
            env={**kept, "PATH": str(program.parent), "RECORDED": str(self.recorded), **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def recorded(self) -> Path:
        """What gcloud was told."""
        return self.folder / "recorded"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)
