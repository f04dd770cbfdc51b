"""Two writers of the same dates, each held at a stage while the other moves: one is refused, or both are right.

On either warehouse. Also one writer that is held while somebody else does something to a Delta target.
"""

from __future__ import annotations

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import pytest

from jobs.backfill.stages import CleanUp, ComputeAndStage, PlanDates, Verify
from jobs.config.settings import Settings
from jobs.errors import JobError, RefusedError
from jobs.planning.outcome import RunOutcome
from jobs.planning.plan import RequestedDates
from jobs.rollback import rollback
from jobs.schemas.tables import FEATURE_RUNS, Table
from jobs.warehouse.bigquery.warehouse import BigQueryWarehouse
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.interface import Warehouse
from tests.end_to_end.store import Store, silent, without_times

STAGES = ("plan", "stage", "verify", "merge", "clean up", "rollback")
OF_A_BACKFILL = STAGES[:-1]
WHOLE = RequestedDates(datetime.date(2021, 11, 24), datetime.date(2021, 12, 1))
PART = RequestedDates(datetime.date(2021, 11, 28), datetime.date(2021, 12, 2))
"""Dates of both are written in two slices."""
BOTH = RequestedDates(WHOLE.start, PART.end)
EARLIER = RequestedDates(WHOLE.start, datetime.date(2021, 11, 29))
OTHER_TRUTH = "UPDATE {table} SET days_rest = days_rest + 3 WHERE TRUE"
"""Of the context: it changes every row that was written before."""
OPTIONS: dict[str, Any] = {"on_missing": "fallback", "merge_slice_rows": 1}
LONGEST = 300
Rows = dict[Any, dict[str, Any]]
Where = TypeVar("Where", bound="Place")


class Writer(threading.Thread):
    """A run in a thread that stops at one of its stages until it is let go on."""

    def __init__(self, stage: str, action: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._stage = stage
        self._action = action
        self._rests = threading.Event()
        self._goes_on = threading.Event()
        self.error: Exception | None = None
        self.was_held = False

    def run(self) -> None:
        """The run, to its end."""
        try:
            self._action()
        except Exception as error:
            self.error = error
        finally:
            self._rests.set()

    def to_its_stage(self) -> None:
        """Starts, and returns when it is held or has ended."""
        self.start()
        assert self._rests.wait(LONGEST), f"the run did not come to {self._stage}"

    def to_its_end(self) -> None:
        """Goes on, and returns when it has ended."""
        self._goes_on.set()
        self.join(LONGEST)
        assert not self.is_alive(), "the run did not end"

    def hold(self, stage: str) -> None:
        """Called by the run at each stage."""
        if stage == self._stage and not self.was_held:
            self.was_held = True
            self._rests.set()
            assert self._goes_on.wait(LONGEST), f"nobody let the run go on from {stage}"


def hold_at(stage: str) -> None:
    """Holds the run of this thread, if it is to be held here."""
    if isinstance(writer := threading.current_thread(), Writer):
        writer.hold(stage)


@contextmanager
def held_at_stages() -> Iterator[None]:
    """Makes every run ask at each stage: behind plan, staging and verification, before a MERGE and cleaning up."""
    with pytest.MonkeyPatch.context() as patch:
        for name, owner in (("plan", PlanDates), ("stage", ComputeAndStage), ("verify", Verify)):
            patch.setattr(owner, "carry_out", _behind(owner.carry_out, name))
        patch.setattr(CleanUp, "carry_out", _before(CleanUp.carry_out, ("clean up",)))
        for warehouse in (DeltaWarehouse, BigQueryWarehouse):
            patch.setattr(warehouse, "merge", _before(warehouse.merge, ("merge", "rollback")))
        yield


def _behind(call: Callable[..., Any], stage: str) -> Callable[..., Any]:
    def holding(*arguments: Any) -> Any:
        answer = call(*arguments)
        hold_at(stage)
        return answer

    return holding


def _before(call: Callable[..., Any], stages: Sequence[str]) -> Callable[..., Any]:
    def holding(*arguments: Any) -> Any:
        for stage in stages:
            hold_at(stage)
        return call(*arguments)

    return holding


class Place(Protocol):
    """A warehouse that writers are let loose on, and what stands in it."""

    @property
    def warehouse(self) -> Warehouse: ...

    def settings(self, **options: Any) -> Settings: ...

    def run(self, requested: RequestedDates) -> RunOutcome: ...

    def features(self) -> Rows: ...

    def rows(self, table: Table) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Start(Generic[Where]):
    """Where two writers begin: a warehouse, what its target holds `before` and `after` the run that they are about.

    `run_id` is that run, where it is written already and can be undone. `old` are the runs that the ledger has.
    """

    store: Where
    before: Rows
    after: Rows
    run_id: str | None = None

    @cached_property
    def old(self) -> frozenset[str]:
        """Asked for before the writers begin."""
        return frozenset(row["run_id"] for row in self.store.rows(FEATURE_RUNS))


@dataclass(frozen=True)
class Judged:
    """What became of two writers, or of one, and what is wrong with it."""

    what: str
    wrong: list[str]

    @property
    def in_short(self) -> str:
        """In a word or two."""
        return "wrong" if self.wrong else self.what.split(":")[0]

    def __str__(self) -> str:
        return "; ".join([self.what, *(f"WRONG {wrong}" for wrong in self.wrong)])


def of_run(store: Place, requested: RequestedDates) -> Callable[[], object]:
    """A back-fill, as a process of its own does it."""
    return lambda: store.run(requested)


def of_rollback(store: Place, run_id: str) -> Callable[[], object]:
    """The undoing of a run."""
    return lambda: rollback(store.warehouse, store.settings(), run_id, silent())


def two_writers(start: Start[Any], first: str, second: str) -> Judged:
    """What becomes of it when one writer is held at a stage, another comes to one, and both go on in this order."""
    writers = []
    assert start.old or start.run_id is None
    for stage, dates in ((first, WHOLE), (second, PART)):
        undone = start.run_id if stage == "rollback" else None
        writers.append(
            Writer(stage, of_run(start.store, dates) if undone is None else of_rollback(start.store, undone))
        )
    with held_at_stages():
        writers[0].to_its_stage()
        writers[1].to_its_stage()
        for writer in writers:
            writer.to_its_end()
    wrong = [f"{type(writer.error).__name__}: {writer.error}" for writer in writers if _is_wrong(writer.error)]
    refused = [name for name, writer in zip(("first", "second"), writers, strict=True) if writer.error is not None]
    if len(refused) == len(writers):
        wrong.append("neither was carried out")
    what = f"{' and '.join(refused)} refused" if refused else "both right"
    return Judged(what, wrong + _differing(start))


def _is_wrong(error: Exception | None) -> bool:
    """Refused is right."""
    return error is not None and not isinstance(error, RefusedError)


def _differing(start: Start[Any]) -> list[str]:
    """Dates that do not hold what their last writer is to leave."""
    expected = expected_dates(start)
    found = without_times(start.store.features())
    wrong = Counter[str]()
    for key in {*found, *start.before, *start.after}:
        want = (start.after if expected.get(key[1]) else start.before).get(key)
        if found.get(key) != want:
            wrong[f"{key[1]}: {'lacking' if key not in found else 'another row'}"] += 1
    return [f"{times} rows of {told}" for told, times in sorted(wrong.items())]


def expected_dates(start: Start[Any]) -> dict[datetime.date, bool]:
    """For each date whether its last writer has left the rows of after the run, by the order of claims."""
    is_after = dict.fromkeys((key[1] for key in start.after), start.run_id is not None)
    rows = start.store.rows(FEATURE_RUNS)
    ended = {row["run_id"]: row for row in rows if row["status"] in ("succeeded", "partial")}
    for row in sorted(ended.values(), key=lambda row: row["finished_at"]):
        for date in is_after:
            if row["run_id"] not in start.old and (
                row["job"] == "rollback" or date in (WHOLE if _is_whole(row) else PART)
            ):
                is_after[date] = row["job"] != "rollback"
    return is_after


def _is_whole(row: dict[str, Any]) -> bool:
    return str(WHOLE.start) in row["parameters"]


STRANGERS: dict[str, Sequence[str]] = {
    "OPTIMIZE": ("OPTIMIZE {table}",),
    "VACUUM": ("OPTIMIZE {table}", "VACUUM {table} RETAIN 0 HOURS"),
    "a column more": ("ALTER TABLE {table} ADD COLUMN note STRING",),
    "DELETE of a date": ("DELETE FROM {table} WHERE game_date = DATE '2021-11-27'",),
    "RESTORE": ("RESTORE TABLE {table} TO VERSION AS OF 0",),
}


def beside_a_stranger(start: Start[Store], stage: str, stranger: str) -> Judged:
    """What becomes of it when somebody else does something to the target while a run is held at a stage."""
    store = start.store
    writer = Writer(stage, of_run(store, BOTH))
    with held_at_stages():
        writer.to_its_stage()
        for statement in STRANGERS[stranger]:
            store.sql(statement)
        after_the_merge = without_times(store.features()) if stage == "clean up" else None
        writer.to_its_end()
    if not writer.was_held:
        return Judged("", [f"it did not come to {stage}: {writer.error!r}"])
    if writer.error is None:
        return Judged("right", unequal(store, start.after if after_the_merge is None else after_the_merge))
    is_clear = isinstance(writer.error, JobError) and len(str(writer.error).splitlines()) == 1
    wrong = [] if is_clear else [repr(writer.error)]
    runs = sorted(store.rows(FEATURE_RUNS), key=lambda row: row["heartbeat_at"])
    store.resume(runs[-1]["run_id"])
    return Judged(f"error, resumed: {writer.error}", wrong + unequal(store, start.after))


def unequal(store: Store, expected: Rows) -> list[str]:
    """What the target holds else than these rows, and staging tables that are left."""
    found = {key: {n: v for n, v in row.items() if n != "note"} for key, row in without_times(store.features()).items()}
    expected = {key: {n: v for n, v in row.items() if n != "note"} for key, row in expected.items()}
    keys = {*found, *expected}
    wrong = sum(found.get(key) != expected.get(key) for key in keys)
    left = store.staging_folders()
    return ([f"{wrong} of {len(keys)} rows are not right"] if wrong else []) + [f"{name} is left" for name in left]
