"""The stages of a run, one dataclass each: what it is about, and what is done in it.

Which of them a run has, and in which order, is decided in `run`; no stage looks at how the run came to it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from jobs.backfill.checkpoint import Checkpoint
from jobs.backfill.verification import Staged, StagedDate
from jobs.backfill.work import Work
from jobs.backfill.writer import Writing, expected_counts, with_constants
from jobs.errors import AccountingError, JobError, VerificationError
from jobs.ledger.history import LoggedDate
from jobs.planning.outcome import SkippedRow
from jobs.planning.plan import PlannedDate, RequestedDates
from jobs.spark.errors import explained


class Stage(Protocol):
    """One step of a run. `phase` is that of the ledger and of the progress line; None has no line of its own."""

    phase: ClassVar[str | None]

    def carry_out(self, work: Work) -> None:
        """Does it; the next stage finds what it needs in `work`."""


@dataclass(frozen=True)
class CheckTables:
    """Target and sources are as in their contracts; the sources only of a run that has yet to plan."""

    phase: ClassVar[str | None] = "read"
    requested: RequestedDates
    sources: bool = True

    def carry_out(self, work: Work) -> None:
        """ContractError for a table that is not."""
        warehouse, table, computation = work.job.warehouse, work.table, work.computation
        columns = with_constants(warehouse.checked_target(table) or table.columns, computation.constants)
        replaces = work.job.settings.write_mode == "overwrite" or computation.prune_by is not None
        warehouse.check_changeable(table, (self.requested.start, self.requested.end), replaces=replaces)
        run_id = work.identity.run_id
        work.writing = Writing(warehouse, table, columns, run_id, computation.features, computation.prune_by)
        if self.sources:
            work.job.progress.note(f"{computation.open()} tables, columns and types as expected")


@dataclass(frozen=True)
class PlanDates:
    """The state and fate of every requested date, from the sources."""

    phase: ClassVar[str | None] = "plan"

    def carry_out(self, work: Work) -> None:
        """ContractError when a source is empty, or the target would drop one of the dates at once."""
        work.begin(work.computation.plan())
        work.job.warehouse.check_kept(work.table, work.outcome.to_write())
        work.job.progress.note(work.plan.described())


@dataclass(frozen=True)
class Preview:
    """What a dry run shows beside its plan."""

    phase: ClassVar[str | None] = None

    def carry_out(self, work: Work) -> None:
        """Nothing is written, not even in the ledger."""
        work.outcome.dry_run = {
            "source_rows": dict(work.plan.source_rows),
            "source_bytes": work.computation.estimated_bytes(),
            "statements": work.writing.planned_statements(work.plan, work.job.settings),
        }


@dataclass(frozen=True)
class RecallPlan:
    """The plan that an earlier process of the run has made, and what it has staged."""

    phase: ClassVar[str | None] = None
    checkpoint: Checkpoint

    def carry_out(self, work: Work) -> None:
        """Nothing is read but the checkpoint."""
        work.begin(self.checkpoint.plan)
        work.staged = dict(self.checkpoint.staged)
        work.outcome.warnings[:] = self.checkpoint.warnings


@dataclass(frozen=True)
class RecordPlan:
    """The ledger has the plan, and the dates that fail or are skipped as a whole."""

    phase: ClassVar[str | None] = None

    def carry_out(self, work: Work) -> None:
        """What an earlier process has written is not written again."""
        work.ledger.write_plan(work.outcome)


@dataclass(frozen=True)
class VerifyEarlier:
    """What an earlier process has staged is still what the sources say, or it is not used."""

    phase: ClassVar[str | None] = "verify"
    dates: Sequence[PlannedDate]

    def carry_out(self, work: Work) -> None:
        """Whatever is wrong with it, a damaged file too, it can be computed again."""
        try:
            with work.job.warehouse.naming_files():
                work.verified = work.verify(self.dates)
        except Exception as error:
            reason = error if isinstance(error, JobError) else explained(error)
            work.job.progress.say(f"resumed  the staged rows are not used, they are computed again: {reason}")
        else:
            work.job.progress.say("resumed  after staging: nothing is computed again")


@dataclass(frozen=True)
class ComputeAndStage:
    """All rows of the dates, computed in one go and staged in one commit."""

    phase: ClassVar[str | None] = "stage"
    dates: Sequence[PlannedDate]

    def carry_out(self, work: Work) -> None:
        """The computation is only declared here: it happens while the rows are staged."""
        writing = work.writing
        writing.drop()
        work.staged.clear()
        with work.job.progress.part("compute"):
            rows = work.computation.rows(self.dates, work.identity.started_at)
        try:
            writing.stage(rows, self.dates, work.job.settings)
        except Exception:
            writing.drop()
            raise


@dataclass(frozen=True)
class Verify:
    """The staged rows are what was planned."""

    phase: ClassVar[str | None] = "verify"
    dates: Sequence[PlannedDate]

    def carry_out(self, work: Work) -> None:
        """VerificationError otherwise; what is staged is gone then."""
        try:
            work.verified = work.verify(self.dates)
        except VerificationError:
            work.writing.drop()
            raise


@dataclass(frozen=True)
class Recall:
    """What an earlier process has merged and skipped is accounted for."""

    phase: ClassVar[str | None] = None
    written: Mapping[datetime.date, LoggedDate]
    skips: Sequence[SkippedRow]

    def carry_out(self, work: Work) -> None:
        """By the rows of the ledger."""
        dates = len(work.outcome.to_write())
        work.job.progress.say(f"resumed  {len(self.written)} of {dates} dates are merged")
        work.outcome.record_skips(self.skips)
        for game_date, logged in self.written.items():
            work.outcome.record_written(
                game_date,
                inserted=logged.inserted or 0,
                updated=logged.updated or 0,
                unchanged=logged.unchanged or 0,
                pruned=logged.pruned or 0,
                mean_quality=logged.mean_quality,
                shares=logged.shares,
            )
            work.outcome.merged_rows["pruned"] += logged.pruned or 0


@dataclass(frozen=True)
class SkipUnkeyedRows:
    """Context rows without a key, which belong to no player or no date."""

    phase: ClassVar[str | None] = None

    def carry_out(self, work: Work) -> None:
        """They are no rows of the staging table."""
        work.outcome.record_skips(work.computation.rows_without_key())


@dataclass(frozen=True)
class RecordVerified:
    """The ledger has the skipped rows, and what another process needs to go on from here."""

    phase: ClassVar[str | None] = None
    merged_before: Staged

    def carry_out(self, work: Work) -> None:
        """`merged_before` are dates that were merged otherwise than they had been verified."""
        assert work.verified is not None
        before = self.merged_before
        work.staged |= {
            date: staged.after(before[date]) if date in before else staged
            for date, staged in work.verified.staged.items()
        }
        work.outcome.record_skips(work.verified.skips)
        work.ledger.write_skips(work.outcome.skips)
        work.write_checkpoint()


@dataclass(frozen=True)
class RecordSkips:
    """The ledger has the skipped rows of a run that has nothing to verify."""

    phase: ClassVar[str | None] = None

    def carry_out(self, work: Work) -> None:
        """What an earlier process has written is not written again."""
        work.ledger.write_skips(work.outcome.skips)


@dataclass(frozen=True)
class MergeSlice:
    """One MERGE, of some whole months."""

    phase: ClassVar[str | None] = "merge"
    number: int
    slices: int
    dates: Sequence[datetime.date]

    def carry_out(self, work: Work) -> None:
        """AccountingError when the warehouse counts other rows than were verified: somebody else wrote these dates."""
        if self.slices > 1:
            work.job.progress.note(f"slice {self.number} of {self.slices}, {self.dates[0]} to {self.dates[-1]}")
        work.ledger.enter_slice(self.number, self.slices)
        counts = work.writing.merge_slice(work.staged, self.dates, self.number, work.job.settings)
        expected = expected_counts(work.staged, self.dates)
        if (counts.inserted, counts.updated) != (expected.inserted, expected.updated):
            work.write_checkpoint(differed=self.dates)
            raise AccountingError(
                f"slice {self.number} of {self.slices}: the MERGE inserted {counts.inserted} rows and updated "
                f"{counts.updated}, {expected.inserted} and {expected.updated} were planned; somebody else has written "
                f"game dates of {self.dates[0]} to {self.dates[-1]} meanwhile. They are not recorded as written; "
                "--resume verifies and merges them again"
            )
        for game_date in self.dates:
            work.outcome.record_written(game_date, **_written(work.staged.get(game_date, StagedDate())))
        work.outcome.merged_rows["pruned"] += counts.deleted
        work.ledger.write_dates([work.outcome.dates[game_date] for game_date in self.dates])


def _written(staged: StagedDate) -> dict[str, Any]:
    return {
        "inserted": staged.inserted + staged.inserted_before,
        "updated": staged.updated + staged.updated_before,
        "unchanged": staged.unchanged,
        "pruned": staged.pruned,
        "mean_quality": staged.mean_quality if staged.staged else None,
        "shares": staged.shares,
    }


@dataclass(frozen=True)
class CheckRowCounts:
    """Every context row of the plan is accounted for."""

    phase: ClassVar[str | None] = None

    def carry_out(self, work: Work) -> None:
        """AccountingError otherwise."""
        work.outcome.check_row_counts()


@dataclass(frozen=True)
class CleanUp:
    """The staging table is dropped."""

    phase: ClassVar[str | None] = None

    def carry_out(self, work: Work) -> None:
        """Nothing is left of the run but its rows and the ledger."""
        work.writing.drop()
