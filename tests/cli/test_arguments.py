"""The command line: help, usage errors, errors as one line and as one JSON object, exit codes."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from jobs import backfill_features, import_tables
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import date_options, policy_options
from jobs.errors import ContractError, ExitCode
from jobs.schemas.tables import NBAC_SCHEDULE
from jobs.spark.java import java_home

TOKEN = "ya29.planted_token_of_nobody"


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEATURE_STORE_MODE", raising=False)


def invoked(job: Any, *arguments: str) -> Result:
    return CliRunner().invoke(job, arguments)


@dataclass(frozen=True)
class Found:
    """What the job found."""

    content: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return self.content

    def render(self, console: Console) -> None:
        console.print("a table")


@job_command("demo_job")
@date_options
@policy_options
@click.option("--end-with", default="done")
def demo_job(
    invocation: Invocation,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    end_with: str,
) -> ExitCode:
    """Do what the option says."""
    if end_with == "contract":
        raise ContractError("table a: column x is missing\ntable b: column y is missing")
    if end_with == "defect":
        raise ZeroDivisionError("division by zero")
    invocation.progress.say("under way")
    invocation.show(Found({"start": start, "dates": dates, **invocation.settings.model_dump(mode="json")}))
    return ExitCode.PARTIAL if end_with == "partial" else ExitCode.DONE


@pytest.mark.parametrize("job", [backfill_features.main, import_tables.main])
def test_help_names_the_common_options(job: Any) -> None:
    answer = invoked(job, "--help")
    assert answer.exit_code == 0
    for option in ("--warehouse-path", "--config", "--json", "--verbose"):
        assert option in answer.stdout


def test_help_of_the_back_fill() -> None:
    text = invoked(backfill_features.main, "--help").stdout
    for option in (
        "--start",
        "--end",
        "--dates",
        "--on-missing",
        "--mode",
        "--write-mode",
        "--dry-run",
        "--keep-staging",
    ):
        assert option in text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--start", "07.11.2021"], "'07.11.2021' is not a date; write it as YYYY-MM-DD"),
        (["--dates", "2021-11-07,2021-11-31"], "'2021-11-31' is not a date"),
        (["--on-missing", "ignore"], "'ignore' is not one of 'fail', 'skip', 'fallback'"),
        (["--merge-slice-rows", "many"], "'many' is not a valid integer"),
        (["--sart", "2021-11-07"], "No such option"),
        (["2021-11-07"], "unexpected extra argument"),
    ],
)
def test_usage_errors(arguments: list[str], expected: str) -> None:
    answer = invoked(demo_job, *arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert expected in answer.stderr
    as_json = invoked(demo_job, *arguments, "--json")
    assert as_json.exit_code == 2
    error = json.loads(as_json.stdout)
    assert (error["status"], error["exit_code"]) == ("failed", 2)
    assert expected in error["error"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--start", "2021-11-28", "--end", "2021-11-07"], "--end 2021-11-07 is before --start 2021-11-28"),
        ([], "which dates?"),
        (["--dates", "2021-11-07", "--start", "2021-11-07"], "--dates cannot be combined"),
        (["--dates", "2021-11-07", "--config", "/nowhere/a.yaml"], "configuration /nowhere/a.yaml: No such file"),
        (["--dates", "2021-11-07", "--merge-slice-rows", "0"], "in the options: merge_slice_rows is 0"),
    ],
)
def test_wrong_input_of_the_back_fill_is_told_before_spark_starts(arguments: list[str], expected: str) -> None:
    answer = invoked(backfill_features.main, *arguments)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("error: ")
    assert expected in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_without_java_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nowhere = tmp_path / "none"
    monkeypatch.setattr("jobs.spark.session.java_home", lambda: java_home({"PATH": ""}, [str(nowhere)], nowhere))
    (tmp_path / "nba_raw").mkdir()
    (tmp_path / "nba_raw" / "nbac_schedule.csv").write_text(",".join(NBAC_SCHEDULE.column_names))
    command = ["--from", str(tmp_path), "--warehouse-path", str(tmp_path / "none")]
    answer = invoked(import_tables.main, *command)
    assert answer.exit_code == 2
    read, error = answer.stderr.splitlines()
    assert read.startswith("read ")
    assert error.startswith("error: Spark needs Java 17, found no Java. Install it")


@pytest.mark.parametrize(
    "arguments", [["--mode", TOKEN], ["--start", TOKEN], [TOKEN], ["--merge-slice-rows", TOKEN], ["--warehouse", TOKEN]]
)
def test_a_usage_error_shows_no_credential(arguments: list[str]) -> None:
    answer = invoked(demo_job, *arguments, "--json")
    assert answer.exit_code == 2
    assert TOKEN not in answer.stdout + answer.stderr


def test_an_error_is_a_line_for_each_thing_that_is_wrong() -> None:
    answer = invoked(demo_job, "--end-with", "contract")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr == "error: table a: column x is missing\nerror: table b: column y is missing\n"


def test_a_defect_is_one_line_and_exit_1() -> None:
    answer = invoked(demo_job, "--end-with", "defect")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == "error: ZeroDivisionError: division by zero (--verbose shows where)\n"
    assert "Traceback" in invoked(demo_job, "--end-with", "defect", "--verbose").stderr


@pytest.mark.parametrize(("end_with", "code"), [("contract", 2), ("defect", 1)])
def test_json_has_the_error_alone_on_standard_output(end_with: str, code: int) -> None:
    answer = invoked(demo_job, "--end-with", end_with, "--json")
    error = json.loads(answer.stdout)
    assert (answer.exit_code, error["exit_code"], error["status"]) == (code, code, "failed")
    assert error["error"] in answer.stderr.replace("error: ", "")


def test_json_has_the_summary_alone_on_standard_output() -> None:
    answer = invoked(demo_job, "--start", "2021-11-07", "--on-missing", "skip", "--json")
    content = json.loads(answer.stdout)
    assert (content["start"], content["dates"], content["on_missing"]) == ("2021-11-07", None, "skip")
    assert "under way" not in answer.stdout


def test_without_json_standard_output_has_the_tables() -> None:
    answer = invoked(demo_job, "--dates", "2021-11-09, 2021-11-07", "--end-with", "partial")
    assert (answer.exit_code, answer.stdout) == (3, "a table\n")


def test_options_that_were_not_given_leave_the_settings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEATURE_STORE_MODE", "daily")
    monkeypatch.setenv("FEATURE_STORE_KEEP_STAGING", "true")
    content = json.loads(invoked(demo_job, "--json").stdout)
    assert (content["mode"], content["keep_staging"]) == ("daily", True)
    content = json.loads(invoked(demo_job, "--json", "--mode", "backfill").stdout)
    assert content["mode"] == "backfill"
