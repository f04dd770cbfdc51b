"""A command in this process, on a store in place of a warehouse with a Spark of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import pytest
from click.testing import CliRunner

from jobs.warehouse import opening
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from tests.end_to_end.store import Store


def answer_of(
    command: click.Command, store: Store, monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str]:
    """The exit code of a command, and what it wrote to standard output."""

    @contextmanager
    def opened(*_: Any, **__: Any) -> Iterator[DeltaWarehouse]:
        yield store.warehouse

    monkeypatch.setattr(opening, "open_warehouse", opened)
    answer = CliRunner().invoke(command, list(arguments))
    return answer.exit_code, answer.stdout
