"""The runs that are killed: a month, a rollback, a `--prune` and an overwrite, each with the warehouse before it.

A small league, so that a run is short.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jobs.config.settings import load_settings
from jobs.demo_league import generate
from jobs.ledger.history import LoggedRun
from jobs.ledger.liveness import ENDED
from jobs.planning.plan import RequestedDates
from jobs.rollback import rollback
from jobs.schemas.tables import UPCOMING_PLAYER_GAME_CONTEXT
from tests.end_to_end.store import Store, silent
from tests.endurance.contents import newest_run

MONTH = RequestedDates(datetime.date(2021, 11, 4), datetime.date(2021, 12, 1))
OPTIONS: dict[str, Any] = {"on_missing": "fallback", "merge_slice_rows": 1}
LATER_TRUTH = (
    "UPDATE {table} SET days_rest = days_rest + 3 WHERE game_date >= DATE '2021-11-24'",
    "DELETE FROM {table} WHERE game_date IN (DATE '2021-11-22', DATE '2021-12-01') AND player_lookup < 'd'",
)
"""What the sources say after a first run: rows to update, rows to prune, and most to leave alone."""


@dataclass(frozen=True)
class Scenario:
    """A job and its options, as a process is given them, in a copy of the warehouse `before`."""

    name: str
    before: Store
    job: str
    arguments: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def again(self, store: Store) -> tuple[str, ...]:
        """The arguments by which a process goes on with the run: what the killed one would have told."""
        run = self.new_run(store)
        return (self.job, *self.arguments) if run is None else (self.job, "--resume", run.run_id)

    def end(self, store: Store) -> None:
        """Carries the run out, or goes on with it, in this process."""
        if (run := self.new_run(store)) is None:
            store.backfill(MONTH, **self.options)
        elif run.row.status not in ENDED:
            store.resume(run.run_id)

    def new_run(self, store: Store) -> LoggedRun | None:
        """The newest run of the job that was not there before."""
        there, before = newest_run(store, self.job), newest_run(self.before, self.job)
        return there if there is not None and (before is None or there.order > before.order) else None

    def is_done(self, store: Store) -> bool:
        """Whether a run of the scenario has ended."""
        run = self.new_run(store)
        return run is not None and run.row.status in ENDED


@dataclass(frozen=True)
class Rollback(Scenario):
    """One that stopped is given again, as a run of its own."""

    def again(self, store: Store) -> tuple[str, ...]:
        """As at first."""
        return (self.job, *self.arguments)

    def end(self, store: Store) -> None:
        """The job itself."""
        if not self.is_done(store):
            with store.opened() as warehouse:
                rollback(warehouse, load_settings({}, environment={}), self.arguments[0], silent())


class Scenarios:
    """Those of a warehouse that has the sources alone; what they need beside it is made when it is first asked for."""

    names = ("month", "rollback", "prune", "overwrite")

    def __init__(self, imported: Store, folder: Path) -> None:
        self._imported = imported
        self._folder = folder

    def named(self, name: str) -> Scenario:
        """One of `names`."""
        if name == "month":
            return _backfill(name, self._imported)
        if name == "rollback":
            store, run_id = self._pruned
            return Rollback(name, store, "rollback", (run_id,))
        return _backfill(name, self._filled, **({"prune": True} if name == "prune" else {"write_mode": name}))

    @cached_property
    def _filled(self) -> Store:
        """After a month, and with another truth in the sources."""
        store = self._imported.copied_to(self._folder / "filled")
        store.backfill(MONTH, **OPTIONS)
        for statement in LATER_TRUTH:
            store.sql(statement, UPCOMING_PLAYER_GAME_CONTEXT)
        return store

    @cached_property
    def _pruned(self) -> tuple[Store, str]:
        """After that was written too, and the run that did it."""
        store = self._filled.copied_to(self._folder / "pruned")
        return store, store.backfill(MONTH, **OPTIONS, prune=True).run_id


def _backfill(name: str, before: Store, **more: Any) -> Scenario:
    options = {**OPTIONS, **more}
    arguments = ["--start", str(MONTH.start), "--end", str(MONTH.end)]
    for option, value in options.items():
        flag = f"--{option.replace('_', '-')}"
        arguments += [flag] if value is True else [flag, str(value)]
    return Scenario(name, before, "backfill_features", tuple(arguments), options)


def small_league(folder: Path) -> Path:
    """Four teams until December 3, 2021, as files."""
    generate(folder, teams=4, players_per_team=11, until=datetime.date(2021, 12, 3))
    return folder
