"""One run in progress: what was asked of it, what it works with, and what it knows so far. Its stages change it."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jobs.backfill.checkpoint import Checkpoint
from jobs.backfill.computation import Computation
from jobs.backfill.progress import Progress
from jobs.backfill.verification import StagedDate, Verified, check_counts
from jobs.backfill.writer import Writing
from jobs.config.settings import Settings
from jobs.config.told import option_settings
from jobs.errors import Interrupted
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity
from jobs.planning.outcome import RunOutcome, begin_outcomes
from jobs.planning.plan import Plan, PlannedDate
from jobs.schemas.tables import Table
from jobs.spark import submitted_session as submitted
from jobs.warehouse.interface import Warehouse
from jobs.warehouse.kinds import kind_of


@dataclass(frozen=True)
class Job:
    """What is asked of every run of one call of a job: its name, where it works, how, and where it tells of it."""

    name: str
    warehouse: Warehouse
    settings: Settings
    progress: Progress

    @property
    def command(self) -> str:
        """How the job is started on the same warehouse with the same settings, as a shell takes it."""
        options = list(kind_of(self.settings).options(self.settings))
        if self.settings.config_file is not None:
            options += ["--config", str(self.settings.config_file)]
        return f"{submitted.command()} {self.name} {shlex.join(options)}"

    @property
    def command_of_a_new_run(self) -> str:
        """The same with what else decides what a run writes, which only `--resume` takes from the ledger."""
        options = []
        for setting in option_settings(Settings):
            value = getattr(self.settings, setting.name, None)
            # What becomes of dates that lack a table is what the next command is to decide.
            if setting.told.of_run and setting.name != "on_missing" and value != setting.field.default:
                name = f"--{setting.name.replace('_', '-')}"
                options += [name] if value is True else [name, str(value)]
        return " ".join([self.command, *map(shlex.quote, options)])


@dataclass
class Work:
    """One run of a job over one table.

    `writing` is there when the tables are checked, `ledger` when the run holds its dates (a dry run has none), and
    `outcome` when it has a plan. `staged` is what is fit to be merged; `verified` is what the last verification found,
    None when that was not fit.
    """

    job: Job
    identity: RunIdentity
    table: Table
    computation: Computation
    staged: dict[datetime.date, StagedDate] = field(default_factory=dict)
    verified: Verified | None = None
    writing: Writing = field(init=False)
    ledger: Ledger = field(init=False)
    outcome: RunOutcome = field(init=False)

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.outcome.plan

    def begin(self, plan: Plan) -> None:
        """The run has a plan, and nothing is written."""
        self.outcome = RunOutcome(
            self.identity.run_id,
            self.job.name,
            self.job.warehouse.display_name(self.table),
            plan,
            begin_outcomes(plan),
            seconds=self.job.progress.seconds,
            command=self.job.command_of_a_new_run,
            table=self.table.name,
        )
        self.outcome.notes += [*self.writing.notes(self.job.settings), *plan.notes()]

    def verify(self, dates: Sequence[PlannedDate]) -> Verified:
        """What is staged of the dates. VerificationError when that is not what was planned."""
        due = {date.game_date for date in dates}
        staged = self.writing.verify(dates, others=self.staged.keys() - due)
        short = self.writing.short_dates(staged, dates)
        verified = Verified(staged, self.computation.skipped_rows(short, self.identity.started_at) if short else ())
        check_counts(dates, verified)
        self.outcome.warnings[:] = self.writing.warnings(sorted(due))
        return verified

    def write_checkpoint(self, differed: Iterable[datetime.date] = ()) -> None:
        """Lets the ledger keep what another process needs to go on from here."""
        text = Checkpoint(self.plan, self.staged, frozenset(differed), tuple(self.outcome.warnings)).as_text()
        self.ledger.write_checkpoint(text, self.job.warehouse.current_version(self.table))


def ended_by(error: BaseException, then: str) -> str:
    """How a run ended that was not carried out, and what to do `then`."""
    if isinstance(error, Interrupted):
        return f"{error}; to go on, {then}"
    return f"failed; fix the cause, then {then}"
