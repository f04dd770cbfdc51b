"""Draws a range of dates on one page: what was there, what was written, how good it is, what drifts, what to do next.

Gathers what `coverage` and `results` find and what the ledger has; reads only, and writes one file.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from jobs.audits import season
from jobs.audits.advice import Facts, last_words, what_to_do
from jobs.audits.constant_columns import constant_columns
from jobs.audits.feature_tables import FEATURE_COLUMNS, histograms_of, open_feature_table
from jobs.backfill.work import Job
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import GameDate, PathOption, baseline_options, option
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.coverage import coverage
from jobs.errors import ConfigurationError
from jobs.ledger.history import LoggedDate, LoggedRun, RunHistory
from jobs.planning.coverage import Coverage
from jobs.planning.distances import distances
from jobs.planning.plan import Plan, RequestedDates, baseline_dates, requested_dates
from jobs.reports.page.draw import drawn_page
from jobs.reports.season import FeatureStory, LeftOut, SeasonReport
from jobs.reports.status import RunStatus
from jobs.results import results
from jobs.schemas.tables import FEATURE_RUN_SKIPS, ML_FEATURE_STORE
from jobs.status import status_of
from jobs.warehouse.counting_statements import skips_statement
from jobs.warehouse.interface import Warehouse
from transforms.distributions import feature_values, weekly_distributions

JOB = "report"


def report(
    warehouse: Warehouse,
    settings: Settings,
    requested: RequestedDates,
    progress: Progress,
    *,
    baseline: RequestedDates | None = None,
) -> SeasonReport:
    """Everything that the page shows of the requested dates.

    ContractError when a table is absent (but for the feature store), lacks a column or has another type.
    """
    return report_of(
        warehouse, settings, coverage(warehouse, settings, requested, progress), progress, baseline=baseline
    )


def report_of(
    warehouse: Warehouse,
    settings: Settings,
    covered: Coverage,
    progress: Progress,
    *,
    baseline: RequestedDates | None = None,
) -> SeasonReport:
    """The same of dates whose coverage is known."""
    requested = covered.plan.requested
    has_store = warehouse.checked_target(ML_FEATURE_STORE) is not None
    with progress.phase("results"):
        held = results(warehouse, requested) if has_store else None
        written = season.written_dates(held.dates) if held is not None else []
    with progress.phase("features"):
        features = feature_stories(warehouse, requested, baseline) if has_store else []
    with progress.phase("ledger"):
        ledger = LedgerOfDates(warehouse, covered.plan)
    with progress.phase("columns"):
        constant = constant_columns(warehouse, requested)
    warnings = season.run_warnings(ledger.last_runs)
    facts = Facts(covered, written, ledger.last, ledger.unended(), features, warnings, constant)
    return SeasonReport(
        target=warehouse.display_name(ML_FEATURE_STORE),
        requested=requested,
        baseline=baseline,
        todo=what_to_do(facts, lambda name: Job(name, warehouse, settings, progress).command),
        game_dates=facts.game_dates,
        early=[planned.game_date for planned in covered.plan.dates if planned.state == "early_season"],
        coverage=season.coverage_cells(covered),
        written=written,
        total=None if held is None else held.total,
        constant=constant,
        features=features,
        runs=season.run_bars(map(status_of, ledger.runs), ledger.dates),
        left_out=[*ledger.left_out(), *season.played_without_context(covered.plan)],
        notes=[] if has_store else [f"{warehouse.display_name(ML_FEATURE_STORE)} does not exist yet"],
        seconds=progress.seconds,
    )


def feature_stories(
    warehouse: Warehouse, requested: RequestedDates, baseline: RequestedDates | None
) -> list[FeatureStory]:
    """Every feature of the stored rows, and how far it is from the baseline."""
    store = open_feature_table(warehouse, ML_FEATURE_STORE, if_absent="run backfill_features first")
    weeks = weekly_distributions(feature_values(store.read(requested, FEATURE_COLUMNS))).collect()
    current = histograms_of(store, requested)
    before = None if baseline is None else histograms_of(store, baseline)
    return season.feature_stories([row.asDict() for row in weeks], current, distances(current, before))


class LedgerOfDates:
    """What the ledger has of the dates of a plan: `dates` of `runs` (the newest first), and the `last` word on each."""

    def __init__(self, warehouse: Warehouse, plan: Plan) -> None:
        self._warehouse = warehouse
        self._days = [planned.game_date for planned in plan.dates]
        history = RunHistory(warehouse)
        self.runs: list[LoggedRun] = history.runs()
        self.dates: list[LoggedDate] = [date for date in history.dates() if date.game_date in set(self._days)]
        target = warehouse.identity(ML_FEATURE_STORE)
        self._of_store = {run.run_id: run for run in self.runs if run.target == target}
        self.last = last_words(self.dates, self._of_store)
        last = {date.run_id for date in self.last.values()}
        self.last_runs = [run for run in self.runs if run.run_id in last]

    def unended(self) -> list[RunStatus]:
        """The runs that failed or died on some of the dates, of which no later run of their table tells more."""
        found = []
        for run in self.runs:
            status = status_of(run)
            if status.status not in ("failed", "dead", "silent") or run.requested is None:
                continue
            of_table = {other.run_id: other for other in self.runs if other.target == run.target}
            last = last_words(self.dates, of_table)
            days = [day for day in self._days if day in run.requested]
            if any(day not in last or of_table[last[day].run_id].order < run.order for day in days):
                found.append(status)
        return found

    def left_out(self) -> list[LeftOut]:
        """The rows that were skipped on the dates, by their last run."""
        last = {day: date.run_id for day, date in self.last.items()}
        if not last or self._warehouse.actual_columns(FEATURE_RUN_SKIPS) is None:
            return []
        table = self._warehouse.sql_name(FEATURE_RUN_SKIPS)
        return season.skipped_rows(
            self._warehouse.ask(lambda _: skips_statement(table, sorted(set(last.values())))), last
        )


def check_output(output: Path) -> None:
    """ConfigurationError, before anything is read, when no page can be written there."""
    if output.is_dir():
        raise ConfigurationError(f"--output {output} is a folder; give the name of a file in it")
    if not output.absolute().parent.is_dir():
        raise ConfigurationError(f"--output {output}: there is no folder {output.absolute().parent}")


def write_page(output: Path, found: SeasonReport) -> None:
    """Writes the page whole or not at all."""
    unfinished = output.with_name(f"{output.name}.unfinished")
    unfinished.write_text(drawn_page(found), encoding="utf-8")
    unfinished.replace(output)


@job_command(JOB)
@option("--start", group="dates", type=GameDate(), help="First game date.")
@option("--end", group="dates", type=GameDate(), help="Last game date, included.")
@baseline_options
@option("--output", group="output", type=PathOption(), help="The HTML file to write.")
def main(
    invocation: Invocation,
    start: datetime.date | None,
    end: datetime.date | None,
    baseline_start: datetime.date | None,
    baseline_end: datetime.date | None,
    output: Path | None,
) -> None:
    """Draw a range of dates on one page (--output), or give its facts (--json)."""
    requested = requested_dates(start, end, None)
    baseline = baseline_dates(baseline_start, baseline_end)
    if output is None and not invocation.json:
        raise ConfigurationError("where to? give --output FILE.html, or --json for the facts alone")
    if output is not None:
        check_output(output)
    with invocation.warehouse() as warehouse:
        found = report(warehouse, invocation.settings, requested, invocation.progress, baseline=baseline)
    if output is not None:
        found = replace(found, output=str(output))
        write_page(output, found)
    invocation.show(found)


if __name__ == "__main__":
    main()
