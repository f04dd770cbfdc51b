"""Shows the ledger: the newest runs, or one run with its dates and what it left out; also of a run that is under way.

Reads the ledger alone; on Delta without starting Spark.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from jobs.cli.arguments import Invocation, job_command
from jobs.errors import ExitCode
from jobs.ledger.history import LoggedRun, RunHistory
from jobs.ledger.liveness import is_alive
from jobs.schemas.tables import PHASES

JOB = "status"
_OUTCOMES = ("inserted", "updated", "unchanged", "skipped", "not_computed", "pruned")


def run_as_json(run: LoggedRun) -> dict[str, Any]:
    """One run: how it was started and what is known of it; `status` is `dead` where it stopped without an end."""
    row = run.row
    stopped = row["status"] == "running" and not is_alive(row)
    return {
        "run_id": run.run_id,
        "job": row["job"],
        "status": "dead" if stopped else row["status"],
        "target": run.target,
        "requested": None if run.requested is None else str(run.requested),
        "phase": row["phase"],
        "slice": row["slice"],
        "slices": row["slices"],
        "host": row["host"],
        "pid": row["pid"],
        "started_at": row["started_at"],
        "heartbeat_at": row["heartbeat_at"],
        "finished_at": row["finished_at"],
        "rows": {name: row[f"rows_{name}"] for name in _OUTCOMES},
        "rows_planned": row["rows_planned"],
        "seconds": {name: row[f"seconds_{name}"] for name in PHASES},
        "error": row["error"],
    }


def print_runs(runs: list[dict[str, Any]], console: Console) -> None:
    """The runs, a line each."""
    if not runs:
        console.print("the ledger has no run")
        return
    table = Table(title="runs, the newest first", title_justify="left")
    for name in ("run", "job", "table", "status", "phase", "game dates", "inserted", "updated", "unchanged"):
        table.add_column(name)
    for run in runs:
        slices = f" {run['slice']}/{run['slices']}" if run["slice"] else ""
        written = [str(run["rows"][name] or 0) for name in ("inserted", "updated", "unchanged")]
        table_name = (run["target"] or "").rsplit(".", 1)[-1]
        phase = f"{run['phase']}{slices}"
        table.add_row(run["run_id"], run["job"], table_name, run["status"], phase, run["requested"] or "", *written)
    console.print(table)


def print_run(run: dict[str, Any], console: Console) -> None:
    """One run with its dates and the reasons of what it left out."""
    print_runs([run], console)
    table = Table()
    for name in ("game date", "state", "status", "inserted", "updated", "unchanged", "skipped", "reason"):
        table.add_column(name)
    for date in run["dates"]:
        counts = [str(date[name]) for name in ("inserted", "updated", "unchanged", "skipped")]
        table.add_row(str(date["game_date"]), date["state"], date["status"], *counts, date["reason"] or "")
    if run["dates"]:
        console.print(table)
    for reason, rows in run["skipped_rows_by_reason"].items():
        console.print(f"left out {rows} rows: {reason}", markup=False)
    if run["error"]:
        console.print(f"error    {run['error']}", markup=False)
    if run["status"] in ("dead", "failed"):
        console.print(f"it stopped; go on with it: {run['job']} --resume {run['run_id']}", markup=False)


@job_command(JOB)
@click.argument("run_id", required=False)
@click.option("--limit", type=click.IntRange(1), default=20, help="How many runs are listed.")
def main(invocation: Invocation, run_id: str | None, limit: int) -> ExitCode:
    """Show the newest runs, or one run with its dates."""
    console = Console(highlight=False, soft_wrap=True)
    with invocation.warehouse() as warehouse:
        history = RunHistory(warehouse)
        if run_id is None:
            runs = [run_as_json(run) for run in history.runs()[:limit]]
            invocation.show({"job": JOB, "runs": runs}, lambda: print_runs(runs, console))
            return ExitCode.DONE
        skips = history.skips(run_id) if (found := history.run(run_id)) else []
        run = {
            **run_as_json(found),
            "dates": history.dates(run_id),
            "skips": skips,
            "skipped_rows_by_reason": dict(Counter(skip["reason"] for skip in skips)),
        }
    invocation.show({"job": JOB, "run": run}, lambda: print_run(run, console))
    return ExitCode.DONE


if __name__ == "__main__":
    main()
