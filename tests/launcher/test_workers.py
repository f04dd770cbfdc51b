"""The two processes of the suite: how many tests are worth them, and what stays together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers import part_of, place_of, workers_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["tests"],
        ["tests/oracle"],
        ["tests/config/test_settings.py", "tests/config/test_secrets.py"],
        ["tests/transforms/test_wall.py", "tests/documentation"],
    ],
)
def test_the_suite_a_folder_and_several_files_have_two_processes(arguments: list[str]) -> None:
    assert workers_for(arguments, ROOT) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["tests/config/test_settings.py"],
        [str(ROOT / "tests/config/test_settings.py")],
        ["tests/config/test_settings.py::test_a", "tests/config/test_settings.py::test_b[x/y]"],
        ["tests/transforms"],
        ["tests/cluster/"],
        ["tests/demo_league/test_schedule.py", "tests/demo_league"],
        ["tests/transforms/test_wall.py", "tests/transforms/test_as_of.py"],
    ],
)
def test_one_file_and_what_stays_together_stay_in_one(arguments: list[str]) -> None:
    assert workers_for(arguments, ROOT) == 0


def test_one_core_is_worth_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert workers_for(["tests"], ROOT) == 1


def test_a_part_is_a_file_or_a_folder_with_costly_fixtures() -> None:
    assert part_of("tests/config/test_settings.py::test_a[x::y]") == "tests/config/test_settings.py"
    assert part_of("tests/transforms/precomputed/test_exact.py::test_a") == "tests/transforms"


def test_what_takes_the_longest_comes_first() -> None:
    files = ["tests/audits/test_advice.py", "tests/warehouse/test_kinds.py", "tests/cluster/test_lost_machines.py"]
    assert sorted(files, key=place_of) == files[::-1]
