"""What a run knows when its staged rows are verified, as one text: the plan, and what the MERGE will do with each date.

Written to the ledger before the first MERGE, so that whoever resumes the run need neither plan nor compute again.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from jobs.backfill.verification import Staged
from jobs.planning.plan import Plan, PlannedDate, RequestedDates
from jobs.warehouse.statements import DATA_SOURCES

_COUNTS = (
    "staged",
    "inserted",
    "updated",
    "unchanged",
    "pruned",
    "updated_twice",
    *(f"rows_{source}" for source in DATA_SOURCES),
)


def to_text(plan: Plan, staged: Staged) -> str:
    """The plan and the staged dates as JSON."""
    return json.dumps(
        {
            "requested": plan.requested.as_json(),
            "dates": [_date(planned) for planned in plan.dates],
            "undated_rows": plan.undated_rows,
            "source_rows": dict(plan.source_rows),
            "unkeyed_source_rows": dict(plan.unkeyed_source_rows),
            "staged": {str(game_date): _counts(row) for game_date, row in sorted(staged.items())},
        }
    )


def from_text(text: str) -> tuple[Plan, dict[datetime.date, dict[str, Any]]]:
    """The plan and the staged dates of `to_text`."""
    content = json.loads(text)
    day = datetime.date.fromisoformat
    plan = Plan(
        RequestedDates.from_json(content["requested"]),
        tuple(
            PlannedDate(
                **{
                    **date,
                    "game_date": day(date["game_date"]),
                    "season_start": day(date["season_start"]),
                    "missing_tables": tuple(date["missing_tables"]),
                }
            )
            for date in content["dates"]
        ),
        content["undated_rows"],
        source_rows=content["source_rows"],
        unkeyed_source_rows=content["unkeyed_source_rows"],
    )
    return plan, {day(game_date): row for game_date, row in content["staged"].items()}


def _date(planned: PlannedDate) -> dict[str, Any]:
    return {
        "game_date": str(planned.game_date),
        "state": planned.state,
        "action": planned.action,
        "missing_tables": planned.missing_tables,
        "context_rows": planned.context_rows,
        "unkeyed_rows": planned.unkeyed_rows,
        "season_year": planned.season_year,
        "season_start": str(planned.season_start),
    }


def _counts(row: Mapping[str, Any]) -> dict[str, Any]:
    quality = row.get("mean_quality")
    counts = {name: int(row[name]) for name in _COUNTS if name in row}
    return {**counts, "mean_quality": None if quality is None else float(quality)}
