"""How the suite runs in two processes at once: how many there are, what each is given, and what is there before them.

Hooks of pytest-xdist; nothing here knows what a test does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.jars import fetch_all

# Each has a JVM of its own, and starts others.
_WORKERS = 2
# Their fixtures cost more than their tests: one computation of all rules, one cluster with its artifact, one league.
_TOGETHER = ("tests/transforms", "tests/cluster", "tests/demo_league")
# What takes the longest, so that at the end no process is alone with it.
_FIRST = (
    *_TOGETHER,
    *("tests/end_to_end", "tests/endurance", "tests/oracle", "tests/warehouse", "tests/object_stores"),
)


def part_of(test: str) -> str:
    """What runs in one process, in order: a file, or a folder whose files share their fixtures."""
    file = test.partition("::")[0].rstrip("/")
    return next((folder for folder in _TOGETHER if Path(file).is_relative_to(folder)), file)


def workers_for(arguments: list[str], root: Path) -> int:
    """How many processes these tests are worth: none but pytest's own for one file, or for a folder of `_TOGETHER`."""
    parts = {part_of(os.path.relpath(argument, root)) for argument in arguments}
    is_one = len(parts) == 1 and (parts <= {*_TOGETHER} or (root / parts.pop()).is_file())
    return 0 if is_one else min(_WORKERS, os.cpu_count() or 1)


class Parts(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a process whole parts."""

    def _split_scope(self, nodeid: str) -> str:
        return part_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Of `-n auto`, as the launcher says."""
    return workers_for(config.args, config.rootpath)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Before the first of them is started."""
    fetch_all()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Parts:
    """Parts in the order of the tests, not by their number."""
    config.option.loadscopereorder = False
    return Parts(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes the longest comes first where there are several processes."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place_of(item.nodeid))


def place_of(test: str) -> int:
    """Where a test stands in the queue."""
    return next((place for place, folder in enumerate(_FIRST) if Path(test).is_relative_to(folder)), len(_FIRST))
