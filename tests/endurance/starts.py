"""Where two writers begin: on Delta copies of a folder, on BigQuery targets of their own over the same sources."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.backfill_features import backfill_features
from jobs.config.settings import Settings, load_settings
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE, SOURCES, UPCOMING_PLAYER_GAME_CONTEXT, Table
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from tests.bigquery_emulator.certificate import make_certificate
from tests.bigquery_emulator.emulator import Emulator
from tests.end_to_end.store import Key, Row, Store, silent, without_times
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
    """One target with its ledger, in datasets of their own."""

    spark: SparkSession
    project: BigQueryProject

    @property
    def warehouse(self) -> BigQueryWarehouse:
        """The warehouse with Spark at hand."""
        return self.project.warehouse(self.spark)

    def settings(self, **options: Any) -> Settings:
        """The settings of `conf/` and these options."""
        place = {"tables": self.project.places, "bigquery": {"project": self.project.emulator.project}}
        return load_settings({"warehouse": "bigquery", **place, **options}, environment={})

    def backfill(self, requested: RequestedDates) -> str:
        """A run; its id."""
        return backfill_features(self.warehouse, self.settings(**OPTIONS), requested, silent()).run_id

    def rows(self, table: Table) -> list[Row]:
        """All rows of a table, all of its columns."""
        return self.warehouse.rows(table)

    def features(self) -> dict[Key, Row]:
        """The feature store's rows by key; AssertionError for a key that is there twice."""
        rows = self.rows(ML_FEATURE_STORE)
        by_key = {(row["player_lookup"], row["game_date"]): row for row in rows}
        assert len(by_key) == len(rows)
        return by_key

    def copied(self) -> BigQueryStore:
        """The same rows in a target of its own, which no ledger knows, over the same sources."""
        copy = beside(self.project)
        copy.create(ML_FEATURE_STORE)
        copy.rows(f"INSERT INTO `{copy.name(ML_FEATURE_STORE)}` SELECT * FROM `{self.project.name(ML_FEATURE_STORE)}`")
        return BigQueryStore(self.spark, copy)


def beside(project: BigQueryProject) -> BigQueryProject:
    """Another project over the same sources."""
    other = BigQueryProject(project.emulator)
    other.places |= {table.name: project.places[table.name] for table in SOURCES}
    return other


class BigQueryStarts:
    """As on Delta; where a run is to be undone it is made anew, since a copy does not know what was before it."""

    def __init__(self, spark: SparkSession, emulator: Emulator, league: Path) -> None:
        project = BigQueryProject(emulator)
        project.load_folder(league)
        self._filled = BigQueryStore(spark, project)
        self._filled.backfill(EARLIER)
        project.rows(OTHER_TRUTH.replace("{table}", f"`{project.name(UPCOMING_PLAYER_GAME_CONTEXT)}`"))
        written = self._filled.copied()
        written.backfill(BOTH)
        self._before, self._after = (without_times(each.features()) for each in (self._filled, written))

    def fresh(self, *, written: bool) -> Start[BigQueryStore]:
        """Before the run, or when it is written."""
        store = self._filled.copied()
        return Start(store, self._before, self._after, store.backfill(BOTH) if written else None)


@contextmanager
def starts_of(warehouse: str, folder: Path) -> Iterator[DeltaStarts | BigQueryStarts]:
    """Starts on a warehouse that is made for them, with a Spark session of their own."""
    if warehouse == "delta":
        with delta_starts(folder) as starts:
            yield starts
        return
    with bigquery(folder) as (emulator, spark):
        yield BigQueryStarts(spark, emulator, small_league(folder / "league"))


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
