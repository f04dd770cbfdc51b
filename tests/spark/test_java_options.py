"""The options of a job's JVM: the user's win, the heap follows `driver_memory`, a JVM starts with all of them."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from jobs.spark.java import java_home
from jobs.spark.java_options import java_options


def options(given: str = "", memory: str = "4g", *, full: bool = False, log_settings: Path | None = None) -> list[str]:
    return shlex.split(java_options(given, memory, full_compiler=full, log_settings=log_settings))


def started(chosen: list[str], memory: str) -> subprocess.CompletedProcess[str]:
    """A JVM that prints what it has made of its options."""
    java = java_home() / "bin" / "java"
    command = [str(java), f"-Xmx{memory}", *chosen, "-XX:+PrintFlagsFinal", "-version"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("full", [False, True])
def test_the_user_s_options_come_last(full: bool) -> None:
    given = "-XX:ReservedCodeCacheSize=512m -Xms100m '-Dmine=a b'"
    assert options(given, full=full)[-3:] == ["-XX:ReservedCodeCacheSize=512m", "-Xms100m", "-Dmine=a b"]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("collector", ["-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC", "-XX:+UseZGC"])
def test_a_collector_of_the_user_takes_the_place_of_ours(collector: str, full: bool) -> None:
    run = started(options(collector, full=full), "4g")
    assert run.returncode == 0, run.stderr
    assert [o for o in options(collector, full=full) if o.startswith("-XX:+Use")] == [collector]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("memory", ["512m", "800m", "1499m", "1500m", "1g", "4g", "600000k"])
def test_the_heap_at_the_start_follows_the_limit(memory: str, full: bool) -> None:
    run = started(options(memory=memory, full=full), memory)
    assert (run.returncode, "warning" in run.stdout + run.stderr) == (0, False), run.stderr


@pytest.mark.parametrize("full", [False, True])
def test_the_code_cache_has_room(full: bool) -> None:
    run = started(options(full=full), "4g")
    line = next(line for line in run.stdout.splitlines() if " ReservedCodeCacheSize " in line)
    assert int(line.split()[3]) == 320 * 1024 * 1024


def test_a_path_with_a_space_is_one_option(tmp_path: Path) -> None:
    assert "-Dlog4j2.configurationFile=file:///a%20b/log" in options(log_settings=Path("/a b/log"))
