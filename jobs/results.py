"""Shows what the feature store holds of some dates: players, quality, and where the rows' values come from.

One query that only counts; whether the rows are right is the business of `validate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import requested_options
from jobs.errors import ContractError
from jobs.planning.plan import RequestedDates
from jobs.reports.results import Held, Results
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.counting_statements import DATA_SOURCES, QUALITY_TIERS, results_statement
from jobs.warehouse.interface import Warehouse

JOB = "results"


def results(warehouse: Warehouse, requested: RequestedDates) -> Results:
    """What the feature store holds. ContractError when it is absent, lacks a column or has another type."""
    table = ML_FEATURE_STORE
    place = warehouse.display_name(table)
    columns = warehouse.checked_target(table)
    if columns is None:
        raise ContractError(f"table {place} does not exist; run backfill_features for {requested} first")
    names = [column.name for column in columns]
    rows = warehouse.ask(
        lambda dialect: results_statement(
            dialect,
            table,
            target=warehouse.sql_name(table),
            between=(requested.start, requested.end),
            listed=requested.listed,
            tiers="quality_tier" in names,
            training_ready="is_training_ready" in names,
        )
    )
    found = [_held(row) for row in rows if row["held"]]
    dated = [(held.game_date, held) for held in found if held.game_date is not None]
    total = next((held for held in found if held.game_date is None), None)
    return Results(place, requested, [held for _, held in sorted(dated, key=lambda pair: pair[0])], total)


def _held(row: Mapping[str, Any]) -> Held:
    return Held(
        row["game_date"],
        rows=row["held"],
        players=row["players"],
        mean_quality=None if row["mean_quality"] is None else float(row["mean_quality"]),
        sources=_shares(row, "source", DATA_SOURCES),
        tiers=_shares(row, "tier", QUALITY_TIERS) if f"tier_{QUALITY_TIERS[0]}" in row else {},
        training_ready=row["training_ready"] / row["held"] if "training_ready" in row else None,
    )


def _shares(row: Mapping[str, Any], kind: str, names: Sequence[str]) -> dict[str, float]:
    counts = {name: row[f"{kind}_{name}"] for name in names}
    counts["other"] = row["held"] - sum(counts.values())
    return {name: count / row["held"] for name, count in counts.items()}


@job_command(JOB)
@requested_options
def main(
    invocation: Invocation,
    requested: RequestedDates,
) -> None:
    """Show what the feature store holds of a range of game dates: players, mean quality, shares by source and tier."""
    with invocation.warehouse() as warehouse:
        found = results(warehouse, requested)
    invocation.show(found)


if __name__ == "__main__":
    main()
