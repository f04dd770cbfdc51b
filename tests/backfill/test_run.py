"""The life of a run with a real ledger and a warehouse that pretends: resumed at any point it ends as any other."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from rich.console import Console

from jobs.backfill import run
from jobs.backfill.run import run_table
from jobs.backfill.stages import Stage
from jobs.backfill.work import Job
from jobs.backfill.writer import Writing
from jobs.cli.progress import Progress
from jobs.config.settings import load_settings
from jobs.errors import AccountingError, Interrupted, JobError, VerificationError
from jobs.ledger.history import LoggedRun, RunHistory
from jobs.planning.outcome import RunOutcome, SkippedRow
from jobs.planning.plan import Plan, PlannedDate
from jobs.schemas.tables import FEATURE_RUN_SKIPS, FEATURE_RUNS, ML_FEATURE_STORE, Table
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.interface import MergeCounts
from tests.planning.planned import NOVEMBER_1, plan_of, planned_date

DECEMBER_1 = NOVEMBER_1.replace(month=12)
PLAN = plan_of([planned_date(NOVEMBER_1, unkeyed_rows=1), planned_date(DECEMBER_1)])
NO_KEY = SkippedRow(NOVEMBER_1, None, "invalid_input", "player_lookup is NULL")
SKIPPED = SkippedRow(DECEMBER_1, "anna", "invalid_input", "game_id is NULL")


class Pretended(DeltaWarehouse):
    """A ledger of delta-rs, and a target that is a count of rows by date."""

    def __init__(self, root: Path) -> None:
        super().__init__(self.no_spark, root, {})
        self.held: dict[datetime.date, int] = {}
        self.staged: set[datetime.date] = set()
        self.merges: list[str] = []
        self.strangers = 0
        self.lose = 0

    @staticmethod
    def no_spark() -> Any:
        raise AssertionError("this warehouse only pretends")

    def checked_target(self, table: Any) -> Any:
        return None if table is ML_FEATURE_STORE else super().checked_target(table)

    def target_notes(self, table: Any) -> list[str]:
        return []

    def current_version(self, table: Any) -> str:
        return "0"

    def has_staging(self, table: Any, run_id: str) -> bool:
        return bool(self.staged)

    def drop_staging(self, table: Any, run_id: str) -> None:
        self.staged = set()

    def staged_columns(self, table: Any, run_id: str) -> list[str]:
        return []

    def query(self, statement: str) -> list[dict[str, Any]]:
        """What is staged: nine rows a date; nothing that deserves a warning."""
        if " AS valued" in statement:
            return []
        counts = {"updated": 0, "held_twice": 0, "mean_quality": 90.0, "rows_phase4": 9}
        return [
            {
                "game_date": day,
                "staged": 9 - self.lose,
                "inserted": 9 - self.lose - self.held.get(day, 0),
                "unchanged": self.held.get(day, 0),
                **counts,
            }
            for day in sorted(self.staged)
        ]

    def merge(self, table: Any, statement: str, run_id: str, slice_number: int, new: Any = None) -> MergeCounts:
        day = NOVEMBER_1 if slice_number == 1 else DECEMBER_1
        if slice_number == 2:
            self.held[day] = self.held.get(day, 0) + self.strangers
            self.strangers = 0
        inserted = 9 - self.held.get(day, 0)
        self.held[day] = 9
        self.merges.append(statement)
        return MergeCounts(inserted, 0)


class Pretending:
    """A computation without Spark."""

    features: int | None = 25
    prune_by: Table | None = None
    constants: Mapping[str, Any] = MappingProxyType({"feature_version": "v1"})

    def open(self) -> int:
        return 9

    def plan(self) -> Plan:
        return PLAN

    def rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> Any:
        return [planned.game_date for planned in dates]

    def rows_without_key(self) -> list[SkippedRow]:
        return [NO_KEY]

    def skipped_rows(self, dates: Sequence[PlannedDate], created_at: datetime.datetime) -> list[SkippedRow]:
        return [SKIPPED] if DECEMBER_1 in [planned.game_date for planned in dates] else []

    def estimated_bytes(self) -> dict[str, int]:
        return {}


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretended:
    pretended = Pretended(tmp_path)
    monkeypatch.setattr(Writing, "stage", lambda _, rows, *__: pretended.staged.update(rows))
    return pretended


def start(warehouse: Pretended, resumed: LoggedRun | None = None, *, dry_run: bool = False) -> RunOutcome:
    settings = load_settings({"merge_slice_rows": 1, "warehouse_path": warehouse.root}, environment={})
    job = Job("backfill_features", warehouse, settings, Progress(Console(file=io.StringIO())))
    return run_table(job, ML_FEATURE_STORE, PLAN.requested, Pretending(), dry_run=dry_run, resumed=resumed)


def resume(warehouse: Pretended) -> RunOutcome:
    (stopped,) = RunHistory(warehouse).runs()
    assert stopped.row.status == "failed"
    return start(warehouse, stopped)


def recorded(warehouse: Pretended, outcome: RunOutcome) -> tuple[Any, ...]:
    history = RunHistory(warehouse)
    columns = ("game_date", "status", "inserted", "updated", "unchanged", "skipped", "mean_quality", "share_phase4")
    row = history.run(outcome.run_id).row
    return (
        row.status,
        [getattr(row, f"rows_{name}") for name in ("planned", "inserted", "updated", "unchanged", "skipped")],
        [[getattr(date, name) for name in columns] for date in history.dates(outcome.run_id)],
        sorted(str(skip["player_lookup"]) for skip in warehouse.rows(FEATURE_RUN_SKIPS)),
        outcome.rows,
    )


WHOLE = (
    "succeeded",
    [20, 18, 0, 0, 2],
    [[day, "written", 9, 0, 0, 1, 90.0, 1.0] for day in (NOVEMBER_1, DECEMBER_1)],
    ["None", "anna"],
    {"inserted": 18, "updated": 0, "unchanged": 0, "skipped": 2, "not_computed": 0},
)


def test_a_run_from_its_beginning(warehouse: Pretended) -> None:
    outcome = start(warehouse)
    assert recorded(warehouse, outcome) == WHOLE
    assert warehouse.staged == set()
    assert list(outcome.seconds) == ["read", "plan", "compute", "stage", "verify", "merge"]


def test_a_dry_run_writes_nothing(warehouse: Pretended) -> None:
    outcome = start(warehouse, dry_run=True)
    assert outcome.dry_run is not None
    assert len(outcome.dry_run["statements"]) == 2
    assert warehouse.rows(FEATURE_RUNS) == []


@pytest.mark.parametrize("boundary", range(9))
@pytest.mark.parametrize("error", [JobError("the disk is full"), Interrupted(2)])
def test_stopped_between_any_two_stages_and_resumed(
    boundary: int, error: BaseException, warehouse: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = run.stages

    def stopping(*arguments: Any) -> Iterator[Stage]:
        for number, stage in enumerate(stages(*arguments)):
            if number == boundary:
                raise error
            yield stage

    with monkeypatch.context() as patch:
        patch.setattr(run, "stages", stopping)
        with pytest.raises(type(error)):
            start(warehouse)
    assert recorded(warehouse, resume(warehouse)) == WHOLE
    assert len(warehouse.merges) == 2


def test_what_was_merged_otherwise_than_planned_is_verified_and_merged_again(warehouse: Pretended) -> None:
    warehouse.strangers = 3
    with pytest.raises(AccountingError, match=r"slice 2 of 2: the MERGE inserted 6 rows and updated 0, 9 and 0 were"):
        start(warehouse)
    (stopped,) = RunHistory(warehouse).runs()
    assert [date.game_date for date in RunHistory(warehouse).dates(stopped.run_id)] == [NOVEMBER_1]
    warehouse.held[DECEMBER_1] = 6
    outcome = resume(warehouse)
    # Six were inserted by the first MERGE, and the three that a stranger took away by the second.
    assert recorded(warehouse, outcome) == WHOLE
    assert warehouse.merges[-1].endswith("-- attempt 2")


def test_what_is_staged_and_not_as_planned_is_computed_again(warehouse: Pretended) -> None:
    warehouse.lose = 1
    with pytest.raises(VerificationError, match="2021-11-01: 8 rows are staged and 1 skipped, 10 were planned"):
        start(warehouse)
    assert warehouse.staged == set()
    warehouse.lose = 0
    warehouse.staged = {NOVEMBER_1}
    assert recorded(warehouse, resume(warehouse)) == WHOLE


def test_a_damaged_checkpoint_is_planned_and_computed_again(
    warehouse: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = Pretended.merge

    def full(self: Pretended, table: Any, statement: str, run_id: str, slice_number: int, new: Any) -> MergeCounts:
        if slice_number == 2:
            raise JobError("the disk is full")
        return merge(self, table, statement, run_id, slice_number, new)

    with monkeypatch.context() as patch:
        patch.setattr(Pretended, "merge", full)
        with pytest.raises(JobError):
            start(warehouse)
    (stopped,) = RunHistory(warehouse).runs()
    damaged = LoggedRun(stopped.row, stopped.claimed_at, '{"dates": [', stopped.target_before)
    assert recorded(warehouse, start(warehouse, damaged)) == WHOLE
