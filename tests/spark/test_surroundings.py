"""What the shell of a user has set, and folders that cannot be written: no harm, or one line that says what to do."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from jobs.errors import ConfigurationError, ExitCode
from jobs.spark.session import did_not_start
from jobs.spark.surroundings import check_temporary_folders, keep_out


def test_another_spark_is_kept_out() -> None:
    environment = {"SPARK_HOME": "/a", "SPARK_CONF_DIR": "/b", "PYSPARK_SUBMIT_ARGS": "--master x", "HOME": "/h"}
    keep_out(environment)
    assert environment == {"HOME": "/h"}


@pytest.mark.parametrize("variable", ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"])
def test_of_java_s_own_variables_the_properties_stay(variable: str) -> None:
    environment = {variable: "-Xmx1m -Dhttps.proxyHost=proxy -XX:+UseZGC -javaagent:/gone.jar -Dhttps.proxyPort=8"}
    keep_out(environment)
    assert environment == {variable: "-Dhttps.proxyHost=proxy -Dhttps.proxyPort=8"}


def test_temporary_folders_that_can_be_written_are_taken(tmp_path: Path) -> None:
    check_temporary_folders({"SPARK_LOCAL_DIRS": f"{tmp_path / 'one'},{tmp_path / 'two'}"})


def test_a_folder_of_spark_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        ConfigurationError, match=r"cannot be written to .*file/x \(.*\); make room there, or set SPARK_L"
    ):
        check_temporary_folders({"SPARK_LOCAL_DIRS": str(tmp_path / "file" / "x")})


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, dir: str) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/tmp")
    with pytest.raises(ConfigurationError, match=r"cannot be written to /tmp \(No space left on device\).*TMPDIR"):
        check_temporary_folders({})


def test_without_any_temporary_folder_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError("No usable temporary directory found in ['/tmp', '/']")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    with pytest.raises(ConfigurationError, match="set TMPDIR to a folder with room"):
        check_temporary_folders({})


@pytest.mark.parametrize(
    ("log", "reason", "code"),
    [
        (
            "Picked up JAVA_TOOL_OPTIONS: \nUnrecognized VM option 'UseNoGC'\n"
            "Error: Could not create the Java Virtual Machine.\n"
            "Error: A fatal exception has occurred. Program will exit.\n",
            "Java does not start: Unrecognized VM option 'UseNoGC'; see engine.java_options and engine.driver_memory",
            ExitCode.WRONG_INPUT,
        ),
        (
            "Error occurred during initialization of VM\nInitial heap size set to a larger value than the maximum\n",
            "Java does not start: Initial heap size set to a larger value than the maximum; "
            "see engine.java_options and engine.driver_memory",
            ExitCode.WRONG_INPUT,
        ),
        ("\n", "Spark did not start: JVM exited", ExitCode.UNEXPECTED),
        (
            "\n:: problems ::\nunresolved dependency: io.delta#delta;1: not found\n\tat org.apache.X\n",
            "Spark did not start: unresolved dependency: io.delta#delta;1: not found",
            ExitCode.UNEXPECTED,
        ),
    ],
)
def test_why_the_jvm_did_not_start_is_told_in_one_line(log: str, reason: str, code: ExitCode) -> None:
    error = did_not_start(log, RuntimeError("JVM exited"))
    assert (str(error), error.exit_code) == (reason, code)
