"""The life of one run over one table: plan, staged rows, MERGEs; from the beginning or from where one stopped.

The order of the steps is here; each step is somewhere else, and what is computed is a `Computation`.
"""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.backfill import checkpoint
from jobs.backfill.computation import Computation
from jobs.backfill.progress import Progress
from jobs.backfill.resume import check_same_places
from jobs.backfill.verification import Staged
from jobs.backfill.writer import Writing
from jobs.config.settings import Settings
from jobs.errors import AccountingError, Interrupted, RefusedError, VerificationError
from jobs.ledger.claims import check_resumable
from jobs.ledger.history import LoggedRun, RunHistory, written_dates
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity
from jobs.planning.outcome import RunOutcome, begin_outcomes
from jobs.planning.plan import Plan, PlannedDate, RequestedDates
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


def run_table(
    job: Job,
    table: Table,
    requested: RequestedDates,
    computation: Computation,
    *,
    dry_run: bool = False,
    resumed: LoggedRun | None = None,
) -> RunOutcome:
    """Computes and writes the requested dates of a table; what became of every date and row is the outcome.

    `resumed` is the run to go on with; settings and dates are then its own. ContractError or ConfigurationError before
    anything is written; RefusedError while another run holds one of the dates; VerificationError before anything is
    merged.
    """
    warehouse, progress = job.warehouse, job.progress
    identity = RunIdentity() if resumed is None else RunIdentity.of_earlier(resumed.run_id, resumed.row["started_at"])
    progress.say(f"run {identity.run_id}: game dates {requested} into {warehouse.display_name(table)}")
    with progress.phase("read"):
        columns = warehouse.checked_target(table) or table.columns
        writing = Writing(warehouse, table, columns, identity.run_id, computation.features, computation.prune_by)
        if resumed is None or resumed.checkpoint is None:
            progress.note(f"{computation.open()} tables, columns and types as expected")
    run = TableRun(job, identity, computation, writing)
    if dry_run:
        return run.planned_only()
    # Before the ledger hears of the run: one that cannot be planned leaves no trace.
    planned = run.plan() if resumed is None or resumed.checkpoint is None else None
    ledger = Ledger(
        warehouse,
        identity,
        job.name,
        target=warehouse.identity(table),
        requested=requested,
        # Everything that a run can be told; no secret is among it.
        parameters={"table": table.name, **job.settings.model_dump(mode="json")},
        heartbeat_seconds=job.settings.heartbeat_seconds,
        say=progress.say,
    )
    if resumed is not None:
        check_same_places(resumed, job.settings, warehouse.identity(table))
        check_resumable(resumed, RunHistory(warehouse).writers(warehouse.identity(table)))
    with ledger.held(), progress.watched_by(ledger.enter):
        try:
            outcome = run.carry_out(ledger, planned, resumed)
            ledger.finish(outcome)
        except (Exception, Interrupted) as error:
            if not isinstance(error, RefusedError):
                how = (
                    f"{error}; resume it with"
                    if isinstance(error, Interrupted)
                    else "failed; fix the cause, then resume with"
                )
                progress.say(f"run {identity.run_id} {how}:\n  {job.command} --resume {identity.run_id}")
            raise
    return outcome


@dataclass
class TableRun:
    """One run on its way."""

    job: Job
    run: RunIdentity
    computation: Computation
    writing: Writing

    def plan(self) -> RunOutcome:
        """The outcome of the run before anything is written."""
        with self.job.progress.phase("plan"):
            plan = self.computation.plan()
            self.job.progress.note(plan.described())
        return self._outcome(plan)

    def planned_only(self) -> RunOutcome:
        """What a run would do; nothing is written, not even in the ledger."""
        outcome = self.plan()
        outcome.dry_run = {
            "source_rows": dict(outcome.plan.source_rows),
            "source_bytes": self.computation.estimated_bytes(),
            "statements": self.writing.planned_statements(outcome.plan, self.job.settings),
        }
        return outcome

    def carry_out(self, ledger: Ledger, planned: RunOutcome | None, resumed: LoggedRun | None = None) -> RunOutcome:
        """Everything after the plan, to the last MERGE, or what an earlier process of the run has left of it."""
        written: set[datetime.date] = set()
        staged: Staged | None = None
        if resumed is not None and resumed.checkpoint is not None:
            plan, staged = checkpoint.from_text(resumed.checkpoint)
            outcome = self._outcome(plan)
            written = written_dates(ledger.earlier_dates())
            self.job.progress.say(
                f"resumed  after verify: {len(written)} of {len(outcome.to_write())} dates are merged"
            )
        else:
            outcome = planned or self.plan()
        ledger.write_plan(outcome)
        left = [date for date in outcome.plan.by_action("write") if date.game_date not in written]
        try:
            if staged is None or (left and not self.writing.is_staged()):
                staged = self._prepare(ledger, outcome, left, staged, staged_before=resumed is not None)
            else:
                outcome.restore_skips(ledger.earlier_skips())
            if outcome.to_write():
                with self.job.progress.phase("merge"):
                    self.writing.merge(staged, outcome, ledger, self.job.settings, self.job.progress, written)
            outcome.check_row_counts()
        except (VerificationError, AccountingError):
            self.writing.drop()
            raise
        if not self.job.settings.keep_staging:
            self.writing.drop()
        return outcome

    def _prepare(
        self,
        ledger: Ledger,
        outcome: RunOutcome,
        left: Sequence[PlannedDate],
        earlier: Staged | None,
        *,
        staged_before: bool,
    ) -> Staged:
        """Stages and verifies the dates that are left, and writes the checkpoint from which another process goes on."""
        if earlier is None:
            if outcome.plan.unkeyed_rows:
                outcome.record_skips(self.computation.rows_without_key())
        else:
            of_left = {date.game_date for date in left}
            outcome.restore_skips(skip for skip in ledger.earlier_skips() if skip["game_date"] not in of_left)
        if not left:
            ledger.write_skips(outcome.skips)
            return earlier or {}
        verified = self._verified_as_it_is(outcome, left) if staged_before else None
        try:
            if verified is None:
                self._compute(left)
                verified = self._verified(outcome, left)
            staged = {**(earlier or {}), **verified}
            ledger.write_skips(outcome.skips)
            ledger.write_checkpoint(
                checkpoint.to_text(outcome.plan, staged), self.job.warehouse.current_version(self.writing.table)
            )
        except BaseException:
            # Nothing is merged yet, and what is staged may not be what was asked for: the next process begins anew.
            self.writing.drop()
            raise
        return staged

    def _compute(self, left: Sequence[PlannedDate]) -> None:
        self.writing.drop()
        with self.job.progress.phase("compute"):
            rows = self.computation.rows(left, self.run.started_at)
        with self.job.progress.phase("stage"):
            self.writing.stage(rows)

    def _verified_as_it_is(self, outcome: RunOutcome, left: Sequence[PlannedDate]) -> Staged | None:
        """What an earlier process has staged, when that is complete and still what the sources say; otherwise None."""
        if not self.writing.is_staged():
            return None
        skips, skipped = list(outcome.skips), {date: made.skipped for date, made in outcome.dates.items()}
        try:
            verified = self._verified(outcome, left)
        except VerificationError as error:
            outcome.skips[:] = skips
            for date, made in outcome.dates.items():
                made.skipped = skipped[date]
            self.job.progress.say(f"resumed  the staged rows are not used, they are computed again: {error}")
            return None
        self.job.progress.say("resumed  after staging: nothing is computed again")
        return verified

    def _verified(self, outcome: RunOutcome, left: Sequence[PlannedDate]) -> Staged:
        with self.job.progress.phase("verify"):
            staged = self.writing.verify(left)
            if short := self.writing.short_dates(staged, left):
                outcome.record_skips(self.computation.left_out(short, self.run.started_at))
            self.writing.check_counts(staged, left, outcome)
        return staged

    def _outcome(self, plan: Plan) -> RunOutcome:
        outcome = RunOutcome(
            self.run.run_id,
            self.job.name,
            self.job.warehouse.display_name(self.writing.table),
            plan,
            begin_outcomes(plan),
            seconds=self.job.progress.seconds,
            command=self.job.command,
            table=self.writing.table.name,
        )
        outcome.notes += [*self.writing.notes(), *plan.notes()]
        return outcome
