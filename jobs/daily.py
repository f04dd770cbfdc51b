"""The daily run in one command: corrections of the days before, then the features of tonight's games.

Only chooses the dates; the runs are those of `backfill_features`.
"""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import click

from jobs.backfill.dates import chosen_dates
from jobs.backfill.own_rows import own_dates
from jobs.backfill_features import with_upstream
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import GameDate, option, setting_options
from jobs.cli.progress import Progress
from jobs.config.settings import Settings
from jobs.errors import ExitCode
from jobs.ledger.run_id import now
from jobs.planning.plan import RequestedDates
from jobs.reports.daily import DailyReport, FilledRun
from jobs.warehouse.interface import Warehouse

JOB = "daily"
LEAGUE_TIME = ZoneInfo("America/New_York")
LOOKBACK_DAYS = 3


def league_date(moment: datetime.datetime) -> datetime.date:
    """The date on which the league plays at a moment: at 01:00 UTC it is still the evening before."""
    return moment.astimezone(LEAGUE_TIME).date()


def daily(
    warehouse: Warehouse,
    settings: Settings,
    date: datetime.date,
    progress: Progress,
    *,
    lookback_days: int = LOOKBACK_DAYS,
    dry_run: bool = False,
) -> DailyReport:
    """Writes again what was corrected on the days before `date`, then the rows of `date`, both in mode `daily`.

    The pre-computed tables of these dates are filled where they are missing, and written again where all of their rows
    are ours. Errors as of `run_table`.
    """
    settings = settings.model_copy(update={"mode": "daily"})
    corrections = _corrections(warehouse, settings, date, progress, lookback_days=lookback_days, dry_run=dry_run)
    tonight = _written(warehouse, settings, RequestedDates(date, date), progress, dry_run=dry_run)
    return DailyReport(date, lookback_days, corrections, tonight)


def _corrections(
    warehouse: Warehouse,
    settings: Settings,
    date: datetime.date,
    progress: Progress,
    *,
    lookback_days: int,
    dry_run: bool,
) -> FilledRun | None:
    if not lookback_days:
        return None
    day = datetime.timedelta(days=1)
    changed = chosen_dates(
        warehouse, settings, progress, date - lookback_days * day, date - day, dates=None, changed=True
    )
    return None if changed is None else _written(warehouse, settings, changed, progress, dry_run=dry_run)


def _written(
    warehouse: Warehouse, settings: Settings, requested: RequestedDates, progress: Progress, *, dry_run: bool
) -> FilledRun:
    filled, features = with_upstream(
        warehouse,
        settings,
        requested,
        Progress(progress.console),
        again=own_dates(warehouse, requested),
        dry_run=dry_run,
    )
    return FilledRun(features, filled)


@job_command(JOB)
@option(
    "--date",
    group="dates",
    type=GameDate(),
    help="The evening to prepare.  [default: today in the league's time, America/New_York]",
)
@option(
    "--lookback",
    "lookback_days",
    group="dates",
    type=click.IntRange(min=0),
    default=LOOKBACK_DAYS,
    help="Days before it that are looked at for corrections.",
)
@setting_options("on_missing", "write_mode")
@option("--dry-run", is_flag=True, help="Print the plans and the MERGE statements; write nothing.")
def main(invocation: Invocation, date: datetime.date | None, lookback_days: int, dry_run: bool) -> ExitCode:
    """Write the features of tonight's games, and again those of the days before whose sources were corrected."""
    date = date or league_date(now())
    with invocation.warehouse() as warehouse:
        report = daily(
            warehouse, invocation.settings, date, invocation.progress, lookback_days=lookback_days, dry_run=dry_run
        )
    invocation.show(report)
    return report.exit_code


if __name__ == "__main__":
    main()
