"""Prints how long the back-fill takes: `python -m tests.benchmarks --data FOLDER [--copies 40]`.

FOLDER is one that `import_tables` takes, with the seasons 2020-21 and 2021-22; without it the demo league of the
project is generated for these seasons. Every line is a process of its own, from its start to its exit.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from jobs.demo_league import generate
from tests.benchmarks.timing import Timed, timed

RANGES = {
    "22 dates": ("2021-11-07", "2021-11-28"),
    "season 2021-22": ("2021-10-01", "2022-07-01"),
    "both seasons": ("2020-10-01", "2022-07-01"),
}


def _backfill(warehouse: Path, target: str, start: str, end: str) -> Timed:
    os.environ["FEATURE_STORE_TABLES__ML_FEATURE_STORE_V2"] = f"nba_predictions.{target}"
    arguments = [
        "--start",
        start,
        "--end",
        end,
        "--on-missing",
        "fallback",
        "--warehouse-path",
        str(warehouse),
        "--json",
    ]
    return timed("jobs.backfill_features", *arguments)


def _cold_runs(warehouse: Path, table: Table) -> None:
    for number, (name, (start, end)) in enumerate(RANGES.items()):
        run = _backfill(warehouse, f"run_{number}", start, end)
        summary = json.loads(run.output)
        rows = sum(summary["rows"][outcome] for outcome in ("inserted", "updated", "unchanged"))
        table.add_row(name, f"{rows:,}", f"{run.wall:.1f}", f"{run.cpu:.1f}", _phases(summary))


def _multiplied_run(warehouse: Path, folder: Path, copies: int, table: Table) -> None:
    multiplied = folder / "multiplied"
    timed("tests.benchmarks.copies", str(warehouse), str(multiplied), str(copies))
    start, end = RANGES["season 2021-22"]
    run = _backfill(multiplied, "run_multiplied", start, end)
    summary = json.loads(run.output)
    rows = sum(summary["rows"].values())
    table.add_row(f"season x {copies}", f"{rows:,}", f"{run.wall:.1f}", f"{run.cpu:.1f}", _phases(summary))
    plain = timed("tests.benchmarks.plain_copy", "features", str(multiplied), start, end, str(folder / "copy"))
    seconds = json.loads(plain.output)
    baseline = seconds["read"] + seconds["write"]
    text = f"read {seconds['read']:.1f}, write {seconds['write']:.1f}"
    table.add_row("plain copy of these", f"{rows:,}", f"{baseline:.1f}", "", text)
    _add_ratios(table, summary["seconds"], baseline)


def _upstream_runs(warehouse: Path, folder: Path, copies: int, table: Table) -> None:
    """Both seasons of the four tables, into new ones; then of many copies, against a plain copy."""
    start, end = RANGES["both seasons"]
    _upstream_run(warehouse, "four tables, both seasons", table)
    if not copies:
        return
    multiplied = folder / "multiplied_upstream"
    timed("tests.benchmarks.copies", str(warehouse), str(multiplied), str(copies))
    seconds = _upstream_run(multiplied, f"four tables, both seasons x {copies}", table)
    plain = timed("tests.benchmarks.plain_copy", "upstream", str(multiplied), start, end, str(folder / "upstream_copy"))
    parts = json.loads(plain.output)
    baseline = sum(parts.values())
    text = f"sources {parts['sources']:.1f}, results {parts['results']:.1f}"
    table.add_row("plain copy of sources and results", "", f"{baseline:.1f}", "", text)
    _add_ratios(table, seconds, baseline)


def _upstream_run(warehouse: Path, name: str, table: Table) -> Counter[str]:
    """Seconds of all four runs by phase."""
    start, end = RANGES["both seasons"]
    for dataset in ("nba_precompute", "nba_orchestration"):
        shutil.rmtree(warehouse / dataset, ignore_errors=True)
    options = ["--start", start, "--end", end, "--warehouse-path", str(warehouse), "--json"]
    run = timed("jobs.backfill_upstream", *options)
    seconds: Counter[str] = Counter()
    runs = json.loads(run.output)["runs"]
    for of_table in runs:
        seconds.update(of_table["seconds"])
    rows = sum(of_table["rows"]["inserted"] for of_table in runs)
    phases = ", ".join(f"{phase} {spent:.1f}" for phase, spent in seconds.items())
    table.add_row(name, f"{rows:,}", f"{run.wall:.1f}", f"{run.cpu:.1f}", phases)
    return seconds


def _add_ratios(table: Table, seconds: Mapping[str, float], baseline: float) -> None:
    """The seconds of phases, against the seconds of a plain copy."""
    engine, whole = seconds["compute"] + seconds["stage"], sum(seconds.values())
    table.add_row("engine / plain copy", "", f"{engine / baseline:.2f}", "", "sources to staged rows")
    table.add_row("all phases / plain copy", "", f"{whole / baseline:.2f}", "", "with plan, verify and merge")


def _phases(summary: dict[str, dict[str, float]]) -> str:
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in summary["seconds"].items())


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Folder with dataset/table.parquet.")
@click.option("--only", type=click.Choice(["features", "upstream"]), help="One of the two jobs.")
@click.option("--copies", default=40, show_default=True, help="How many times the players; 0 leaves this run out.")
def main(data: Path | None, only: str | None, copies: int) -> None:
    """Times the back-fills, cold, and against a plain copy of the same rows."""
    table = Table(title="whole processes, cold", title_justify="left")
    for column in ("run", "rows", "wall s", "cpu s", "phases, s"):
        table.add_column(column, justify="left" if column in ("run", "phases, s") else "right")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if data is None:
            generate(folder / "league", seasons=(2020, 2021))
        warehouse = folder / "warehouse"
        timed("jobs.import_tables", "--from", str(data or folder / "league"), "--warehouse-path", str(warehouse))
        if only != "upstream":
            _cold_runs(warehouse, table)
            if copies:
                _multiplied_run(warehouse, folder, copies, table)
        if only != "features":
            _upstream_runs(warehouse, folder, copies, table)
    Console(soft_wrap=True).print(table)


if __name__ == "__main__":
    main()
