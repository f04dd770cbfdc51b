"""Where two writers begin: on Delta copies of a folder, on BigQuery targets of their own over the same sources."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.config.settings import Settings, load_settings
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE, SOURCES, UPCOMING_PLAYER_GAME_CONTEXT, Table
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.certificate import make_certificate
from tests.bigquery_emulator.emulator import Emulator
from tests.end_to_end.store import Key, Row, Store, without_times
from tests.endurance.given_rows import no_spark, run_given, staged_by_rest
from tests.endurance.scenarios import small_league
from tests.endurance.session import session
from tests.endurance.writers import BOTH, EARLIER, OPTIONS, OTHER_TRUTH, Judged, Start, beside_a_stranger, two_writers
from tests.warehouse.bigquery.project import BigQueryProject


class DeltaStarts:
    """Warehouses with rows to update and to insert, and the same when a run has done that: each start is a copy."""

    def __init__(self, imported: Store, folder: Path) -> None:
        self._folder = folder
        self._filled = imported.copied_to(self._new_folder())
        self._filled.backfill(EARLIER, **OPTIONS)
        self._filled.sql(OTHER_TRUTH, UPCOMING_PLAYER_GAME_CONTEXT)
        self._written = self._filled.copied_to(self._new_folder())
        self._run_id = self._written.backfill(BOTH, **OPTIONS).run_id
        self._before, self._after = (without_times(each.features()) for each in (self._filled, self._written))

    def fresh(self, *, written: bool) -> Start[Store]:
        """Before the run, or when it is written."""
        store = (self._written if written else self._filled).copied_to(self._new_folder())
        return Start(store, self._before, self._after, self._run_id if written else None)

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder)) / "warehouse"


@dataclass(frozen=True)
class BigQueryStore:
    """One target with its ledger, in datasets of their own; its runs write given rows, without Spark."""

    project: BigQueryProject
    truth: int = 0

    @property
    def warehouse(self) -> BigQueryWarehouse:
        """One that has no Spark."""
        return BigQueryWarehouse(no_spark, self.project.connection(), self.project.places)

    def settings(self, **options: Any) -> Settings:
        """The settings of `conf/` and these options."""
        place = {"tables": self.project.places, "bigquery": {"project": self.project.emulator.project}}
        return load_settings({"warehouse": "bigquery", **place, **options}, environment={})

    def run(self, requested: RequestedDates) -> RunOutcome:
        """A back-fill in two slices."""
        return run_given(self.warehouse, self.settings(**OPTIONS), requested, self.truth)

    def rows(self, table: Table) -> list[Row]:
        """All rows of a table, all of its columns."""
        return self.warehouse.rows(table)

    def features(self) -> dict[Key, Row]:
        """The feature store's rows by key; AssertionError for a key that is there twice."""
        rows = self.rows(ML_FEATURE_STORE)
        by_key = {(row["player_lookup"], row["game_date"]): row for row in rows}
        assert len(by_key) == len(rows)
        return by_key


def beside(project: BigQueryProject) -> BigQueryProject:
    """Another project over the same sources."""
    other = BigQueryProject(project.emulator)
    other.places |= {table.name: project.places[table.name] for table in SOURCES}
    return other


class BigQueryStarts:
    """As on Delta; each is made anew, since a copy of a target does not know what was before it."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        filled, written = self._filled(), self._filled()
        BigQueryStore(written.project, truth=1).run(BOTH)
        self._before, self._after = (without_times(each.features()) for each in (filled, written))

    def fresh(self, *, written: bool) -> Start[BigQueryStore]:
        """Before the run, or when it is written."""
        store = BigQueryStore(self._filled().project, truth=1)
        return Start(store, self._before, self._after, store.run(BOTH).run_id if written else None)

    def _filled(self) -> BigQueryStore:
        store = BigQueryStore(BigQueryProject(self._emulator))
        store.run(EARLIER)
        return store


@contextmanager
def starts_of(warehouse: str, folder: Path) -> Iterator[DeltaStarts | BigQueryStarts]:
    """Starts on a warehouse that is made for them; on Delta with a Spark session of their own."""
    if warehouse == "delta":
        with delta_starts(folder) as starts:
            yield starts
        return
    with Emulator(make_certificate(folder), folder / "log") as emulator, staged_by_rest(emulator.client()):
        yield BigQueryStarts(emulator)


@contextmanager
def delta_starts(folder: Path) -> Iterator[DeltaStarts]:
    """Those on Delta."""
    with session(few_rows=True) as spark:
        # VACUUM without retention, and not in ten thousand tasks.
        spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
        spark.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
        imported = Store(spark, folder / "imported")
        imported.import_from(small_league(folder / "league"))
        yield DeltaStarts(imported, folder)


def judged(starts: DeltaStarts | BigQueryStarts, kind: str, stage: str, other: str) -> Judged:
    """A pair of two writers, or of one and a stranger on Delta; a run that does not end is wrong."""
    start: Start[Any] = starts.fresh(written="rollback" in (stage, other))
    try:
        return two_writers(start, stage, other) if kind == "pairs" else beside_a_stranger(start, stage, other)
    except Exception as error:
        return Judged("", [f"{type(error).__name__}: {error}"])


@contextmanager
def bigquery(folder: Path) -> Iterator[tuple[Emulator, SparkSession]]:
    """An emulator, and a Spark session that trusts it."""
    certificate = make_certificate(folder)
    with (
        Emulator(certificate, folder / "log") as emulator,
        session("bigquery", few_rows=True, java_options=certificate.java_options) as spark,
    ):
        yield emulator, spark
