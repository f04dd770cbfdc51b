"""Endurance, by hand: `python -m tests.endurance kills --seconds 3600 --seed 1`, and `oracle --rows 1000000`."""

from __future__ import annotations

import gc
import tempfile
import time
from itertools import cycle
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import click
from rich.console import Console
from rich.table import Table

from tests.end_to_end.store import Store
from tests.endurance import storage
from tests.endurance.bigquery_runs import KINDS, LossTally, told_of_calls
from tests.endurance.kills import Killer, Tally
from tests.endurance.lost_answers import HOW, How
from tests.endurance.oracle import Compared, compared
from tests.endurance.rest_runs import RUNS, lossy_runs
from tests.endurance.scenarios import Scenarios, small_league
from tests.endurance.session import session
from tests.endurance.signals import PHASES, stopped
from tests.endurance.starts import delta_starts, judged, starts_of
from tests.endurance.writers import OF_A_BACKFILL, STAGES, STRANGERS


@click.group(help=__doc__)
def main() -> None:
    """Each command prints a table, and ends with 1 where something failed."""


@main.command()
@click.option("--seconds", type=float, default=600, show_default=True, help="No run begins after so many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the instants.")
@click.option("--own-jvm", type=click.FloatRange(0, 1), default=1 / 3, help="Share of the processes that start a JVM.")
def kills(seconds: float, seed: int, own_jvm: float) -> None:
    """Kill runs at random instants, go on with them, compare with a run that nobody has killed."""
    began, console = time.monotonic(), Console(soft_wrap=True)
    with tempfile.TemporaryDirectory() as temporary, session(few_rows=True) as spark:
        folder = Path(temporary)
        imported = Store(spark, folder / "imported")
        imported.import_from(small_league(folder / "league"))
        killer, made = Killer(folder, seed, own_jvm), Scenarios(imported, folder)
        for name in cycle(made.names):
            if time.monotonic() > began + seconds:
                break
            for failure in killer.run(made.named(name)):
                console.print(failure, markup=False)
            tally = killer.tallies[name]
            told = f"{name}, {tally.runs} runs, kills: {tally.ways}; {tally.phases}"
            console.print(f"{time.monotonic() - began:6.0f} s  {told}", markup=False)
    console.print(_of_kills(killer.tallies, seed))
    raise SystemExit(any(tally.failures for tally in killer.tallies.values()))


@main.command()
@click.option("--rows", type=int, default=100_000, show_default=True, help="How many are compared, at least.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the leagues.")
@click.option("--players", type=int, default=600, show_default=True, help="Of each of the leagues in a set.")
def oracle(rows: int, seed: int, players: int) -> None:
    """Compare the engine with the naive implementation over random leagues, bit for bit."""
    console, began, found = Console(soft_wrap=True), time.monotonic(), []
    # Rows by the hundred thousand, none of them in a cycle: to look for cycles took a quarter of Python's time.
    gc.disable()
    with session(compiler="full", driver_memory="6g") as spark:
        for one in compared(spark, rows, seed, players):
            found.append(one)
            seconds = time.monotonic() - began
            console.print(
                f"{seconds:6.0f} s  {sum(each.rows for each in found):,} rows  leagues {one.seed}", markup=False
            )
            if one.difference:
                console.print(f"leagues {one.seed}, {one.settings}: {one.difference}", markup=False)
    console.print(_of_oracle(found, seed))
    raise SystemExit(any(one.difference for one in found))


def _of_oracle(found: list[Compared], seed: int) -> Table:
    table = Table(title=f"engine and naive implementation, seed {seed}", title_justify="left")
    for column in ("settings of Spark", "sets of leagues", "rows", "sets that differ"):
        table.add_column(column, justify="left" if column == "settings of Spark" else "right")
    for settings in (*sorted({one.settings for one in found}), None):
        of_these = [one for one in found if settings in (None, one.settings)]
        differing = sum(one.difference is not None for one in of_these)
        table.add_row(settings or "all", str(len(of_these)), f"{sum(one.rows for one in of_these):,}", str(differing))
    return table


@main.command()
@click.option("--warehouse", type=click.Choice(("delta", "bigquery")), default="delta", show_default=True)
@click.option("--of", "kind", type=click.Choice(("pairs", "strangers")), multiple=True, default=("strangers", "pairs"))
@click.option("--seconds", type=float, default=float("inf"), help="No pair begins after so many.")
def writers(warehouse: str, kind: tuple[str, ...], seconds: float) -> None:
    """Hold two writers of the same dates at each pair of stages, and on Delta one at each beside somebody else."""
    until, console, tables, failed = time.monotonic() + seconds, Console(soft_wrap=True), [], False
    with tempfile.TemporaryDirectory() as temporary, starts_of(warehouse, Path(temporary)) as starts:
        for name in kind if warehouse == "delta" else ("pairs",):
            stages, others = (STAGES, STAGES) if name == "pairs" else (OF_A_BACKFILL, tuple(STRANGERS))
            tables.append(Table("held at", *others, title=f"{name}, the second across", title_justify="left"))
            for stage in stages:
                cells = []
                for other in others:
                    found = judged(starts, name, stage, other) if time.monotonic() < until else None
                    console.print(f"{stage}, {other}: {found or 'no time'}", markup=False)
                    cells.append("" if found is None else found.in_short)
                    failed = failed or bool(found and found.wrong)
                tables[-1].add_row(stage, *cells)
    console.print(*tables)
    raise SystemExit(failed)


@main.command()
@click.option("--of", "faults", type=click.Choice(tuple(storage.FAULTS)), multiple=True, default=tuple(storage.FAULTS))
@click.option("--seconds", type=float, default=float("inf"), help="No run begins after so many.")
def damages(faults: tuple[str, ...], seconds: float) -> None:
    """Cut files off, make them unreadable, make folders read-only, from each stage of a run on Delta on."""
    until, console, failed = time.monotonic() + seconds, Console(soft_wrap=True), False
    tables = []
    with tempfile.TemporaryDirectory() as temporary, delta_starts(Path(temporary)) as starts:
        for fault in faults:
            tables.append(Table(fault, *storage.MOMENTS, title_justify="left"))
            for place in storage.FAULTS[fault][1]:
                cells = []
                for moment in storage.MOMENTS:
                    found = None
                    if time.monotonic() < until and storage.is_there(place, moment):
                        found = storage.judged(starts.fresh(written=False), fault, place, moment)
                        console.print(f"{fault}, {place}, {moment}: {found}", markup=False)
                    cells.append("" if found is None else found.in_short)
                    failed = failed or bool(found and found.wrong)
                tables[-1].add_row(place, *cells)
    console.print(*tables)
    raise SystemExit(failed)


@main.command()
@click.option("--how", type=click.Choice(HOW), multiple=True, default=HOW, help="How an answer is lost: each way.")
@click.option("--of", "kind", type=click.Choice(tuple(KINDS)), default="all", show_default=True, help="Which calls.")
@click.option("--run", type=click.Choice(RUNS), default="backfill", show_default=True, help="`rest`: no Spark.")
@click.option("--together", type=click.IntRange(1), default=1, show_default=True, help="How many answers a run loses.")
@click.option("--seconds", type=float, default=float("inf"), help="No run begins after so many.")
def answers(how: tuple[How, ...], kind: str, run: str, together: int, seconds: float) -> None:
    """Lose the answer of each call of a BigQuery run, one after the other; the call itself is carried out."""
    until, console = time.monotonic() + seconds, Console(soft_wrap=True)
    table = Table("call", "how", "of a run", "lost", "as without", "error, then resumed", "wrong", "not made again")
    with tempfile.TemporaryDirectory() as temporary, lossy_runs(run, Path(temporary)) as runs:
        told = told_of_calls(runs.uninterrupted.losses, KINDS[kind])
        console.print(*(f"{name} {times}" for name, times in told.items()), sep=", ", markup=False)
        tallies = {(name, way): LossTally() for way in how for name in told}
        for way in how:
            for found in runs.each_call(way, KINDS[kind], together, until):
                console.print(way, found.described, markup=False)
                for name, tally in ((name, tallies[name, way]) for name in told):
                    tally.add(found, name)
    for (name, way), tally in tallies.items():
        table.add_row(name, way, str(told[name]), *map(str, tally.numbers))
    console.print(table)
    raise SystemExit(any(tally.wrong for tally in tallies.values()))


@main.command()
def signals() -> None:
    """Send a run Ctrl-C, SIGTERM or a hang-up in each of its phases, and Ctrl-C twice."""
    console, table = Console(soft_wrap=True), Table("phase", "signal", "ends after, s", "exit code", "ledger", "wrong")
    with tempfile.TemporaryDirectory() as temporary, session() as spark:
        folder = Path(temporary)
        imported = Store(spark, folder / "imported")
        imported.import_from(small_league(folder / "league"))
        month, failed = Scenarios(imported, folder).named("month"), False
        for phase in PHASES:
            for number, times in ((SIGINT, 1), (SIGTERM, 1), (SIGHUP, 1), (SIGINT, 2)):
                store = imported.copied_to(Path(tempfile.mkdtemp(dir=folder)) / "warehouse")
                found = stopped(month, store, phase, number, times)
                told = f"{number.name}{' twice' if times > 1 else ''}"
                if found is None:
                    table.add_row(phase, told, "", "", "", "was not seen in the phase")
                    continue
                failed = failed or bool(found.wrong)
                ended = (f"{found.seconds:.1f}", str(found.code), str(found.status), "; ".join(found.wrong))
                console.print(phase, told, *ended, markup=False)
                table.add_row(phase, told, *ended)
    console.print(table)
    raise SystemExit(failed)


def _of_kills(tallies: dict[str, Tally], seed: int) -> Table:
    table = Table(title=f"kills at random instants, seed {seed}", title_justify="left")
    for column in ("run", "runs", "kills", "ended before", "differences", "of", "in the phase"):
        table.add_column(column, justify="left" if column in ("run", "of", "in the phase") else "right")
    for name, tally in tallies.items():
        numbers = (tally.runs, len(tally.kills), tally.ended, len(tally.failures))
        table.add_row(name, *map(str, numbers), tally.ways, tally.phases)
    return table


if __name__ == "__main__":
    main()
