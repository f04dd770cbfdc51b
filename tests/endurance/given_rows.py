"""Runs over BigQuery without Spark: rows that are there already, through all stages of a run and all its calls of REST.

A tenth of what a run with Spark takes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from google.cloud import bigquery
from google.cloud.bigquery import LoadJobConfig
from pyspark.sql import SparkSession

from jobs.backfill.features import FeatureComputation
from jobs.backfill.run import run_table
from jobs.backfill.work import Job
from jobs.backfill.writer import Writing
from jobs.config.settings import Settings
from jobs.ledger.history import LoggedRun
from jobs.planning.outcome import RunOutcome, SkippedRow
from jobs.planning.plan import Plan, PlannedDate, RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE, Table
from jobs.warehouse.bigquery import warehouse as of_bigquery
from jobs.warehouse.bigquery.tables import as_json
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.end_to_end.store import silent
from tests.planning.planned import planned_date
from tests.warehouse.feature_rows import feature_row
from transforms.catalogue import FEATURES

DAYS = (
    datetime.date(2021, 11, 26),
    datetime.date(2021, 11, 28),
    datetime.date(2021, 12, 1),
    datetime.date(2021, 12, 2),
)
PLAYERS = ("a", "b")
SKIPPED = SkippedRow(DAYS[0], None, "invalid_input", "player_lookup is NULL")


class Given:
    """A computation of rows that are there: a context row without a player is skipped; another `truth`, other rows."""

    features: int | None = len(FEATURES)
    prune_by: Table | None = None
    constants: Mapping[str, Any] = FeatureComputation.constants

    def __init__(self, requested: RequestedDates, truth: int = 0) -> None:
        self._requested = requested
        self._truth = truth

    def open(self) -> int:
        return 0

    def plan(self) -> Plan:
        keyed = len(PLAYERS)
        dates = [
            planned_date(day, context_rows=keyed + (day == DAYS[0]), unkeyed_rows=int(day == DAYS[0]))
            for day in DAYS
            if day in self._requested
        ]
        return Plan(self._requested, tuple(dates))

    def rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> Any:
        values = {"days_rest": self._truth, "data_hash": f"hash {self._truth}", "created_at": created_at}
        return [feature_row(player, date.game_date, **values) for date in dates for player in PLAYERS]

    def rows_without_key(self) -> list[SkippedRow]:
        return [SKIPPED] if DAYS[0] in self._requested else []

    def skipped_rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> list[SkippedRow]:
        return []

    def estimated_bytes(self) -> dict[str, int]:
        return {}


def run_given(
    warehouse: BigQueryWarehouse,
    settings: Settings,
    requested: RequestedDates,
    truth: int = 0,
    resumed: LoggedRun | None = None,
) -> RunOutcome:
    """A run over given rows, within `staged_by_rest`."""
    job = Job("backfill_features", warehouse, settings, silent())
    return run_table(job, ML_FEATURE_STORE, requested, Given(requested, truth), resumed=resumed)


@contextmanager
def staged_by_rest(client: bigquery.Client) -> Iterator[None]:
    """Lets a client of its own write staged rows."""

    def write(*given: Any) -> None:
        *_, name, rows = given
        schema = client.get_table(name).schema
        staged = [as_json({field.name: row.get(field.name) for field in schema}) for row in rows]
        config = LoadJobConfig(schema=schema, write_disposition="WRITE_APPEND")
        client.load_table_from_json(staged, name, job_config=config).result()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writing, "stage", _stage)
        patch.setattr(of_bigquery, "as_written", lambda rows, *_: rows)
        patch.setattr(of_bigquery, "write_staged", write)
        yield


def _stage(writing: Writing, rows: Any, *_: Any) -> None:
    writing.warehouse.create(writing.table)
    columns = [*writing._varying, *writing._of_warnings()]
    writing.warehouse.stage(writing.table, columns, rows, writing.run_id)


def no_spark() -> SparkSession:
    """Nobody asks for it."""
    raise AssertionError("REST needs no Spark")
