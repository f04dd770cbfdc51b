"""Prints what a season asks of an object store, by kind of request: `python -m tests.benchmarks.requests [--data DIR]`.

DIR is one that `import_tables` takes, with the season 2021-22; without it a small league plays that season.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from jobs.demo_league import generate
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.reached import new_folder, options

SEASON = ("--start", "2021-10-01", "--end", "2022-07-01")
# Each into a target of its own, or where the one before has written.
RUNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "one date": ("day", ("--dates", "2021-12-10")),
    "a month": ("month", ("--start", "2021-12-01", "--end", "2021-12-31")),
    "a season, a slice a month": ("slices", SEASON),
    "a season, one slice": ("season", SEASON),
    "the season again": ("season", SEASON),
}
BILLED = {
    "class A": ("put", "list", "start upload", "rewriteTo", "copyTo", "compose"),
    "class B": ("get", "head"),
    # What is sent in batches are deletions.
    "free": ("delete", "batch"),
}


class Store:
    """The Cloud Storage of the tests, with one warehouse."""

    def __init__(self, gcs: FakeGcs) -> None:
        self.gcs = gcs
        self.warehouse = str(new_folder(gcs))

    def job(self, *arguments: str, **variables: str) -> tuple[str, dict[str, int]]:
        """What a job prints, and its requests by kind. CalledProcessError when it fails."""
        before = len(self.gcs.requests())
        done = subprocess.run(
            [sys.executable, "-m", "jobs", *arguments, "--warehouse-path", self.warehouse, "--json"],
            env={**os.environ, "FEATURE_STORE_OBJECT_STORES": json.dumps(options(self.gcs)), **variables},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout, dict(self.gcs.counted(before))

    def run(self, name: str) -> tuple[dict[str, int], dict[str, int]]:
        """The rows of a run by outcome, and its requests by kind."""
        target, dates = RUNS[name]
        printed, requests = self.job(
            "backfill_features",
            *dates,
            "--on-missing",
            "fallback",
            FEATURE_STORE_TABLES__ML_FEATURE_STORE_V2=f"nba_predictions.{target}",
            FEATURE_STORE_MERGE_SLICE_ROWS="1" if target == "slices" else "1000000",
        )
        return json.loads(printed)["rows"], requests


def classes(requests: dict[str, int]) -> list[str]:
    """How many of each class that is billed; AssertionError for a kind that is in none."""
    assert set(requests) <= {kind for kinds in BILLED.values() for kind in kinds}, requests
    return [str(sum(requests.get(kind, 0) for kind in kinds)) for kinds in BILLED.values()]


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Source tables as files.")
def main(data: Path | None) -> None:
    """Imports the season and runs over a date, a month and the season."""
    with tempfile.TemporaryDirectory() as folder, FakeGcs(Path(folder) / "log") as gcs:
        if data is None:
            data = Path(folder) / "league"
            generate(data, teams=6, players_per_team=12)
        store = Store(gcs)
        _, requests = store.job("import_tables", "--from", str(data))
        show("import", "", requests)
        for name in RUNS:
            rows, requests = store.run(name)
            show(name, f"{sum(rows.values()):,} rows", requests)


def show(run: str, rows: str, requests: dict[str, int]) -> None:
    """Prints a line as soon as it is known."""
    counted = ", ".join(f"{name} {number}" for name, number in zip(BILLED, classes(requests), strict=True))
    click.echo(f"{run:26} {rows:12} {counted}: {requests}")


if __name__ == "__main__":
    main()
