"""Endurance, by hand: `python -m tests.endurance kills --seconds 3600 --seed 1`, and `oracle --rows 1000000`."""

from __future__ import annotations

import tempfile
import time
from itertools import cycle
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import click
from rich.console import Console
from rich.table import Table

from tests.bigquery_emulator.certificate import make_certificate
from tests.bigquery_emulator.emulator import Emulator
from tests.end_to_end.store import Store
from tests.endurance.bigquery_runs import Lossy, LossyRuns
from tests.endurance.kills import Killer, Tally
from tests.endurance.lost_answers import HOW, How
from tests.endurance.oracle import Compared, compared
from tests.endurance.scenarios import Scenarios, small_league
from tests.endurance.session import session
from tests.endurance.signals import PHASES, stopped
from tests.endurance.writers import OF_A_BACKFILL, STAGES, STRANGERS, beside_a_stranger, starts, two_writers


@click.group(help=__doc__)
def main() -> None:
    """Each command prints a table, and ends with 1 where something failed."""


@main.command()
@click.option("--seconds", type=float, default=600, show_default=True, help="No run begins after so many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the instants.")
def kills(seconds: float, seed: int) -> None:
    """Kill runs at random instants, go on with them, compare with a run that nobody has killed."""
    until, console = time.monotonic() + seconds, Console(soft_wrap=True)
    with tempfile.TemporaryDirectory() as temporary, session() as spark:
        folder = Path(temporary)
        imported = Store(spark, folder / "imported")
        imported.import_from(small_league(folder / "league"))
        killer, made = Killer(folder, seed), Scenarios(imported, folder)
        for name in cycle(made.names):
            if time.monotonic() > until:
                break
            for failure in killer.run(made.named(name)):
                console.print(failure, markup=False)
    console.print(_of_kills(killer.tallies, seed))
    raise SystemExit(any(tally.failures for tally in killer.tallies.values()))


@main.command()
@click.option("--rows", type=int, default=100_000, show_default=True, help="How many are compared, at least.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the leagues.")
@click.option("--players", type=int, default=600, show_default=True, help="Of each of the leagues in a set.")
def oracle(rows: int, seed: int, players: int) -> None:
    """Compare the engine with the naive implementation over random leagues, bit for bit."""
    console, began, found = Console(soft_wrap=True), time.monotonic(), []
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
def writers() -> None:
    """Hold two writers of the same dates at each pair of stages, and one at each beside somebody else."""
    console, failed = Console(soft_wrap=True), False
    pairs = Table("held at", *STAGES, title="two writers, the second one across", title_justify="left")
    beside = Table("held at", *STRANGERS, title="one writer, and somebody else", title_justify="left")
    with tempfile.TemporaryDirectory() as temporary, session() as spark:
        folder = Path(temporary)
        imported = Store(spark, folder / "imported")
        imported.import_from(small_league(folder / "league"))
        spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
        made = starts(imported, folder)
        for table, stages, others in ((pairs, STAGES, STAGES), (beside, OF_A_BACKFILL, tuple(STRANGERS))):
            for stage in stages:
                cells = []
                for other in others:
                    start = made["rollback" in (stage, other)]
                    store = start.store.copied_to(Path(tempfile.mkdtemp(dir=folder)))
                    judge = two_writers if table is pairs else beside_a_stranger
                    wrong = judge(start, store, stage, other)
                    console.print(f"{stage}, {other}:", *(wrong or ["right"]), markup=False)
                    cells.append("wrong" if wrong else "right")
                table.add_row(stage, *cells)
                failed = failed or "wrong" in cells
    console.print(pairs, beside)
    raise SystemExit(failed)


@main.command()
@click.option("--how", type=click.Choice(HOW), default="reset", show_default=True, help="How an answer is lost.")
@click.option("--from", "first", default=0, show_default=True, help="Leave so many calls out.")
@click.option("--only-changes", is_flag=True, help="Leave out the calls that change nothing.")
def answers(how: How, first: int, only_changes: bool) -> None:
    """Lose the answer of each call of a BigQuery run, one call at a time; the call itself is carried out."""
    console, table = Console(soft_wrap=True), Table("call", "times", "as without", "error, then resumed", "wrong")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        certificate = make_certificate(folder)
        with (
            Emulator(certificate, folder / "log") as emulator,
            session("bigquery", java_options=certificate.java_options) as spark,
        ):
            runs = LossyRuns(spark, emulator, small_league(folder / "league"))
            found: dict[str, list[Lossy]] = {}
            for call, lossy in runs.each_call(how, first, only_changes=only_changes):
                console.print(call, lossy.error or "as without", *lossy.wrong, markup=False)
                found.setdefault(call, []).append(lossy)
    for call, lossies in found.items():
        resumed, wrong = sum(lossy.resumed for lossy in lossies), sum(bool(lossy.wrong) for lossy in lossies)
        table.add_row(call, *map(str, (len(lossies), len(lossies) - resumed - wrong, resumed, wrong)))
    console.print(table)
    raise SystemExit(any(lossy.wrong for lossies in found.values() for lossy in lossies))


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
    for column in ("run", "runs", "kills", "of the driver alone", "ended before", "differences", "in the phase"):
        table.add_column(column, justify="left" if column in ("run", "in the phase") else "right")
    for name, tally in tallies.items():
        alone = sum(not kill.whole_group for kill in tally.kills)
        numbers = (tally.runs, len(tally.kills), alone, tally.ended, len(tally.failures))
        table.add_row(name, *map(str, numbers), tally.phases)
    return table


if __name__ == "__main__":
    main()
