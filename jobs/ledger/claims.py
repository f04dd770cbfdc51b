"""One writer a date: which runs hold dates of a table, and whether a new or resumed one may have them.

Decides on rows of the ledger; the warehouse makes decision and entry one step.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from jobs.errors import RefusedError
from jobs.ledger.history import LoggedRun
from jobs.ledger.liveness import ENDED, Liveness, liveness
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import RELEASED

_MOST_NAMED = 3


class SilentRunsError(Exception):
    """Runs hold the dates of which only the ledger can tell whether they live: see `Liveness.SILENT`."""

    def __init__(self, runs: Sequence[LoggedRun]) -> None:
        super().__init__(", ".join(run.described for run in runs))
        self.runs = runs


def check_free(
    runs: Sequence[LoggedRun],
    target: str,
    requested: RequestedDates,
    run_id: str,
    gone: Mapping[str, int] | None = None,
) -> None:
    """RefusedError, naming the other run, when a living run holds one of the dates, or is this very run.

    SilentRunsError when one may live; `gone` are those that have written nothing while they were watched, with their
    rows by then.
    """
    silent = []
    for other in runs:
        shared = _shared(other, target, requested, run_id)
        if not shared and other.run_id != run_id:
            continue
        state = liveness(other.row)
        if state is Liveness.ALIVE:
            raise RefusedError(holds(other, shared, run_id))
        if state is Liveness.SILENT and (gone or {}).get(other.run_id) != other.rows:
            silent.append(other)
    if silent:
        raise SilentRunsError(silent)


def check_still_silent(
    runs: Sequence[LoggedRun],
    watched: Sequence[LoggedRun],
    target: str,
    requested: RequestedDates,
    run_id: str,
) -> None:
    """RefusedError when one of the watched runs has written to the ledger since: it lives, whatever its clock says."""
    rows = {run.run_id: run for run in runs}
    for run in watched:
        if run.run_id in rows and rows[run.run_id].rows != run.rows and rows[run.run_id].row.status not in ENDED:
            raise RefusedError(holds(run, _shared(run, target, requested, run_id), run_id))


def holds(other: LoggedRun, shared: Sequence[datetime.date], run_id: str) -> str:
    """That another run, or another process of this one, has the dates, and what to do."""
    release = f"if no process of it lives, `status --release {other.run_id}` frees its dates"
    if other.run_id == run_id:
        return f"{other.described} is alive; wait for its end ({release})"
    return (
        f"{other.described} is under way and holds {_named(shared)}; wait for its end "
        f"(`status {other.run_id}` shows how far it is; {release}), or ask for other dates"
    )


def check_still_held(runs: Sequence[LoggedRun], mine: LoggedRun) -> None:
    """RefusedError when another run, or another process of this one, has taken the dates since `mine` claimed them.

    It may: a run that was silent for too long counts as dead. A later one that is dead itself holds nothing.
    """
    assert mine.target is not None
    assert mine.requested is not None
    for other in runs:
        if other.order <= mine.order:
            continue
        if other.run_id == mine.run_id and other.row.phase == RELEASED:
            raise RefusedError(
                f"run {mine.run_id} was released; this process goes no further, what it has merged is whole"
            )
        overtaken = (
            _shared(other, mine.target, mine.requested, mine.run_id) and liveness(other.row) is not Liveness.DEAD
        )
        if overtaken or other.run_id == mine.run_id:
            raise RefusedError(
                f"run {mine.run_id} was silent for too long and counted as dead: {other.described} has its dates now; "
                "this process goes no further, what it has merged is whole"
            )


def _shared(other: LoggedRun, target: str, requested: RequestedDates, run_id: str) -> list[datetime.date]:
    """The days that another run has asked for too."""
    if other.run_id == run_id or other.target != target or other.requested is None:
        return []
    return other.requested.overlap(requested)


def check_resumable(run: LoggedRun, writers: dict[datetime.date, list[tuple[datetime.datetime, LoggedRun]]]) -> None:
    """RefusedError when a later run has written one of the dates of a run that stopped."""
    for game_date, wrote in writers.items():
        for _, other in wrote:
            in_run = run.requested is not None and game_date in run.requested
            if in_run and other.run_id != run.run_id and other.order > run.order:
                raise RefusedError(
                    f"run {other.run_id} has written {game_date} after run {run.run_id} began; what that one staged is "
                    "older: start a new run instead of resuming it"
                )


def _named(days: Sequence[datetime.date]) -> str:
    more = f" and {len(days) - _MOST_NAMED} more days" if len(days) > _MOST_NAMED else ""
    return ", ".join(map(str, days[:_MOST_NAMED])) + more
