"""The commands that a run prints: on the same warehouse, with the same file and policy, as a shell takes them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from jobs.backfill.work import Job
from jobs.config.settings import load_settings


def job(config: Path | None = None, **options: Any) -> Job:
    settings = load_settings(options, config=config, environment={})
    nothing: Any = None
    return Job("backfill_features", nothing, settings, nothing)


def test_the_command_has_the_warehouse_and_the_file_quoted_for_a_shell(tmp_path: Path) -> None:
    config = tmp_path / "my settings.yaml"
    config.write_text("on_missing: skip\n")
    command = job(config, warehouse_path=tmp_path / "a b;c").command
    assert shlex.split(command)[2:] == [
        *("backfill_features", "--warehouse", "delta", "--warehouse-path", str(tmp_path / "a b;c")),
        *("--config", str(config)),
    ]


def test_a_new_run_is_also_told_what_decides_what_it_writes() -> None:
    assert job(on_missing="skip").command_of_a_new_run == job().command
    told = job(mode="daily", prune=True, write_mode="overwrite").command_of_a_new_run
    assert told == f"{job().command} --mode daily --write-mode overwrite --prune"
