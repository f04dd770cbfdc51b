"""The life of one run: its plan, its staged rows, its MERGEs; from the beginning or from where one stopped.

The order of the steps is here; each step is somewhere else.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs import sources
from jobs.runtime import checkpoint
from jobs.runtime.configuration import Settings
from jobs.runtime.errors import AccountingError, VerificationError
from jobs.runtime.ledger import Ledger
from jobs.runtime.outcome import RunOutcome, begin_outcomes
from jobs.runtime.planning import Plan, PlannedDate, RequestedDates
from jobs.runtime.progress import Progress
from jobs.runtime.run_history import LoggedRun, written_dates
from jobs.runtime.run_identity import RunIdentity
from jobs.runtime.staged import Staged
from jobs.runtime.submitted import fit_to
from jobs.warehouse.interface import Warehouse
from jobs.writing import Writing


@dataclass
class FeatureRun:
    """One run on its way. `opened` are the sources, opened when the first step needs them."""

    warehouse: Warehouse
    settings: Settings
    requested: RequestedDates
    progress: Progress
    run: RunIdentity
    job: str
    writing: Writing
    opened: dict[str, Any] = field(default_factory=dict)

    def open_sources(self) -> sources.Sources:
        """The sources under contract; ContractError when one is not as it must be."""
        if not self.opened:
            self.opened = sources.open_sources(self.warehouse, self.requested)
        return self.opened

    def plan(self) -> RunOutcome:
        """The outcome of the run before anything is written."""
        opened = self.open_sources()
        with self.progress.phase("plan"):
            plan = sources.plan_run(self.warehouse, opened, self.settings, self.requested)
            self.progress.note(plan.described())
        rows = max(plan.source_rows.values(), default=0)
        fit_to(opened[sources.CONTEXT.name].sparkSession, rows, self.settings.engine.shuffle_partitions)
        return self._outcome(plan)

    def carry_out(self, ledger: Ledger, resumed: LoggedRun | None = None) -> RunOutcome:
        """Everything from the plan to the last MERGE, or what an earlier process of the run has left of it."""
        written: set[datetime.date] = set()
        staged: Staged | None = None
        if resumed is not None and resumed.checkpoint is not None:
            plan, staged = checkpoint.from_text(resumed.checkpoint)
            outcome = self._outcome(plan)
            written = written_dates(ledger.earlier_dates())
            self.progress.say(f"resumed  after verify: {len(written)} of {len(outcome.to_write())} dates are merged")
        else:
            outcome = self.plan()
        ledger.write_plan(outcome)
        left = [date for date in outcome.plan.by_action("write") if date.game_date not in written]
        try:
            if staged is None or (left and not self.writing.is_staged()):
                staged = self._prepare(ledger, outcome, left, staged, staged_before=resumed is not None)
            else:
                outcome.take_over(ledger.earlier_skips())
            if outcome.to_write():
                with self.progress.phase("merge"):
                    self.writing.merge(staged, outcome, ledger, self.settings, written)
            outcome.check_sum()
        except (VerificationError, AccountingError):
            self.writing.drop()
            raise
        if not self.settings.keep_staging:
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
        opened = self.open_sources()
        if earlier is None:
            if outcome.plan.unkeyed_rows:
                outcome.leave_out(sources.rows_without_key(opened))
        else:
            of_left = {date.game_date for date in left}
            outcome.take_over(skip for skip in ledger.earlier_skips() if skip["game_date"] not in of_left)
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
                checkpoint.to_text(outcome.plan, staged), self.warehouse.state_of(self.writing.table)
            )
        except BaseException:
            # Nothing is merged yet, and what is staged may not be what was asked for: the next process begins anew.
            self.writing.drop()
            raise
        return staged

    def _compute(self, left: Sequence[PlannedDate]) -> None:
        self.writing.drop()
        with self.progress.phase("compute"):
            rows = sources.computed_rows(
                self.open_sources(), left, created_at=self.run.started_at, settings=self.settings
            )
        with self.progress.phase("stage"):
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
            self.progress.say(f"resumed  the staged rows are not used, they are computed again: {error}")
            return None
        self.progress.say("resumed  after staging: nothing is computed again")
        return verified

    def _verified(self, outcome: RunOutcome, left: Sequence[PlannedDate]) -> Staged:
        with self.progress.phase("verify"):
            staged = self.writing.verify(left)
            if short := self.writing.short_dates(staged, left):
                again = sources.computed_rows(
                    self.open_sources(), short, created_at=self.run.started_at, settings=self.settings
                )
                outcome.leave_out(sources.left_out(again))
            self.writing.check_counts(staged, left, outcome)
        return staged

    def _outcome(self, plan: Plan) -> RunOutcome:
        outcome = RunOutcome(
            self.run.run_id,
            self.job,
            self.warehouse.place(self.writing.table),
            plan,
            begin_outcomes(plan),
            seconds=self.progress.seconds,
            command=command(self.job, self.settings),
        )
        outcome.notes += [*self.writing.notes(), *plan.notes()]
        return outcome


def command(job: str, settings: Settings) -> str:
    """How a job is started on the warehouse of these settings."""
    project = f" --project {settings.bigquery.project}" if settings.bigquery.project else ""
    where = (
        f"bigquery{project}"
        if settings.warehouse == "bigquery"
        else f"delta --warehouse-path {settings.warehouse_path}"
    )
    return f"./spark-submit.sh local {job} --warehouse {where}"


def parameters(settings: Settings) -> Mapping[str, Any]:
    """What the ledger keeps of a run's settings; no secret is among them."""
    return settings.model_dump(mode="json")
