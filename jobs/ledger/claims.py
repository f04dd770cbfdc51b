"""One writer a date: which runs hold dates of a table, and whether a new or resumed one may have them.

Decides on rows of the ledger; the warehouse makes decision and entry one step.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from jobs.errors import RefusedError
from jobs.ledger.history import LoggedRun
from jobs.ledger.liveness import is_alive
from jobs.planning.plan import RequestedDates

_MOST_NAMED = 3


def check_free(runs: Sequence[LoggedRun], target: str, requested: RequestedDates, run_id: str) -> None:
    """RefusedError, naming the other run, when a living run holds one of the dates, or is this very run."""
    for other in runs:
        if other.run_id == run_id and is_alive(other.row):
            raise RefusedError(f"{other.described} is alive; wait for its end")
        if other.run_id == run_id or other.target != target or other.requested is None:
            continue
        if (shared := other.requested.overlap(requested)) and is_alive(other.row):
            raise RefusedError(
                f"{other.described} is under way and holds {_named(shared)}; wait for its end "
                f"(`status {other.run_id}` shows how far it is), or ask for other dates"
            )


def check_still_held(runs: Sequence[LoggedRun], mine: LoggedRun) -> None:
    """RefusedError when another run, or another process of this one, has taken the dates since `mine` claimed them.

    It may: a run that was silent for too long counts as dead.
    """
    for other in runs:
        overtaken = (
            other.run_id != mine.run_id
            and other.target == mine.target
            and other.claimed_at > mine.claimed_at
            and other.requested is not None
            and mine.requested is not None
            and other.requested.overlap(mine.requested)
        )
        resumed = other.run_id == mine.run_id and other.claimed_at > mine.claimed_at
        if overtaken or resumed:
            raise RefusedError(
                f"run {mine.run_id} was silent for too long and counted as dead: {other.described} has its dates now; "
                "this process goes no further, what it has merged is whole"
            )


def check_resumable(run: LoggedRun, writers: dict[datetime.date, list[tuple[datetime.datetime, LoggedRun]]]) -> None:
    """RefusedError when a later run has written one of the dates of a run that stopped."""
    for game_date, wrote in writers.items():
        for recorded_at, other in wrote:
            in_run = run.requested is not None and game_date in run.requested
            if in_run and other.run_id != run.run_id and recorded_at > run.row["started_at"]:
                raise RefusedError(
                    f"run {other.run_id} has written {game_date} after run {run.run_id} began; what that one staged is "
                    "older: start a new run instead of resuming it"
                )


def _named(days: Sequence[datetime.date]) -> str:
    more = f" and {len(days) - _MOST_NAMED} more days" if len(days) > _MOST_NAMED else ""
    return ", ".join(map(str, days[:_MOST_NAMED])) + more
