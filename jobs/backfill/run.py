"""The life of one run over one table, from top to bottom: its stages as a list, and what carries them out.

What is done in a stage is in `stages`; what is computed is a `Computation`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from jobs.backfill.checkpoint import Checkpoint
from jobs.backfill.computation import Computation
from jobs.backfill.resume import check_same_places, check_same_version
from jobs.backfill.stages import (
    CheckRowCounts,
    CheckTables,
    CleanUp,
    ComputeAndStage,
    MergeSlice,
    PlanDates,
    Preview,
    Recall,
    RecallPlan,
    RecordPlan,
    RecordSkips,
    RecordVerified,
    SkipUnkeyedRows,
    Stage,
    Verify,
    VerifyEarlier,
)
from jobs.backfill.verification import Staged
from jobs.backfill.work import Job, Work, ended_by
from jobs.errors import Interrupted, RefusedError
from jobs.ledger.claims import check_resumable
from jobs.ledger.history import LoggedDate, LoggedRun, RunHistory
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity
from jobs.planning.outcome import RunOutcome, SkippedRow
from jobs.planning.plan import PlannedDate, RequestedDates, merge_slices
from jobs.schemas.tables import Table


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

    `resumed` is the run to resume; settings and dates are then its own. ContractError or ConfigurationError before
    anything is written; RefusedError while another run holds one of the dates; VerificationError before anything is
    merged; AccountingError when a MERGE did other things than were verified.
    """
    identity = RunIdentity() if resumed is None else RunIdentity.of_earlier(resumed.run_id, resumed.row.started_at)
    work = Work(job, identity, table, computation)
    target, version = job.warehouse.identity(table), computation.constants.get("feature_version")
    job.progress.say(f"run {identity.run_id}: game dates {requested} into {job.warehouse.display_name(table)}")
    if resumed is not None:
        check_same_places(resumed, job.settings, target)
        check_same_version(resumed, version)
    earlier = None if resumed is None else _checkpoint(job, resumed)
    # Before the run is in the ledger: one that cannot be planned leaves no trace there.
    check = CheckTables(requested, sources=earlier is None)
    execute(work, [check, PlanDates() if earlier is None else RecallPlan(earlier)])
    if dry_run:
        execute(work, [Preview()])
        return work.outcome
    if resumed is not None:
        check_resumable(resumed, RunHistory(job.warehouse).writers(target))
    # Everything that a run can be told; no secret is among it.
    parameters = {"table": table.name, "feature_version": version, **job.settings.model_dump(mode="json")}
    work.ledger = Ledger(
        job.warehouse,
        identity,
        job.name,
        target=target,
        requested=requested,
        parameters=parameters,
        heartbeat_seconds=job.settings.heartbeat_seconds,
        say=job.progress.say,
    )
    with work.ledger.held(), job.progress.watched_by(work.ledger.enter):
        try:
            left = Left() if resumed is None else Left.of_run(work.ledger, earlier)
            execute(work, stages(work, left))
            work.ledger.finish(work.outcome)
        except (Exception, Interrupted) as error:
            if not isinstance(error, RefusedError):
                again = f"{job.command} --resume {identity.run_id}"
                job.progress.say(f"run {identity.run_id} {ended_by(error, 'resume with')}:\n  {again}")
            raise
    return work.outcome


def execute(work: Work, stages: Iterable[Stage]) -> None:
    """Carries out one stage after the other, each as a phase of the progress; Interrupted between any two."""
    for stage in stages:
        work.job.progress.stop_if_asked()
        with nullcontext() if stage.phase is None else work.job.progress.phase(stage.phase):
            stage.carry_out(work)


@dataclass(frozen=True)
class Left:
    """What an earlier process of a run has left: nothing of a run that begins.

    `written` are the dates that are merged.
    """

    resumed: bool = False
    checkpoint: Checkpoint | None = None
    written: Mapping[datetime.date, LoggedDate] = field(default_factory=dict)
    skips: Sequence[SkippedRow] = ()

    @classmethod
    def of_run(cls, ledger: Ledger, checkpoint: Checkpoint | None) -> Left:
        """By what the ledger has of the dates and skipped rows."""
        written = {date.game_date: date for date in ledger.earlier_dates() if date.is_written}
        return cls(True, checkpoint, written, ledger.earlier_skips())


def stages(work: Work, left: Left) -> Iterator[Stage]:
    """The stages of a run that is planned and holds its dates: all of them, or those that an earlier process has left.

    Made one by one, since the verification says which come after it.
    """
    earlier = left.checkpoint
    yield RecordPlan()
    due = [date for date in work.plan.by_action("write") if date.game_date not in left.written]

    is_staged = left.resumed and work.writing.is_staged()
    unverified = due
    if earlier is not None and is_staged:
        unverified = [date for date in due if date.game_date in earlier.differed]
    if unverified and is_staged:
        yield VerifyEarlier(unverified)
    if unverified and work.verified is None:
        unverified = due
        yield ComputeAndStage(due)
        yield Verify(due)

    if left.resumed:
        yield Recall(left.written, _kept(left, unverified))
    if earlier is None and work.plan.unkeyed_rows:
        yield SkipUnkeyedRows()
    yield RecordVerified(_merged_before(left)) if unverified else RecordSkips()
    yield from merges(work, left)
    yield CheckRowCounts()
    if not work.job.settings.keep_staging:
        yield CleanUp()


def merges(work: Work, left: Left) -> Iterator[MergeSlice]:
    """A stage for each MERGE that has dates left. Slices are numbered as they were in an earlier process."""
    slices = merge_slices(work.plan.rows_to_write, work.job.settings.merge_slice_rows)
    for number, game_dates in enumerate(slices, start=1):
        if dates := [date for date in game_dates if date not in left.written]:
            yield MergeSlice(number, len(slices), dates)


def _kept(left: Left, unverified: Sequence[PlannedDate]) -> list[SkippedRow]:
    """The skipped rows that are not found again: by a verification of their date, or as rows without a key."""
    again = {date.game_date for date in unverified}
    return [
        skip for skip in left.skips if (left.checkpoint is not None if skip.has_no_key else skip.game_date not in again)
    ]


def _merged_before(left: Left) -> Staged:
    """What was verified of the dates that were merged otherwise."""
    if left.checkpoint is None:
        return {}
    return {date: staged for date, staged in left.checkpoint.staged.items() if date in left.checkpoint.differed}


def _checkpoint(job: Job, run: LoggedRun) -> Checkpoint | None:
    """What the run knew when its staged rows were verified; None when it had not come so far, or cannot be read."""
    if run.checkpoint is None:
        return None
    if (checkpoint := Checkpoint.readable(run.checkpoint)) is None:
        job.progress.say("resumed  the checkpoint in the ledger is damaged: all is planned again")
    return checkpoint
