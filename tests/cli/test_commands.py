"""One command line: all jobs in one group, named as a person types them, the nearest name for a misspelt one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jobs.__main__ import jobs
from jobs.cli.commands import job, jobs_by_name, unknown_job
from jobs.cli.options import GROUPS
from jobs.config.settings import Settings
from jobs.config.told import option_settings, settings_of_a_run, taken_from

ROOT = Path(__file__).resolve().parents[2]
JOBS = sorted(file.stem for file in (ROOT / "jobs").glob("*.py") if "\n@job_command" in file.read_text())


def started(*arguments: str, flags: tuple[str, ...] = (), typed: str = "") -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FEATURE_STORE_")}
    return subprocess.run(
        [sys.executable, *flags, "-m", "jobs", *arguments],
        cwd=ROOT,
        env={**kept, "PLAYER_FEATURE_STORE_COMMAND": typed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_lists_every_job_and_imports_none() -> None:
    code = "import sys; from jobs.__main__ import jobs; jobs.main(['--help'], prog_name='x')"
    report = f"import atexit, sys; atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr)); {code}"
    shown = subprocess.run([sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in shown.stdout.split("Jobs:\n")[1].splitlines() if line[2:3].isalpha()] == [
        *JOBS,
        "JOB",
    ]
    assert "'pyspark'" not in shown.stderr
    assert "'pydantic'" not in shown.stderr


@pytest.mark.parametrize("name", JOBS)
def test_every_job_is_a_command_of_the_group(name: str) -> None:
    shown = CliRunner().invoke(jobs, [name, "--help"], prog_name="player-feature-store")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"Usage: player-feature-store {name} [OPTIONS]")


@pytest.mark.parametrize(
    ("launcher", "typed"), [("", "python -m jobs"), ("./spark-submit.sh local", "./spark-submit.sh local")]
)
def test_usage_names_the_command_as_it_was_typed(launcher: str, typed: str) -> None:
    assert started("status", "--help", typed=launcher).stdout.startswith(f"Usage: {typed} status [OPTIONS] [RUN_ID]")
    assert f"Try '{typed} status --help'" in started("status", "--lmit", "1", typed=launcher).stderr


@pytest.mark.parametrize(
    ("given", "meant"),
    [("backfil_features", "backfill_features"), ("import-tables", "import_tables"), ("statsu", "status")],
)
def test_a_misspelt_job_is_answered_by_the_nearest_one(given: str, meant: str) -> None:
    answer = CliRunner().invoke(jobs, [given])
    assert answer.exit_code == 2
    assert f"unknown job {given!r}; did you mean {meant!r}?" in answer.stderr


def test_a_job_like_no_other_is_answered_by_all() -> None:
    assert unknown_job("xyz") == f"unknown job 'xyz'; there are {', '.join(JOBS)}"
    assert job("errors") is None


def test_a_misspelt_job_is_an_error_of_json_too() -> None:
    answer = CliRunner().invoke(jobs, ["statsu", "--json"])
    assert json.loads(answer.stdout)["exit_code"] == answer.exit_code == 2


def test_a_misspelt_option_is_answered_by_the_nearest_one() -> None:
    answer = CliRunner().invoke(jobs, ["backfill_features", "--on-mising", "skip"])
    assert answer.exit_code == 2
    assert "--on-missing" in answer.stderr


def test_options_stand_in_groups() -> None:
    text = CliRunner().invoke(jobs, ["backfill_features", "--help"]).stdout
    sections = {title: text.split(f"\n{title}:\n")[1].split("\n\n")[0] for title in GROUPS.values()}
    assert [option in sections["Dates"] for option in ("--start", "--only-failed", "--changed")] == [True] * 3
    assert [option in sections["Policy"] for option in ("--on-missing", "--mode")] == [True] * 2
    assert [option in sections["Writing"] for option in ("--write-mode", "--prune")] == [True] * 2
    assert [option in sections["Warehouse and settings"] for option in ("--warehouse-path", "--config")] == [True] * 2
    assert [option in sections["Output"] for option in ("--json", "--verbose", "--help")] == [True] * 3


def test_a_setting_is_an_option_with_its_own_default_and_choices() -> None:
    text = " ".join(CliRunner().invoke(jobs, ["backfill_features", "--help"]).stdout.split())
    for setting in option_settings(Settings):
        assert f"--{setting.name.replace('_', '-')}" in text
        assert setting.told.help.split()[0] in text
    assert "--write-mode [merge|overwrite] overwrite replaces the computed dates whole. [default: merge]" in text


def test_what_a_resumed_run_takes_over_is_told_by_the_settings_alone() -> None:
    assert set(settings_of_a_run(Settings)) == {
        "on_missing",
        "mode",
        "write_mode",
        "prune",
        "keep_staging",
        "merge_slice_rows",
        "season_start",
        "minimum_rows",
        "minimum_share",
        "replace_versions",
        "add_played",
    }


def test_options_become_settings_where_these_stand() -> None:
    given: dict[str, Any] = {"project": "mine", "mode": "daily", "prune": False, "keep_staging": None, "limit": 3}
    assert taken_from(Settings, given) == {"bigquery": {"project": "mine"}, "mode": "daily", "prune": False}


def test_the_wheel_brings_the_group_as_a_command() -> None:
    code = "from distutils.core import run_setup; print(run_setup('setup.py', stop_after='init').entry_points)"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "player-feature-store=jobs.__main__:main" in made.stdout


@pytest.mark.parametrize("flags", [("-O",), ("-OO",)])
def test_help_is_whole_without_docstrings_and_asserts(flags: tuple[str, ...]) -> None:
    assert started("status", "--help", flags=flags).stdout == started("status", "--help").stdout


def test_nothing_is_said_when_nobody_reads() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "jobs", "status", "--help"], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_every_job_says_what_it_is_for() -> None:
    assert all(len(text) > 20 and text.endswith(".") for text in jobs_by_name().values())
