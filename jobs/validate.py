"""Checks what the feature store holds of some dates, and shows where its features come from month by month.

Reads only; a check that fails is told by the exit code, a feature that drifts by a warning.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.audits.feature_tables import FEATURE_COLUMNS, FeatureTable, histograms_of, open_feature_table
from jobs.backfill.counted_sources import of_dates
from jobs.backfill.row_warnings import found_warnings
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import baseline_options, option, requested_options
from jobs.cli.progress import Progress
from jobs.errors import ExitCode
from jobs.planning.distances import Distance, distances
from jobs.planning.plan import RequestedDates, baseline_dates
from jobs.planning.run_warnings import RunWarning, drifting_features, played_without_context
from jobs.reports.validation import CheckResult, Validation
from jobs.schemas.tables import ML_FEATURE_STORE, PLAYER_GAME_SUMMARY, UPCOMING_PLAYER_GAME_CONTEXT
from jobs.warehouse.interface import Warehouse
from transforms.catalogue import FEATURE_NAMES
from transforms.drift import feature_drift
from transforms.feature_row import ADDED_DECISION, PLACEHOLDER_DECISION
from transforms.validation import CHECKS, STORED, Check, found_faults
from transforms.without_context import players_without_context

JOB = "validate"
MOST_EXAMPLES = 5


def validate(
    warehouse: Warehouse,
    requested: RequestedDates,
    progress: Progress,
    *,
    strict: bool = False,
    baseline: RequestedDates | None = None,
) -> Validation:
    """Checks the feature store's rows of the requested dates; with `strict` a warning is a failure too.

    A feature that is far from what it is on the dates of `baseline` is one of the warnings.

    ContractError when the store or context is absent, lacks a column or has another type; nothing is ever written.
    """
    with progress.phase("read"):
        advice = f"run backfill_features for {requested} first"
        store = open_feature_table(warehouse, ML_FEATURE_STORE, if_absent=advice)
        context = UPCOMING_PLAYER_GAME_CONTEXT
        warehouse.checked_columns(context)
        has_games = warehouse.actual_columns(PLAYER_GAME_SUMMARY) is not None
        if has_games:
            warehouse.checked_columns(PLAYER_GAME_SUMMARY)
        progress.say(f"validating {store.display_name}: game dates {requested}")
    with progress.phase("check"):
        keys = warehouse.read(context, (requested.start, requested.end), [context.column(name) for name in context.key])
        known = of_dates(keys, requested)
        if has_games:
            known = known.unionByName(_added_keys(warehouse, store, requested))
        faults = found_faults(
            store.read(requested),
            known,
            required=[column.name for column in ML_FEATURE_STORE.columns if column.mode == "required"],
            most=MOST_EXAMPLES,
        )
        found = {row["kind"]: row for row in faults.collect()}
    with progress.phase("drift"):
        rows = [row.asDict() for row in feature_drift(store.read(requested, FEATURE_COLUMNS)).collect()]
        far = [] if baseline is None else list(_distances(store, requested, baseline).values())
    with progress.phase("warnings"):
        between = (requested.start, requested.end)
        columns = store.table.column_names
        of_rows = found_warnings(warehouse, store.table, warehouse.sql_name(store.table), columns, between)
        of_players = _played_without_rows(warehouse, store, requested, keys) if has_games else []
    return Validation(
        store.display_name,
        requested,
        rows=found[STORED]["rows"] if STORED in found else 0,
        game_dates=found[STORED]["dates"] if STORED in found else 0,
        checks=[_result(check, found) for check in CHECKS],
        drift=sorted(rows, key=lambda row: (FEATURE_NAMES.index(row["feature"]), row["month"])),
        notes=_notes(store, has_games=has_games),
        seconds=progress.seconds,
        warnings=[*of_players, *of_rows, *drifting_features(far, baseline)],
        strict=strict,
        baseline=baseline,
        distances=far,
    )


def _distances(store: FeatureTable, requested: RequestedDates, baseline: RequestedDates) -> Mapping[str, Distance]:
    return distances(histograms_of(store, requested), histograms_of(store, baseline))


def _added_keys(warehouse: Warehouse, store: FeatureTable, requested: RequestedDates) -> DataFrame:
    """The keys of rows that were made for players who played without a context row, while their game is there."""
    key = PLAYER_GAME_SUMMARY.key
    rows = store.read(requested, (*key, "processing_decision_reason"))
    added = rows.where(F.col("processing_decision_reason").isin(ADDED_DECISION, PLACEHOLDER_DECISION))
    nobody = added.select(*key).limit(0)
    played = players_without_context(_games(warehouse, requested), nobody).select(*key)
    return added.select(*key).join(played, on=list(key), how="left_semi")


def _games(warehouse: Warehouse, requested: RequestedDates) -> DataFrame:
    return of_dates(warehouse.read(PLAYER_GAME_SUMMARY, (requested.start, requested.end)), requested)


def _played_without_rows(
    warehouse: Warehouse, store: FeatureTable, requested: RequestedDates, context: DataFrame
) -> list[RunWarning]:
    """The players who played and have neither a context row nor a row of the store, as one warning."""
    key = PLAYER_GAME_SUMMARY.key
    known = of_dates(context, requested).unionByName(store.read(requested, key).select(*key))
    without = players_without_context(_games(warehouse, requested), known).groupBy("game_date").count()
    return played_without_context({row["game_date"]: row["count"] for row in without.collect()})


def _result(check: Check, found: Mapping[str, Any]) -> CheckResult:
    if check.name not in found:
        return CheckResult(check, 0, [])
    row = found[check.name]
    return CheckResult(check, row["rows"], [example.asDict() for example in row["examples"]])


def _notes(store: FeatureTable, *, has_games: bool) -> list[str]:
    notes = []
    if not store.has("feature_sources"):
        notes.append(
            "the target has no column feature_sources: shares by source are absent, no jump is looked for, and no "
            "data_hash is computed again"
        )
    if not has_games:
        notes.append(f"there is no {PLAYER_GAME_SUMMARY.name}: players who played and have no row are not looked for")
    return notes


@job_command(JOB)
@requested_options
@baseline_options
@option("--strict", group="policy", is_flag=True, help="Exit 3 for a warning too.")
def main(
    invocation: Invocation,
    requested: RequestedDates,
    baseline_start: datetime.date | None,
    baseline_end: datetime.date | None,
    strict: bool,
) -> ExitCode:
    """Check the feature store's rows for a range of game dates; exit 3 when a check fails."""
    baseline = baseline_dates(baseline_start, baseline_end)
    with invocation.warehouse() as warehouse:
        validation = validate(warehouse, requested, invocation.progress, strict=strict, baseline=baseline)
    invocation.show(validation)
    return validation.exit_code


if __name__ == "__main__":
    main()
