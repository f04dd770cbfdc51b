"""Runs over BigQuery whose answers are lost, by REST alone: fast enough that each call loses its answer alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.backfill.resume import earlier_run, settings_of
from jobs.planning.plan import RequestedDates
from tests.bigquery_emulator.certificate import make_certificate
from tests.bigquery_emulator.emulator import Emulator
from tests.endurance.bigquery_runs import OPTIONS, LossyRuns
from tests.endurance.given_rows import DAYS, run_given, staged_by_rest
from tests.endurance.lost_answers import Proxies, losing
from tests.endurance.scenarios import small_league
from tests.endurance.starts import bigquery
from tests.warehouse.bigquery.project import BigQueryProject

REQUESTED = RequestedDates(DAYS[0], DAYS[2])


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
        with staged_by_rest(project.client):
            run_given(warehouse, settings, REQUESTED, resumed=earlier)


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
