"""The demo: an invented league in a folder of its own, one month of it back-filled, some rows shown, a report drawn.

One Spark session for all of it. A second run takes the tables that are there, and writes nothing.
"""

from __future__ import annotations

import dataclasses
import datetime
import tempfile
from pathlib import Path
from typing import Any

import click

from jobs.backfill_features import backfill_features
from jobs.cli.arguments import Invocation, job_command
from jobs.demo_league import generate
from jobs.demo_league.imported import ImportedLeague
from jobs.demo_league.sample_rows import sample_rows
from jobs.errors import ConfigurationError, ExitCode
from jobs.import_tables import import_tables
from jobs.planning.coverage import coverage_of
from jobs.planning.plan import RequestedDates
from jobs.report import report_of, write_page
from jobs.reports.demo import Demo
from jobs.reports.summary import Summary
from jobs.schemas.tables import SOURCES
from jobs.warehouse.delta import provenance
from jobs.warehouse.delta.warehouse import DeltaWarehouse

JOB = "demo"
FOLDER = Path("demo_warehouse")
LEAGUE: dict[str, Any] = {
    "seed": 7,
    "teams": 30,
    "players_per_team": 15,
    "until": datetime.date(2021, 12, 5),
    "as_in_the_field": True,
}
SOURCE = "the demo's league"
PAGE = "report.html"
MONTH = RequestedDates(datetime.date(2021, 11, 1), datetime.date(2021, 11, 30))


def check_tables(warehouse: DeltaWarehouse) -> None:
    """ConfigurationError for a warehouse in which a source table is not the demo's: it would be mixed or replaced."""
    for table in SOURCES:
        folder = warehouse.folder(table)
        if warehouse.is_unfinished(table) or warehouse.actual_columns(table) is None:
            continue
        if (source := provenance.last_import(folder)) != SOURCE:
            whose = "was not imported" if source is None else f"was imported from {source}"
            raise ConfigurationError(
                f"--warehouse-path {warehouse.root}: table {warehouse.identity(table)} in it {whose} and is not the "
                "demo's; a demo would mix it with invented rows; give another folder"
            )


def import_league(warehouse: DeltaWarehouse, league: ImportedLeague, invocation: Invocation) -> bool:
    """Plays the league and imports it, unless the warehouse has it already; True when it was played.

    The tables that it replaces are those of an earlier demo, as `check_tables` has seen.
    """
    if league.is_complete():
        invocation.progress.say(f"the league is in {league.warehouse} from an earlier run")
        return False
    league.begin()
    with tempfile.TemporaryDirectory() as folder:
        with invocation.progress.phase("league"):
            rows = generate(Path(folder), **LEAGUE)
            invocation.progress.note(f"30 teams, 450 players, until {LEAGUE['until']}: {sum(rows.values()):,} rows")
        import_tables(warehouse, Path(folder), invocation.progress, source=SOURCE, replace=True)
    league.complete()
    return True


@job_command(JOB)
def main(invocation: Invocation) -> ExitCode:
    """Play an invented league, back-fill November 2021 of it, show the summary and some rows, and draw a report."""
    # The configured warehouse may hold real tables: the demo takes a folder only from its own option.
    given = click.get_current_context().params.get("warehouse_path")
    changes: dict[str, Any] = {
        "warehouse": "delta",
        "warehouse_path": given or FOLDER,
        "on_missing": "fallback",
        "tables": {},
    }
    settings = invocation.settings.model_copy(update=changes)
    folder = settings.warehouse_path
    if not isinstance(folder, Path):
        raise ConfigurationError(f"--warehouse-path {folder}: a demo takes a folder of this machine; give one")
    league = ImportedLeague(folder, LEAGUE)
    league.check_folder()
    with dataclasses.replace(invocation, settings=settings).warehouse() as warehouse:
        check_tables(warehouse)
        played = import_league(warehouse, league, invocation)
        outcome = backfill_features(warehouse, settings, MONTH, invocation.progress)
        rows = sample_rows(warehouse, MONTH)
        page = folder / PAGE
        write_page(page, report_of(warehouse, settings, coverage_of(outcome.plan), invocation.progress))
    league_was = "played" if played else "reused"
    invocation.show(Demo(Summary(outcome), league_was, rows, folder, page))
    return outcome.exit_code


if __name__ == "__main__":
    main()
