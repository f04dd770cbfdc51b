"""When an artifact is built anew, and that the same packages make the same archive. What it holds: `tests/cluster`."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from jobs.ledger import run_id as run_identity
from jobs.ledger.run_id import RunIdentity
from jobs.submission.artifact import digest_of_sources, source_files
from jobs.submission.build import packed, requirements


def checkout(folder: Path) -> Path:
    for name in ("jobs/a.py", "transforms/b.py", "conf/local.yaml", "setup.py", "pyproject.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_another_source_makes_another_digest(tmp_path: Path) -> None:
    one, other = checkout(tmp_path / "one"), checkout(tmp_path / "other")
    assert digest_of_sources(one) == digest_of_sources(other)
    (one / "jobs" / "__pycache__").mkdir()
    (one / "jobs" / "__pycache__" / "a.pyc").write_text("compiled")
    (one / "tests.py").write_text("not in it")
    assert digest_of_sources(one) == digest_of_sources(other)
    (other / "conf" / "local.yaml").write_text("changed")
    assert digest_of_sources(one) != digest_of_sources(other)


def test_the_settings_are_among_the_sources() -> None:
    assert {Path("conf/local.yaml"), Path("conf/dataproc.yaml"), Path("setup.py")} <= set(source_files())


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    made = []
    for number, name in enumerate(("one", "other")):
        folder = checkout(tmp_path / name)
        for file in folder.rglob("*"):
            os.utime(file, (1_000_000 * number, 1_000_000 * number))
        made.append(tmp_path / f"{name}.tar.gz")
        packed(folder, made[-1])
    assert made[0].read_bytes() == made[1].read_bytes()


def test_what_is_packed_is_what_the_wheel_asks_for(tmp_path: Path) -> None:
    wheel = tmp_path / "x.whl"
    lines = [
        "pyspark<4.2,>=3.5.3",
        "pydantic<3,>=2.7",
        'google-auth<3,>=2.30; extra == "bigquery"',
        'pytest; extra == "test"',
    ]
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr("x.dist-info/METADATA", "".join(f"Requires-Dist: {line}\n" for line in lines))
    assert requirements(wheel) == ["pydantic<3,>=2.7", "google-auth<3,>=2.30"]


@pytest.fixture
def announced() -> str:
    run_id = "20261125T000027Z-d32288"
    run_identity.announce(run_id)
    return run_id


def test_a_run_takes_the_name_that_was_announced_and_the_next_one_does_not(announced: str) -> None:
    first, second = RunIdentity(), RunIdentity()
    assert first.run_id == announced
    assert f"{first.started_at:%H:%M:%S %Z}" == "00:00:27 UTC"
    assert second.run_id != announced
