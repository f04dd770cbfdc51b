"""Whole processes, as a person starts them: standard output, standard error, and the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from jobs.schemas.tables import FEATURE_RUNS, PLAYER_GAME_SUMMARY
from tests.end_to_end.store import Store

ROOT = Path(__file__).parents[2]
NOISE = (
    "WARN",
    "INFO",
    ":: ",
    "ivy",
    "Ivy",
    "OpenJDK",
    "SLF4J",
    "log4j",
    "Setting default log level",
    "at org.",
    "resolv",
)


def started(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FEATURE_STORE_")}
    return subprocess.run(
        [sys.executable, "-m", "jobs.backfill_features", *map(str, arguments)],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def partial(filled_store: Store) -> subprocess.CompletedProcess[str]:
    return started(
        "--start", "2021-11-17", "--end", "2021-11-18", "--warehouse-path", filled_store.root, "--json"
    )  # fmt: skip


def test_json_is_one_object_on_standard_output(partial: subprocess.CompletedProcess[str]) -> None:
    assert partial.returncode == 3, partial.stderr
    summary = json.loads(partial.stdout)
    assert (summary["status"], summary["exit_code"]) == ("partial", 3)
    assert [date["game_date"] for date in summary["failed_dates"]] == ["2021-11-17"]
    assert summary["rows"]["unchanged"] > 0
    assert summary["accounting"]["closes"] is True
    assert len(partial.stdout.splitlines()) == 1


def test_standard_error_has_the_progress_and_no_line_of_spark(partial: subprocess.CompletedProcess[str]) -> None:
    lines = partial.stderr.splitlines()
    assert lines[0].startswith("run 2")
    assert [line.split()[0] for line in lines[1:]] == ["read", "plan", "stage", "verify", "merge"]
    assert not [line for line in lines if any(word in line for word in NOISE)]


def test_a_complete_run_ends_with_tables_and_0(filled_store: Store) -> None:
    answer = started("--dates", "2021-11-19", FEATURE_STORE_WAREHOUSE_PATH=str(filled_store.root))
    assert answer.returncode == 0, answer.stderr
    assert "row counts reconcile" in answer.stdout
    assert answer.stdout.splitlines()[-1].endswith(": succeeded")


def test_a_credential_stands_in_no_ledger_no_output_and_no_argument_of_a_process(own_store: Store) -> None:
    token = "planted-token-of-nobody"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FEATURE_STORE_")}
    options = ["--dates", "2021-11-19", "--warehouse-path", str(own_store.root), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs", "backfill_features", *options],
        cwd=ROOT,
        env={**inherited, "FEATURE_STORE_BIGQUERY__ACCESS_TOKEN": token},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    arguments: set[str] = set()
    while process.poll() is None:
        with suppress(psutil.Error):
            for member in (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)):
                # One that has ended meanwhile hides no other.
                with suppress(psutil.Error):
                    arguments.add(" ".join(member.cmdline()))
        time.sleep(0.2)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert any("java" in line for line in arguments)
    written = [file.read_bytes() for file in own_store.root.rglob("*") if file.is_file()]
    rows = json.dumps(own_store.warehouse.rows(FEATURE_RUNS), default=str)
    assert "access_token" in rows
    for text in (stdout, stderr, rows, *arguments, *(content.decode(errors="replace") for content in written)):
        assert token not in text


def test_a_corrupt_file_is_one_line_that_names_it(store: Store) -> None:
    file = store.folder(PLAYER_GAME_SUMMARY) / sorted(store.data_files(PLAYER_GAME_SUMMARY))[0]
    file.write_bytes(b"no Parquet" * 100)
    file.with_name(f".{file.name}.crc").unlink(missing_ok=True)
    answer = started("--dates", "2021-11-19", "--warehouse-path", store.root)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert not [line for line in answer.stderr.splitlines() if any(word in line for word in (*NOISE, "Traceback"))]
    error = answer.stderr.splitlines()[-1]
    assert error.startswith("error: ")
    assert file.name in error
    assert error.endswith("(--verbose shows where)")


def test_an_unknown_option_of_a_configuration_file(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("on_mising: skip\n")
    answer = started("--dates", "2021-11-19", "--config", config, "--warehouse-path", tmp_path, "--json")
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"error: configuration in {config}: unknown option 'on_mising'")
    assert json.loads(answer.stdout)["exit_code"] == 2


def test_a_warehouse_that_is_not_there(tmp_path: Path) -> None:
    answer = started("--dates", "2021-11-19", "--warehouse-path", tmp_path / "none")
    assert (answer.returncode, answer.stdout) == (2, "")
    errors = [line for line in answer.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 9
    assert all("does not exist" in line for line in errors)
    assert not (tmp_path / "none").exists()
