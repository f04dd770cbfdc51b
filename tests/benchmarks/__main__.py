"""Prints how long the back-fill takes: `python -m tests.benchmarks --data FOLDER [--copies 20 --copies 40]`.

FOLDER is one that `import_tables` takes, with the seasons 2020-21 and 2021-22; without it the demo league of the
project is generated for these seasons. Every line is a process of its own, from its start to its exit.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from deltalake import DeltaTable
from rich.console import Console
from rich.table import Table

from jobs.demo_league import generate
from tests.benchmarks.timing import Measured, measured, timed

RANGES = {
    "22 dates": ("2021-11-07", "2021-11-28"),
    "season 2021-22": ("2021-10-01", "2022-07-01"),
    "both seasons": ("2020-10-01", "2022-07-01"),
}
UPSTREAM_DATASETS = ("nba_precompute", "nba_orchestration")


@dataclass(frozen=True)
class Against:
    """The seconds of one size: from sources to staged rows, of all phases, and of a plain copy of the same rows."""

    engine: float
    whole: float
    plain: float

    @classmethod
    def of(cls, seconds: Mapping[str, float], plain: float) -> Against:
        """By the seconds of the phases."""
        return cls(seconds["compute"] + seconds["stage"], sum(seconds.values()), plain)

    def beyond(self, smaller: Against) -> Against:
        """What the rows beyond a smaller size take."""
        return Against(self.engine - smaller.engine, self.whole - smaller.whole, self.plain - smaller.plain)


class Figures:
    """The table that is printed, line by line."""

    def __init__(self) -> None:
        self.table = Table(title="whole processes, cold", title_justify="left")
        numbers = ("rows", "wall s", "cpu s", "tasks s", "jit s", "gc s", "files", "written MB")
        for column in ("run", *numbers, "phases, s"):
            self.table.add_column(column, justify="right" if column in numbers else "left")

    def add_run(self, name: str, rows: int, run: Measured, files: int, seconds: Mapping[str, float]) -> None:
        """One job: `tasks` is the processor time of Spark's tasks, `written` what they wrote, staging included."""
        figures = (run.timed.wall, run.timed.cpu, run.tasks, run.jit, run.gc)
        phases = ", ".join(f"{phase} {spent:.1f}" for phase, spent in seconds.items())
        numbers = (f"{figure:.1f}" for figure in figures)
        self.table.add_row(name, f"{rows:,}", *numbers, f"{files}", f"{run.written / 1e6:.1f}", phases)

    def add_copy(self, name: str, parts: Mapping[str, float]) -> None:
        """A plain copy of the same sources and results."""
        phases = ", ".join(f"{part} {spent:.1f}" for part, spent in parts.items())
        self.table.add_row(name, "", f"{sum(parts.values()):.1f}", *[""] * 6, phases)

    def add_ratios(self, name: str, against: Against) -> None:
        """Sources to staged rows, and all phases, each against the plain copy."""
        engine, whole = against.engine / against.plain, against.whole / against.plain
        self.table.add_row(f"{name}: ratios", *[""] * 8, f"engine {engine:.2f}, all phases {whole:.2f} of a plain copy")


def _files(folder: Path) -> int:
    return len(DeltaTable(str(folder)).file_uris())


def _backfill(warehouse: Path, target: str, name: str, dates: tuple[str, str], figures: Figures) -> Measured:
    os.environ["FEATURE_STORE_TABLES__ML_FEATURE_STORE_V2"] = f"nba_predictions.{target}"
    start, end = dates
    options = ["--start", start, "--end", end, "--on-missing", "fallback", "--warehouse-path", str(warehouse)]
    run = measured("backfill_features", *options)
    rows = sum(run.summary["rows"][outcome] for outcome in ("inserted", "updated", "unchanged"))
    figures.add_run(name, rows, run, _files(warehouse / "nba_predictions" / target), run.summary["seconds"])
    return run


def _multiplied_run(warehouse: Path, folder: Path, copies: int, figures: Figures) -> Against:
    name, season = f"season x {copies}", RANGES["season 2021-22"]
    multiplied = _multiplied(warehouse, folder, copies)
    run = _backfill(multiplied, "run_multiplied", name, season, figures)
    plain = timed("tests.benchmarks.plain_copy", "features", str(multiplied), *season, str(folder / "copy"))
    return _compared(name, folder, run.summary["seconds"], json.loads(plain.output), figures)


def _upstream_run(warehouse: Path, folder: Path, copies: int, figures: Figures) -> Against:
    """Both seasons of the four tables, into new ones."""
    name, seasons = f"four tables, both seasons x {copies}", RANGES["both seasons"]
    multiplied = _multiplied(warehouse, folder, copies)
    seconds = _four_tables(multiplied, name, figures)
    plain = timed("tests.benchmarks.plain_copy", "upstream", str(multiplied), *seasons, str(folder / "copy"))
    return _compared(name, folder, seconds, json.loads(plain.output), figures)


def _multiplied(warehouse: Path, folder: Path, copies: int) -> Path:
    multiplied = folder / "multiplied"
    timed("tests.benchmarks.copies", str(warehouse), str(multiplied), str(copies))
    return multiplied


def _compared(
    name: str, folder: Path, seconds: Mapping[str, float], copy: Mapping[str, float], figures: Figures
) -> Against:
    against = Against.of(seconds, sum(copy.values()))
    figures.add_copy("plain copy of these", copy)
    figures.add_ratios(name, against)
    for used in ("multiplied", "copy"):
        shutil.rmtree(folder / used)
    return against


def _four_tables(warehouse: Path, name: str, figures: Figures) -> Counter[str]:
    """Seconds of all four runs by phase."""
    start, end = RANGES["both seasons"]
    for dataset in UPSTREAM_DATASETS:
        shutil.rmtree(warehouse / dataset, ignore_errors=True)
    run = measured("backfill_upstream", "--start", start, "--end", end, "--warehouse-path", str(warehouse))
    seconds: Counter[str] = Counter()
    for of_table in run.summary["runs"]:
        seconds.update(of_table["seconds"])
    rows = sum(of_table["rows"]["inserted"] for of_table in run.summary["runs"])
    files = sum(_files(table.parent) for table in (warehouse / UPSTREAM_DATASETS[0]).glob("*/_delta_log"))
    figures.add_run(name, rows, run, files, seconds)
    return seconds


def _add_slope(name: str, sizes: Sequence[Against], figures: Figures) -> None:
    """What further rows cost: start-up, compilation and driver are the same in all sizes."""
    if len(sizes) > 1:
        figures.add_ratios(f"{name}: the rows from the first to the last size", sizes[-1].beyond(sizes[0]))


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Folder with dataset/table.parquet.")
@click.option("--only", type=click.Choice(["features", "upstream"]), help="One of the two jobs.")
@click.option(
    "--copies", multiple=True, default=(20, 40), show_default=True, help="How many times the players; 0: none of these."
)
def main(data: Path | None, only: str | None, copies: Sequence[int]) -> None:
    """Times the back-fills, cold, and against a plain copy of the same rows."""
    figures, sizes = Figures(), sorted(number for number in copies if number)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if data is None:
            generate(folder / "league", seasons=(2020, 2021))
        warehouse = folder / "warehouse"
        timed("jobs.import_tables", "--from", str(data or folder / "league"), "--warehouse-path", str(warehouse))
        if only != "upstream":
            for number, (name, dates) in enumerate(RANGES.items()):
                _backfill(warehouse, f"run_{number}", name, dates, figures)
            of_season = [_multiplied_run(warehouse, folder, number, figures) for number in sizes]
            _add_slope("season", of_season, figures)
        if only != "features":
            _four_tables(warehouse, "four tables, both seasons", figures)
            of_tables = [_upstream_run(warehouse, folder, number, figures) for number in sizes]
            _add_slope("four tables", of_tables, figures)
    Console(soft_wrap=True).print(figures.table)


if __name__ == "__main__":
    main()
