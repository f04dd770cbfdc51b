"""The facts of a season report: each is made from what another command has found or the ledger has, none is read twice.

What is to be done about them is decided in `advice`.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jobs.ledger.history import LoggedDate, LoggedRun
from jobs.planning.coverage import Coverage, TableCoverage
from jobs.planning.distances import Distance, Histograms
from jobs.planning.plan import Plan
from jobs.planning.run_warnings import RunWarning
from jobs.reports.results import Held
from jobs.reports.season import CellState, CoverageCell, FeatureStory, FeatureWeek, LeftOut, RunBar, WrittenDate
from jobs.reports.status import RunStatus
from jobs.schemas import tables as schemas
from transforms.catalogue import FEATURES, SOURCE_KINDS
from transforms.distributions import WEEK_ROWS

THIN_BELOW = 0.5
"""A game log or a team table with less than this share of what should be there is thin."""
_OF_TEAMS = (schemas.TEAM_OFFENSE_GAME_SUMMARY.name, schemas.TEAM_DEFENSE_GAME_SUMMARY.name)
_OF_PLAYERS = (*(table.name for table in schemas.PHASE4_TABLES[:3]), schemas.PLAYER_GAME_SUMMARY.name)
_OUTCOMES = ("inserted", "updated", "unchanged", "skipped", "not_computed", "pruned")


def coverage_cells(coverage: Coverage) -> dict[str, list[CoverageCell]]:
    """What each source table holds of each game date, in the order of the tables."""
    keyed: Counter[tuple[str, datetime.date | None]] = Counter()
    answered = {}
    for counts in coverage.plan.counts:
        keyed[counts.source, counts.game_date] += counts.keyed_rows
        if counts.asked:
            answered[counts.source, counts.game_date] = counts.answered / counts.asked
    players = {planned.game_date: planned.players for planned in coverage.plan.dates}
    found = {}
    for table in coverage.tables:
        cells = []
        for game_date, number in players.items():
            rows = keyed[table.name, game_date]
            games = keyed[schemas.NBAC_SCHEDULE.name, game_date]
            share = answered.get((table.name, game_date), _share(table.name, rows, number, games))
            cells.append(CoverageCell(game_date, _state(table, game_date, rows, share), share))
        found[table.name] = cells
    return found


def _share(table: str, rows: int, players: int, games: int) -> float | None:
    """The share of the rows that should be there: one a player of context, or one a team of the schedule."""
    expected = players if table in _OF_PLAYERS else 2 * games if table in _OF_TEAMS else 0
    return min(1.0, rows / expected) if expected else None


def _state(table: TableCoverage, game_date: datetime.date, rows: int, share: float | None) -> CellState:
    if game_date in table.missing:
        return "thin" if rows else "missing"
    if game_date in table.missing_early:
        return "not_needed"
    of_games = table.name in (*_OF_TEAMS, schemas.PLAYER_GAME_SUMMARY.name)
    return "thin" if of_games and share is not None and share < THIN_BELOW else "present"


def written_dates(dates: Iterable[Held]) -> list[WrittenDate]:
    """What the feature store holds of each date, in rows."""

    def rows(held: Held, shares: Mapping[str, float]) -> dict[str, int]:
        return {kind: round(share * held.rows) for kind, share in shares.items()}

    return [
        WrittenDate(
            held.game_date,
            held.rows,
            held.mean_quality,
            held.training_ready,
            rows(held, held.tiers),
            rows(held, held.sources),
        )
        for held in dates
        if held.game_date is not None
    ]


def feature_stories(
    weeks: Iterable[Mapping[str, Any]], histograms: Histograms, distances: Mapping[str, Distance]
) -> list[FeatureStory]:
    """Every feature of the catalogue, in its order, of the rows of `transforms.distributions.weekly_distributions`."""
    by_feature: dict[str, list[FeatureWeek]] = defaultdict(list)
    for row in sorted(weeks, key=lambda row: row["week"]):
        if row["median"] is not None:
            by_feature[row["feature"]].append(_week(row))
    found = []
    for feature in FEATURES:
        distance = distances.get(feature.name)
        # One value over a range is no sign of a fault then, nor is another one in a month of its own.
        by_calendar = feature.may_be_constant
        found.append(
            FeatureStory(
                feature.name,
                feature.meaning,
                by_feature[feature.name],
                distance,
                constant=histograms[feature.name].is_constant and not by_calendar,
                drifts=distance is not None and distance.drifts and not (by_calendar and distance.month is not None),
            )
        )
    return found


def _week(row: Mapping[str, Any]) -> FeatureWeek:
    counted = sum(row[name] for name in WEEK_ROWS)
    kinds = zip(SOURCE_KINDS, WEEK_ROWS, strict=True)
    shares: dict[str, float] = {kind: row[name] / counted for kind, name in kinds if counted}
    return FeatureWeek(row["week"], row["number"], row["low"], row["median"], row["high"], shares)


def run_bars(statuses: Iterable[RunStatus], dates: Iterable[LoggedDate]) -> list[RunBar]:
    """The runs that have some of the dates, the newest first."""
    number = Counter(date.run_id for date in dates)
    return [
        RunBar(
            status.run.run_id,
            str(status.run.row.job),
            (status.run.target or "").rsplit(".", 1)[-1],
            status.status,
            status.run.row.started_at,
            {phase: seconds or 0.0 for phase, seconds in status.run.row.seconds.items()},
            {name: status.run.row.rows[name] or 0 for name in _OUTCOMES},
            number[status.run.run_id],
        )
        for status in statuses
        if number[status.run.run_id]
    ]


def skipped_rows(rows: Iterable[Mapping[str, Any]], last_run: Mapping[datetime.date, str]) -> list[LeftOut]:
    """The skipped rows by date and reason, each date's of the run that had it last.

    `rows` are those of `statements.skips_statement`.
    """
    return [
        LeftOut(row["reason"], row["game_date"], row["skipped"], _examples(row["first_player"], row["last_player"]))
        for row in sorted(rows, key=lambda row: (row["game_date"], row["reason"]))
        if last_run.get(row["game_date"]) == row["run_id"]
    ]


def played_without_context(plan: Plan) -> list[LeftOut]:
    """The players who played and have no context row, by date."""
    by_date = {**plan.played_without_context, **plan.played_on_no_game_date}
    examples = plan.played_examples
    return [LeftOut("played_without_context", day, by_date[day], examples.get(day, ())) for day in sorted(by_date)]


def run_warnings(runs: Iterable[LoggedRun]) -> list[RunWarning]:
    """What runs have warned of, each once, the newest run first."""
    told = (RunWarning.from_json(each) for run in runs for each in json.loads(run.row.warnings or "[]"))
    return list({(warning.kind, warning.name): warning for warning in told}.values())


def _examples(*players: str | None) -> Sequence[str]:
    return list(dict.fromkeys(player for player in players if player is not None))
