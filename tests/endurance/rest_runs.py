"""Runs over BigQuery whose answers are lost, by REST alone: fast enough that each call loses its answer alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.config.settings import Settings
from jobs.ledger.history import LoggedRun
from jobs.planning.plan import RequestedDates
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.certificate import make_certificate
from tests.bigquery_emulator.emulator import Emulator
from tests.endurance.bigquery_runs import LossyRuns
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

    def _run(
        self, project: BigQueryProject, warehouse: BigQueryWarehouse, settings: Settings, earlier: LoggedRun | None
    ) -> None:
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
