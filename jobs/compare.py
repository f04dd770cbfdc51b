"""Compares two feature tables, or one with a fresh compute, by key: rows that one lacks, values that differ.

Reads only; a difference is told by the exit code.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

import click

from jobs.audits.comparison_sides import check_sides, open_side
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import computing_options, date_options
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.errors import ConfigurationError, ExitCode
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.reports.comparison import Comparison, Found
from jobs.warehouse.interface import Warehouse
from transforms.catalogue import FEATURE_NAMES
from transforms.comparison import DUPLICATES, ROW_DIFFERENCES, TOTALS, compared

JOB = "compare"
TOLERANCE = 1e-9
EXAMPLES = 5


def compare(
    warehouse: Warehouse,
    settings: Settings,
    left: str | None,
    right: str,
    requested: RequestedDates | None,
    progress: Progress,
    *,
    tolerance: float = TOLERANCE,
    examples: int = EXAMPLES,
) -> Comparison:
    """Compares two sides: a table's name or folder, `computed`, or None for the configured store.

    ContractError when a table is absent or not of the contract, ConfigurationError for a side that cannot be.
    """
    check_sides(settings, left, right, requested)
    with progress.phase("read"):
        sides = [
            open_side(warehouse, settings, given, option, requested)
            for option, given in (("--left", left), ("--right", right))
        ]
        progress.say(f"comparing {sides[0].name} with {sides[1].name}: {_described(requested)}")
    left_out = [planned for side in sides for planned in side.left_out]
    with progress.phase("compare"):
        rows = [side.without(left_out) for side in sides]
        found = {row["kind"]: row for row in compared(*rows, tolerance=tolerance, most=examples).collect()}
    return Comparison(
        sides[0].name,
        sides[1].name,
        requested,
        tolerance,
        totals={kind: _found(found, kind) for kind in (*TOTALS, *DUPLICATES, *ROW_DIFFERENCES)},
        features={name: _found(found, name) for name in FEATURE_NAMES},
        notes=[f"{planned.game_date} is left out of both sides: {planned.reason}" for planned in left_out],
        seconds=progress.seconds,
    )


def _described(requested: RequestedDates | None) -> str:
    return "all rows" if requested is None else f"game dates {requested}"


def _found(found: Mapping[str, Any], kind: str) -> Found:
    if kind not in found:
        return Found()
    row = found[kind]
    return Found(row["rows"], row["largest_difference"], [example.asDict() for example in row["examples"]])


@job_command(JOB)
@click.option("--left", help="A feature table, or `computed`.  [default: the feature store]")
@click.option(
    "--right",
    required=True,
    help="A feature table: dataset.table, on Delta also a table's folder, on BigQuery also project.dataset.table; or "
    "`computed`: the dates computed anew from the sources.",
)
@date_options
@click.option("--tolerance", type=float, default=TOLERANCE, help="Values that differ by no more are equal.")
@click.option("--examples", type=click.IntRange(min=0), default=EXAMPLES, help="Keys to show of each difference.")
@computing_options
def main(
    invocation: Invocation,
    left: str | None,
    right: str,
    start: datetime.date | None,
    end: datetime.date | None,
    dates: Sequence[datetime.date] | None,
    tolerance: float,
    examples: int,
) -> ExitCode:
    """Compare two feature tables, or one with a fresh compute, by key; exit 3 when they differ."""
    requested = requested_dates(start, end, dates) if start or end or dates else None
    if not 0 <= tolerance < math.inf:
        raise ConfigurationError(f"--tolerance is {tolerance}; take a number that is 0 or more")
    settings = invocation.settings
    check_sides(settings, left, right, requested)
    with invocation.warehouse() as warehouse:
        comparison = compare(
            warehouse,
            settings,
            left,
            right,
            requested,
            invocation.progress,
            tolerance=tolerance,
            examples=examples,
        )
    invocation.show(comparison)
    return comparison.exit_code


if __name__ == "__main__":
    main()
