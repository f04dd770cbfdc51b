"""Checks what the feature store holds of some dates, and shows where its features come from month by month.

Reads only; a check that fails is told by the exit code, a feature that drifts by a warning.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.audits.feature_tables import FeatureTable, of_dates, open_feature_table
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import date_options
from jobs.cli.progress import Progress
from jobs.errors import ExitCode
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.reports.validation import CheckResult, Validation
from jobs.schemas.tables import ML_FEATURE_STORE, UPCOMING_PLAYER_GAME_CONTEXT
from jobs.warehouse.interface import Warehouse
from transforms.catalogue import FEATURE_NAMES
from transforms.drift import feature_drift
from transforms.validation import CHECKS, STORED, Check, found_faults

JOB = "validate"
MOST_EXAMPLES = 5
_DRIFT_COLUMNS = ("game_date", "early_season_flag", "features", "feature_sources")


def validate(warehouse: Warehouse, requested: RequestedDates, progress: Progress) -> Validation:
    """Checks the feature store's rows of the requested dates.

    ContractError when the store or context is absent, lacks a column or has another type; nothing is ever written.
    """
    with progress.phase("read"):
        advice = f"run backfill_features for {requested} first"
        store = open_feature_table(warehouse, ML_FEATURE_STORE, if_absent=advice)
        context = UPCOMING_PLAYER_GAME_CONTEXT
        warehouse.checked_columns(context)
        progress.say(f"validating {store.display_name}: game dates {requested}")
    with progress.phase("check"):
        keys = warehouse.read(context, (requested.start, requested.end), [context.column(name) for name in context.key])
        faults = found_faults(
            store.read(requested),
            of_dates(keys, requested),
            required=[column.name for column in ML_FEATURE_STORE.columns if column.mode == "required"],
            most=MOST_EXAMPLES,
        )
        found = {row["kind"]: row for row in faults.collect()}
    with progress.phase("drift"):
        rows = [row.asDict() for row in feature_drift(store.read(requested, _DRIFT_COLUMNS)).collect()]
    return Validation(
        store.display_name,
        requested,
        rows=found[STORED]["rows"] if STORED in found else 0,
        game_dates=found[STORED]["dates"] if STORED in found else 0,
        checks=[_result(check, found) for check in CHECKS],
        drift=sorted(rows, key=lambda row: (FEATURE_NAMES.index(row["feature"]), row["month"])),
        notes=_notes(store),
        seconds=progress.seconds,
    )


def _result(check: Check, found: Mapping[str, Any]) -> CheckResult:
    if check.name not in found:
        return CheckResult(check, 0, [])
    row = found[check.name]
    return CheckResult(check, row["rows"], [example.asDict() for example in row["examples"]])


def _notes(store: FeatureTable) -> list[str]:
    if store.has("feature_sources"):
        return []
    return [
        "the target has no column feature_sources: shares by source are absent, no jump is looked for, and no "
        "data_hash is computed again"
    ]


@job_command(JOB)
@date_options
def main(
    invocation: Invocation,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
) -> ExitCode:
    """Check the feature store's rows for a range of game dates; exit 3 when a check fails."""
    requested = requested_dates(start, end, dates)
    with invocation.warehouse() as warehouse:
        validation = validate(warehouse, requested, invocation.progress)
    invocation.show(validation)
    return validation.exit_code


if __name__ == "__main__":
    main()
