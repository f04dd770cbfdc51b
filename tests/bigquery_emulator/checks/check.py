"""What a check is: a function of an emulator, and how it fails when its correction is left out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.cloud import bigquery
from pyspark.sql import SparkSession

from tests.bigquery_emulator.emulator import Emulator

SparkStarter = Callable[[], SparkSession]


@dataclass(frozen=True)
class Check:
    """A check of one correction; without the correction it raises `error` with a message that matches `message`."""

    correction: str
    function: Callable[..., None]
    needs_spark: bool
    error: type[BaseException]
    message: str | None

    def __str__(self) -> str:
        return f"{self.correction}-{self.function.__name__}"

    def run(self, emulator: Emulator, spark: SparkStarter) -> None:
        """Run it; Spark is started only for a check that needs it."""
        if self.needs_spark:
            self.function(emulator, spark())
        else:
            self.function(emulator)


CHECKS: list[Check] = []


def check(
    correction: str,
    *,
    fails_with: type[BaseException] = AssertionError,
    message: str | None = None,
    needs_spark: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the decorated function as a check of `correction`; `message` is a plain part of the error's text."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        CHECKS.append(Check(correction, function, needs_spark, fails_with, message and re.escape(message)))
        return function

    return register


def new_dataset(emulator: Emulator) -> str:
    """The name of a new, empty dataset."""
    name = f"check_{uuid.uuid4().hex[:8]}"
    emulator.client().create_dataset(name)
    return name


def new_table(emulator: Emulator, *columns: bigquery.SchemaField, **properties: Any) -> str:
    """The `dataset.table` name of a new, empty table with these columns, created by REST."""
    name = f"{new_dataset(emulator)}.rows"
    table = bigquery.Table(f"{emulator.project}.{name}", columns)
    for attribute, value in properties.items():
        setattr(table, attribute, value)
    emulator.client().create_table(table)
    return name


def run(emulator: Emulator, sql: str, **options: Any) -> bigquery.QueryJob:
    """The finished job of a statement."""
    job = emulator.client().query(sql, **options)
    job.result()
    return job


def rows(emulator: Emulator, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return [tuple(row.values()) for row in run(emulator, sql).result()]
