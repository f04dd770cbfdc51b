"""What an audit reads and recomputes: stored rows, the same rows from before the date, and from the date included.

Counts agreement; shows nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.audits.feature_tables import open_feature_table
from jobs.audits.known_day import with_day_known
from jobs.backfill import sources
from jobs.backfill.precompute import UpstreamSources
from jobs.config.settings import Settings
from jobs.planning.plan import PlannedDate, RequestedDates, requested_dates
from jobs.reports.leakage import Altered, AuditedColumn, AuditedTable
from jobs.schemas.precompute import UPSTREAM_TARGETS
from jobs.schemas.tables import ML_FEATURE_STORE, PHASE4_TABLES, Table
from jobs.spark.submitted_session import is_submitted
from jobs.warehouse.interface import Warehouse
from transforms.assemble import feature_rows
from transforms.catalogue import FEATURES, Phase4Source
from transforms.changed_future import with_changed_future
from transforms.deduplicate import newest_rows
from transforms.leaks import (
    OUTCOMES,
    ROW,
    Sides,
    agreement,
    rounded_to,
    tolerance_of,
    used_decimals,
    used_rows,
)
from transforms.precomputed.tables import player_rows, upstream_rows
from transforms.precomputed_lookup import TABLE_OF_SOURCE

_NOT_COMPARED = ("universal_player_id", "game_id", "analysis_date", "data_hash", "processed_at", "created_at")
_EXACT = 1e-9
_BEFORE, _INCLUDING = "before", "including"


class LeakSources:
    """The sources of the requested dates, opened under contract; `dates` are those that are audited."""

    def __init__(self, warehouse: Warehouse, settings: Settings, requested: RequestedDates, sample: int | None) -> None:
        self._warehouse = warehouse
        self._upstream = UpstreamSources(warehouse, settings, requested)
        self._opened = self._upstream.opened()
        self.dates = spread(self._upstream.plan().by_action("write"), sample)
        self._known = {_BEFORE: self._opened, _INCLUDING: with_day_known(self._opened)}
        self._kept: dict[tuple[str, str], DataFrame] = {}
        self._scales: dict[str, dict[str, int]] = {}
        self._never = F.lit(datetime.datetime(1970, 1, 1)).cast("timestamp")

    def audited_table(self, table: Table) -> AuditedTable | None:
        """One pre-computed table; None when it holds none of the dates."""
        if (stored := self._stored(table)) is None:
            return None
        computed = [self._computed(table, side) for side in (_BEFORE, _INCLUDING)]
        types = {field.name: field.dataType for field in computed[0].schema.fields}
        tolerances = {
            name: tolerance_of(types[name])
            for name in table.column_names
            if name in stored.columns and name not in (*table.key, *_NOT_COMPARED)
        }
        return _audited(table.name, agreement(Sides(stored, *computed), table.key, tolerances))

    def _stored(self, table: Table) -> DataFrame | None:
        """The stored rows of the dates; None without a table."""
        found = self._warehouse.checked_target(table)
        if found is None:
            return None
        asked = _requested(self.dates)
        rows = self._warehouse.read(table, (asked.start, asked.end), found)
        return newest_rows(rows.where(F.col(table.date_column).isin(list(asked.listed or ()))), table.key)

    def audited_features(self) -> AuditedTable | None:
        """The feature store; None when it holds none of the dates.

        A row is recomputed from pre-computed rows where it says that it used one, and from the game logs elsewhere.
        """
        if self._warehouse.actual_columns(ML_FEATURE_STORE) is None:
            return None
        requested = _requested(self.dates)
        store = open_feature_table(self._warehouse, ML_FEATURE_STORE, if_absent="")
        stored = store.read(requested).where(F.size("features") == len(FEATURES))
        computed = [self._features(stored, side) for side in (_BEFORE, _INCLUDING)]
        named = [rows.select(*ML_FEATURE_STORE.key, *_by_name()) for rows in (stored, *computed)]
        return _audited(
            ML_FEATURE_STORE.name, agreement(Sides(*named), ML_FEATURE_STORE.key, self._feature_tolerances())
        )

    def altered_futures(self, dates: Sequence[PlannedDate]) -> list[Altered]:
        """How many rows of a date change when every game on or after it does: of our own computation, none may."""
        phase4 = {table.name: self._computed(table, _BEFORE) for table in UPSTREAM_TARGETS}
        read = {**self._opened, **_as_sources(phase4)}
        features = feature_rows(read, self._calendar(dates), created_at=self._never)
        unaltered = _kept(features.select(*ML_FEATURE_STORE.key, "data_hash"))
        altered = [self._altered_future(planned, phase4, unaltered) for planned in dates]
        unaltered.unpersist()
        return altered

    def _altered_future(self, planned: PlannedDate, phase4: Mapping[str, DataFrame], unaltered: DataFrame) -> Altered:
        day = planned.game_date
        changed = {**self._opened, **with_changed_future(self._opened, day)}
        calendar, counts = self._calendar([planned]), (0, 0)
        players = _kept(player_rows(changed, calendar))
        for table in UPSTREAM_TARGETS:
            before = phase4[table.name].where(F.col(table.date_column) == F.lit(day))
            after = upstream_rows(table.name, changed, calendar, created_at=self._never, players=players)
            counts = _added(counts, before, after.where(F.col("skip_reason").isNull()), table.key)
        players.unpersist()
        features = feature_rows({**changed, **_as_sources(phase4)}, calendar, created_at=self._never)
        of_day = unaltered.where(F.col("game_date") == F.lit(day))
        return Altered(day, *_added(counts, of_day, features, ML_FEATURE_STORE.key))

    def close(self) -> None:
        """Releases what was kept."""
        for rows in self._kept.values():
            rows.unpersist()

    def _computed(self, table: Table, side: str) -> DataFrame:
        """The rows as they should be, at the scale of those that are stored.

        Kept, since the features of each side are computed from them again and again.
        """
        if (table.name, side) not in self._kept:
            rows = upstream_rows(
                table.name,
                self._known[side],
                self._calendar(self.dates),
                created_at=self._never,
                players=self._players(side),
            )
            at_scale = rounded_to(rows.where(F.col("skip_reason").isNull()), self._stored_scales(table, rows))
            self._kept[table.name, side] = _kept(at_scale)
        return self._kept[table.name, side]

    def _stored_scales(self, table: Table, computed: DataFrame) -> dict[str, int]:
        """The decimals of the stored values, by column, where they are fewer than those that we compute."""
        if table.name not in self._scales:
            stored = self._stored(table)
            own = {
                field.name: field.dataType.scale
                for field in computed.schema.fields
                if isinstance(field.dataType, T.DecimalType) and stored is not None and field.name in stored.columns
            }
            used = {} if stored is None else used_decimals(stored, list(own)).collect()[0].asDict()
            self._scales[table.name] = {
                name: used[name] for name, scale in own.items() if used[name] is not None and used[name] < scale
            }
        return self._scales[table.name]

    def _players(self, side: str) -> DataFrame:
        if ("players", side) not in self._kept:
            self._kept["players", side] = _kept(player_rows(self._known[side], self._calendar(self.dates)))
        return self._kept["players", side]

    def _features(self, stored: DataFrame, side: str) -> DataFrame:
        recomputed = {table.name: self._computed(table, side) for table in UPSTREAM_TARGETS}
        read = {**self._known[side], **_as_sources(used_rows(recomputed, stored))}
        rows = feature_rows(read, self._calendar(self.dates), created_at=self._never)
        return rows.select(*ML_FEATURE_STORE.key, "features")

    def _feature_tolerances(self) -> dict[str, float]:
        types = {
            table.name: {field.name: field.dataType for field in self._computed(table, _BEFORE).schema.fields}
            for table in UPSTREAM_TARGETS
        }

        def tolerance(source: Phase4Source) -> float:
            return tolerance_of(types[TABLE_OF_SOURCE[source.source]][source.column]) / source.divisor

        return {feature.name: max([_EXACT, *map(tolerance, feature.phase4)]) for feature in FEATURES}

    def _calendar(self, dates: Sequence[PlannedDate]) -> DataFrame:
        return sources.planned_calendar(self._opened[sources.CONTEXT.name].sparkSession, dates)


def _kept(rows: DataFrame) -> DataFrame:
    """Rows that several steps read. On this machine without the plan behind them, which is analysed anew at each step.

    On a cluster with it: what an executor kept that is lost is computed again.
    """
    return rows.persist() if is_submitted() else rows.localCheckpoint(eager=False)


def spread(dates: Sequence[PlannedDate], number: int | None) -> list[PlannedDate]:
    """So many of the dates, spread evenly over them; all when there are no more, or no number is given."""
    if number is None or number >= len(dates):
        return list(dates)
    return [dates[(2 * place + 1) * len(dates) // (2 * number)] for place in range(number)]


def _requested(dates: Sequence[PlannedDate]) -> RequestedDates:
    return requested_dates(None, None, [planned.game_date for planned in dates])


def _as_sources(phase4: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """Computed pre-computed rows as the feature job reads the tables."""
    return {
        table.name: phase4[table.name].select(*[F.col(column.name).cast(column.spark_type) for column in table.columns])
        for table in PHASE4_TABLES
    }


def _by_name() -> list[Column]:
    return [F.col("features")[feature.index].alias(feature.name) for feature in FEATURES]


def _audited(name: str, counts: DataFrame) -> AuditedTable | None:
    rows = [row.asDict() for row in counts.collect()]
    return audited_table(name, rows) if rows else None


def audited_table(name: str, by_date: Sequence[Mapping[str, Any]]) -> AuditedTable:
    """What the rows of `leaks.agreement` say of a table, one row per date: sums, and the dates that leak."""
    columns = []
    for column in by_date[0]:
        if column in ("game_date", "rows"):
            continue
        sums = [sum(row[column][place] for row in by_date) for place in range(len(OUTCOMES))]
        leaking = sorted(row["game_date"] for row in by_date if _leaks(column, row[column]))
        columns.append(AuditedColumn(column, dict(zip(OUTCOMES, sums, strict=True)), tuple(leaking)))
    return AuditedTable(name, sum(row["rows"] for row in by_date), len(by_date), tuple(columns))


def _leaks(column: str, counts: Sequence[int]) -> bool:
    """On one date: more rows agree with the later knowledge alone than with the earlier alone.

    A single value may agree by accident, so it takes the majority; a row of whom nothing was known before takes one.
    """
    before_only, including_only, *_ = counts
    return including_only > 0 if column == ROW else including_only > before_only


def _added(counts: tuple[int, int], before: DataFrame, after: DataFrame, key: Sequence[str]) -> tuple[int, int]:
    """Rows, and rows that differ by their hash or are on one side only, added to those counted so far."""
    sides = [rows.select(*key, F.col("data_hash").alias(name)) for rows, name in ((before, "a"), (after, "b"))]
    joined = sides[0].join(sides[1], on=list(key), how="full")
    differs = ~F.col("a").eqNullSafe(F.col("b"))
    (found,) = joined.agg(F.count(F.lit(1)).alias("rows"), F.count(F.when(differs, 1)).alias("moved")).collect()
    return counts[0] + found["rows"], counts[1] + found["moved"]
