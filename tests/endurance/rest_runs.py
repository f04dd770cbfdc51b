"""Runs over BigQuery without Spark: rows that are there already, with all stages of a run and all its calls of REST.

A tenth of what a run with Spark takes, so that each call can lose its answer alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from google.cloud.bigquery import LoadJobConfig

from jobs.backfill.resume import earlier_run, settings_of
from jobs.backfill.run import run_table
from jobs.backfill.work import Job
from jobs.backfill.writer import Writing
from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import Plan, PlannedDate, RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE, Table
from jobs.warehouse.bigquery import warehouse as of_bigquery
from jobs.warehouse.bigquery.tables import as_json
from tests.bigquery_emulator.certificate import make_certificate
from tests.bigquery_emulator.emulator import Emulator
from tests.end_to_end.store import silent
from tests.endurance.bigquery_runs import OPTIONS, LossyRuns
from tests.endurance.lost_answers import Proxies, losing
from tests.endurance.scenarios import small_league
from tests.endurance.starts import bigquery
from tests.planning.planned import planned_date
from tests.warehouse.bigquery.project import BigQueryProject
from tests.warehouse.feature_rows import feature_row
from transforms.catalogue import FEATURES

NOVEMBER, DECEMBER = datetime.date(2021, 11, 18), datetime.date(2021, 12, 1)
REQUESTED = RequestedDates(NOVEMBER, DECEMBER)
ROWS = [feature_row(player, day) for day in (NOVEMBER, DECEMBER) for player in ("a", "b")]
SKIPPED = SkippedRow(NOVEMBER, None, "invalid_input", "player_lookup is NULL")


class Given:
    """A computation of rows that are there."""

    features: int | None = len(FEATURES)
    prune_by: Table | None = None

    def open(self) -> int:
        return 0

    def plan(self) -> Plan:
        dates = (planned_date(NOVEMBER, context_rows=3, unkeyed_rows=1), planned_date(DECEMBER, context_rows=2))
        return Plan(REQUESTED, dates)

    def rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> Any:
        return [{**row, "created_at": created_at} for row in ROWS]

    def rows_without_key(self) -> list[SkippedRow]:
        return [SKIPPED]

    def skipped_rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> list[SkippedRow]:
        return []

    def estimated_bytes(self) -> dict[str, int]:
        return {}


class RestRuns(LossyRuns):
    """As with Spark, but for the writing of staged rows, which no proxy sees."""

    def __init__(self, emulator: Emulator, proxies: Proxies) -> None:
        super().__init__(None, emulator, proxies, None)

    def _backfill(
        self,
        project: BigQueryProject,
        section: dict[str, Any],
        run_id: str | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        warehouse, settings = self._opened(project, section, options or OPTIONS)
        earlier = None if run_id is None else earlier_run(warehouse, run_id, job="backfill_features")
        settings = settings if earlier is None else settings_of(earlier, settings)
        job = Job("backfill_features", warehouse, settings, silent())

        def write(*given: Any) -> None:
            *_, name, rows = given
            schema = project.client.get_table(name).schema
            config = LoadJobConfig(schema=schema, write_disposition="WRITE_APPEND")
            project.client.load_table_from_json([as_json(row) for row in rows], name, job_config=config).result()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Writing, "stage", _stage)
            patch.setattr(of_bigquery, "as_written", lambda rows, *_: rows)
            patch.setattr(of_bigquery, "write_staged", write)
            run_table(job, ML_FEATURE_STORE, REQUESTED, Given(), resumed=earlier)


def _stage(writing: Writing, rows: Any) -> None:
    writing.warehouse.create(writing.table)
    writing.warehouse.stage(writing.table, [*writing.columns, *writing._of_warnings()], rows, writing.run_id)


RUNS = ("backfill", "overwrite", "rollback", "rest")


@contextmanager
def lossy_runs(run: str, folder: Path) -> Iterator[LossyRuns]:
    """Runs of a kind, over an emulator of their own."""
    if run == "rest":
        with Emulator(make_certificate(folder), folder / "log") as emulator, losing(emulator) as proxies:
            yield RestRuns(emulator, proxies)
        return
    with bigquery(folder) as (emulator, spark), losing(emulator) as proxies:
        yield LossyRuns(spark, emulator, proxies, small_league(folder / "league"), run)
