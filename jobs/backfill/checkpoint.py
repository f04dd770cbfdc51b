"""What a run knows when its staged rows are verified, as one text: the plan, and what the MERGE will do with each date.

Written to the ledger before the first MERGE, so that whoever resumes the run need neither plan nor compute again.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from jobs.backfill.verification import Staged, StagedDate
from jobs.planning.plan import Plan, PlannedDate, RequestedDates
from jobs.planning.run_warnings import RunWarning
from jobs.planning.thin_tables import ThinTable
from jobs.warehouse.counting_statements import DATA_SOURCES

_COUNTS = ("staged", "inserted", "updated", "unchanged", "pruned", "updated_twice")
_OF_ATTEMPTS = ("attempt", "inserted_before", "updated_before")


@dataclass(frozen=True)
class Checkpoint:
    """The plan of a run, and what was staged of each date; `differed` were merged otherwise than `staged` says."""

    plan: Plan
    staged: Staged
    differed: frozenset[datetime.date] = frozenset()
    warnings: tuple[RunWarning, ...] = ()

    def as_text(self) -> str:
        """As JSON."""
        plan = self.plan
        return json.dumps(
            {
                "requested": plan.requested.as_json(),
                "dates": [_date(planned) for planned in plan.dates],
                "undated_rows": plan.undated_rows,
                "source_rows": dict(plan.source_rows),
                "unkeyed_source_rows": dict(plan.unkeyed_source_rows),
                "staged": {str(game_date): _counts(staged) for game_date, staged in sorted(self.staged.items())},
                "warnings": [warning.as_json() for warning in self.warnings],
                "differed": [str(game_date) for game_date in sorted(self.differed)],
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """The checkpoint of `as_text`."""
        content = json.loads(text)
        day = datetime.date.fromisoformat
        return cls(
            _plan(content),
            {day(game_date): _staged(counts) for game_date, counts in content["staged"].items()},
            frozenset(map(day, content.get("differed", ()))),
            tuple(map(RunWarning.from_json, content.get("warnings", ()))),
        )

    @classmethod
    def readable(cls, text: str) -> Checkpoint | None:
        """The checkpoint of a text; None when it is damaged."""
        try:
            return cls.from_text(text)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _plan(content: Mapping[str, Any]) -> Plan:
    day = datetime.date.fromisoformat
    return Plan(
        RequestedDates.from_json(content["requested"]),
        tuple(
            PlannedDate(
                **{
                    **date,
                    "game_date": day(date["game_date"]),
                    "season_start": day(date["season_start"]),
                    "missing_tables": tuple(date["missing_tables"]),
                    "thin_tables": tuple(ThinTable(**thin) for thin in date.get("thin_tables", ())),
                }
            )
            for date in content["dates"]
        ),
        content["undated_rows"],
        source_rows=content["source_rows"],
        unkeyed_source_rows=content["unkeyed_source_rows"],
    )


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
        "thin_tables": [asdict(thin) for thin in planned.thin_tables],
        "played_without_context": planned.played_without_context,
    }


def _counts(staged: StagedDate) -> dict[str, Any]:
    names = _COUNTS if staged.attempt == 1 else (*_COUNTS, *_OF_ATTEMPTS)
    return {
        **{name: getattr(staged, name) for name in names},
        **{f"rows_{source}": rows for source, rows in staged.by_source.items()},
        "mean_quality": staged.mean_quality,
    }


def _staged(counts: Mapping[str, Any]) -> StagedDate:
    return StagedDate(
        **{name: counts[name] for name in (*_COUNTS, *_OF_ATTEMPTS) if name in counts},
        mean_quality=counts["mean_quality"],
        by_source={source: counts[name] for source in DATA_SOURCES if (name := f"rows_{source}") in counts},
    )
