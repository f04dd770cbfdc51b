"""Coverage for a person: the source tables, the dates that they lack, the bottleneck, and each date.

Shows a coverage; decides nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console

from jobs.planning.coverage import Coverage, TableCoverage, game_day_ranges, needed_and_missing
from jobs.planning.plan import Plan
from jobs.reports.fitted_table import FittedTable

_MOST_DATES = 40
_SPARE_NUMBERS = ("early\nseason", "rows", "rows per\ndate", "fewest", "duplicate\nkeys", "NULL\nkeys")


@dataclass(frozen=True)
class CoverageReport:
    """A coverage, under which policy it was planned, and the seconds that it took."""

    coverage: Coverage
    on_missing: str
    seconds: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Lists all dates."""
        return {
            "job": "coverage",
            "status": "succeeded",
            "exit_code": 0,
            "on_missing": self.on_missing,
            **coverage_as_json(self.coverage),
            "seconds": {name: round(spent, 2) for name, spent in self.seconds.items()},
        }

    def render(self, console: Console) -> None:
        """Puts long lists of dates in one line each."""
        render_coverage(self.coverage, console)


def coverage_as_json(coverage: Coverage) -> dict[str, Any]:
    """Everything that the tables show, all dates listed."""
    return {
        "requested": str(coverage.plan.requested),
        "game_dates": len(coverage.plan.dates),
        "dates_by_state": coverage.plan.states,
        "dates_by_action": coverage.actions,
        "players": coverage.plan.players,
        "played_without_context": played_as_json(coverage.plan),
        "rows_expected": coverage.rows_expected,
        "bottleneck": {
            "tables": coverage.bottleneck,
            "missing_dates": coverage.most_missing,
            "game_dates_that_need_it": coverage.needing,
        },
        "tables": [_table_as_json(table) for table in coverage.tables],
        "dates": [
            {
                "game_date": str(planned.game_date),
                "state": planned.state,
                "action": planned.action,
                "missing_tables": list(needed_and_missing(planned)),
                "thin_tables": [asdict(thin) for thin in planned.thin_tables],
                "players": planned.players,
                "played_without_context": planned.played_without_context,
                "rows_expected": planned.rows_expected,
            }
            for planned in coverage.plan.dates
        ],
    }


def played_as_json(plan: Plan) -> dict[str, Any]:
    """Players who played and have no context row: how many, and how many by date, those without any context too."""
    by_date = {**plan.played_without_context, **plan.played_on_no_game_date}
    return {"players": sum(by_date.values()), "by_date": {str(day): by_date[day] for day in sorted(by_date)}}


def _table_as_json(table: TableCoverage) -> dict[str, Any]:
    return {
        "table": table.name,
        "first_date": _text(table.first),
        "last_date": _text(table.last),
        "game_dates_present": table.present,
        "missing_dates": list(map(str, table.missing)),
        "missing_dates_early_season": list(map(str, table.missing_early)),
        "rows": table.rows,
        "rows_a_date": {
            "mean": None if table.mean_rows is None else round(table.mean_rows, 2),
            "least": table.least_rows,
        },
        "duplicated_rows": table.duplicated_rows,
        "rows_without_key": table.unkeyed_rows,
    }


def _text(date: datetime.date | None) -> str | None:
    return None if date is None else str(date)


def render_coverage(coverage: Coverage, console: Console) -> None:
    """Puts long lists of dates in one line each."""
    console.print(_upstream_table(coverage))
    game_days = [planned.game_date for planned in coverage.plan.dates]
    for table in coverage.tables:
        if table.missing:
            dates = game_day_ranges(table.missing, game_days)
            console.print(f"missing  {table.name} on {_days(len(table.missing))}: {dates}", markup=False)
    for table in coverage.tables:
        if table.missing_early:
            days, dates = _days(len(table.missing_early)), game_day_ranges(table.missing_early, game_days)
            console.print(f"early    {table.name} on {days} of the early season, not needed: {dates}", markup=False)
    console.print(_bottleneck(coverage), markup=False)
    if coverage.plan.dates:
        console.print(_dates_table(coverage))
    plan = coverage.plan
    console.print(f"{plan.described()}, {plan.players:,} players", markup=False)
    render_played_without_context(plan, console)
    actions = coverage.actions
    console.print(
        f"{actions['write']} dates would be written, {actions['fail']} would fail, {actions['skip']} would be skipped",
        markup=False,
    )


def render_played_without_context(plan: Plan, console: Console) -> None:
    """The players who played and have no context row, by date; nothing where there is none."""
    played = plan.played_without_context
    if not played:
        return
    game_days = [planned.game_date for planned in plan.dates]
    by_date = ", ".join(f"{day} {players:,}" for day, players in list(played.items())[:_MOST_DATES])
    more = f", and {len(played) - _MOST_DATES} more dates" if len(played) > _MOST_DATES else ""
    console.print(
        f"played   {sum(played.values()):,} players played on {len(played)} of {_days(len(game_days))} "
        f"without a context row (--add-played gives them rows): {by_date}{more}",
        markup=False,
    )


def _days(number: int) -> str:
    return "1 game day" if number == 1 else f"{number} game days"


def _bottleneck(coverage: Coverage) -> str:
    if not coverage.bottleneck:
        return "bottleneck: none, every game day has the tables that it needs"
    each = "each missing" if len(coverage.bottleneck) > 1 else "missing"
    days = f"{coverage.most_missing} of {_days(coverage.needing)} outside the early season"
    return f"bottleneck: {', '.join(coverage.bottleneck)}, {each} on {days}"


def _upstream_table(coverage: Coverage) -> FittedTable:
    game_days = len(coverage.plan.dates)
    table = FittedTable(f"source tables within {coverage.plan.requested}, {_days(game_days)}")
    table.add_columns("table", "first date", "last date")
    table.add_columns("game\ndays", "missing", right=True)
    for name in _SPARE_NUMBERS:
        table.add_columns(name, room="spare", right=True)
    for upstream in coverage.tables:
        table.add_row(*_cells(upstream, game_days))
    return table


def _cells(upstream: TableCoverage, game_days: int) -> list[str]:
    mean, least = upstream.mean_rows, upstream.least_rows
    return [
        upstream.name,
        str(upstream.first or ""),
        str(upstream.last or ""),
        f"{upstream.present}/{game_days}",
        str(len(upstream.missing)),
        str(len(upstream.missing_early)),
        f"{upstream.rows:,}",
        "" if mean is None else f"{mean:,.1f}",
        "" if least is None else f"{least:,}",
        f"{upstream.duplicated_rows:,}",
        f"{upstream.unkeyed_rows:,}",
    ]


def _dates_table(coverage: Coverage) -> FittedTable:
    table = FittedTable("what each date would become")
    table.add_columns("game date", "state", "becomes")
    table.add_columns("players", "rows\nexpected", room="spare", right=True)
    table.add_columns("missing tables", room="folds")
    for planned in coverage.plan.dates:
        table.add_row(
            str(planned.game_date),
            planned.state.replace("_", " "),
            planned.action,
            f"{planned.players:,}",
            f"{planned.rows_expected:,}",
            ", ".join(planned.described_missing) if needed_and_missing(planned) else "",
        )
    return table
