"""Tables fit: at 80 columns ids, dates and names stand whole; at 40 nothing breaks; in a pipe all of it is there."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from jobs.cli.tables import console_for_tables
from jobs.ledger.history import LoggedDate, LoggedRun
from jobs.ledger.liveness import Liveness
from jobs.ledger.run_row import RunRow
from jobs.planning.coverage import coverage_of
from jobs.planning.plan import RequestedDates
from jobs.reports.coverage import CoverageReport
from jobs.reports.fitted_table import FittedTable
from jobs.reports.status import RunDetails, RunList, RunStatus
from jobs.reports.summary import Summary
from jobs.schemas.tables import FEATURE_RUN_DATES
from tests.planning.planned import NOVEMBER_1, NOVEMBER_2, missing_date, outcome_of, plan_of, planned_date

RUN_ID = "20261127T021452Z-cba72c"
REASON = "player_daily_cache, player_composite_factors and player_shot_zone_analysis are missing"


def shown(content: Any, width: int) -> list[str]:
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=True, color_system=None, highlight=False, soft_wrap=True)
    content.render(console) if hasattr(content, "render") else console.print(content)
    return text.getvalue().splitlines()


def status() -> RunStatus:
    season = RequestedDates(datetime.date(2021, 10, 19), datetime.date(2022, 6, 16))
    heard = datetime.datetime(2026, 11, 27, 2, 14)
    row: dict[str, Any] = {
        "run_id": RUN_ID,
        "job": "backfill_features",
        "parameters": json.dumps({"target": "nba_predictions.ml_feature_store_v2", "dates": season.as_json()}),
        "status": "running",
        "phase": "merge",
        "slice": 3,
        "slices": 8,
        "host": "a-host-of-a-long-name.example",
        "pid": 4711,
        "code_version": "0.1.0",
        "error": None,
        "heartbeat_at": heard,
        "rows_inserted": 33412,
        "rows_updated": 0,
        "rows_unchanged": 12,
    }
    return RunStatus(LoggedRun(RunRow.of_row(row), heard), Liveness.DEAD)


def details(state: str = "missing_upstream", status_of_date: str = "failed") -> RunDetails:
    counts = {"inserted": 209, "updated": 0, "unchanged": 0, "skipped": 1}
    date = {"game_date": datetime.date(2021, 11, 19), "state": state, "status": status_of_date, **counts}
    row = {**dict.fromkeys(FEATURE_RUN_DATES.column_names), **date, "reason": REASON}
    return RunDetails(status(), [LoggedDate.of_row(row)], [])


def coverage() -> CoverageReport:
    plan = plan_of([planned_date(NOVEMBER_1), missing_date(NOVEMBER_2, "fail")])
    return CoverageReport(coverage_of(plan), "fail", {})


@pytest.mark.parametrize("content", [RunList([status()]), details()])
def test_the_id_that_resume_wants_is_whole_at_80_columns(content: Any) -> None:
    lines = shown(content, 80)
    table = lines[: next(number for number, line in enumerate(lines) if line.startswith("left out"))]
    assert max(map(len, table)) <= 80
    assert sum(RUN_ID in line for line in table) == 1
    assert any("backfill_features" in line for line in table)
    assert "left out, as the terminal is narrow: table, inserted, updated, unchanged" in lines


def test_what_is_missing_is_folded_between_words() -> None:
    lines = shown(details(), 80)
    for name in ("player_daily_cache", "player_composite_factors", "player_shot_zone_analysis"):
        assert any(name in line for line in lines)
    assert not any(REASON in line for line in lines)


def test_what_the_early_season_does_not_need_is_no_reason() -> None:
    assert not any("player_daily_cache" in line for line in shown(details("early_season", "written"), 80))
    assert any("player_daily_cache" in line for line in shown(details("early_season", "failed"), 80))


def test_dates_and_names_of_tables_are_whole_at_80_columns() -> None:
    lines = shown(coverage(), 80)
    for name in ("player_composite_factors", "upcoming_player_game_context", "2021-11-02"):
        assert any(name in line for line in lines)


@pytest.mark.parametrize(
    "content",
    [RunList([status()]), details(), coverage(), Summary(outcome_of(plan_of([planned_date(NOVEMBER_1)])))],
)
def test_at_40_columns_each_row_is_a_list(content: Any) -> None:
    lines = shown(content, 40)
    assert not any("…" in line for line in lines)
    assert any(": " in line for line in lines)
    if isinstance(content, RunList | RunDetails):
        assert f"run: {RUN_ID}" in lines


def test_a_pipe_gets_every_column_as_wide_as_it_needs_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    details().render(console_for_tables())
    text = capsys.readouterr().out
    assert REASON in text
    assert "inserted" in text
    assert "left out" not in text


def test_the_widest_columns_go_first_and_groups_together() -> None:
    table = FittedTable("a table")
    table.add_columns("name")
    table.add_columns("wide", room="spare")
    table.add_columns("a", "b", room="spare", right=True)
    table.add_row("anna", "w" * 30, "1", "2")
    assert shown(table, 80)[-1].strip() == ""
    assert shown(table, 30)[-1] == "left out, as the terminal is narrow: wide"
    assert shown(table, 10)[-1] == "left out, as the terminal is narrow: wide, a, b"


def test_a_name_is_text_whatever_signs_it_has() -> None:
    table = FittedTable()
    table.add_columns("name")
    table.add_row("[bold]anna[/bold] 安娜 :smile:")
    assert any("[bold]anna[/bold] 安娜 :smile:" in line for line in shown(table, 80))


def test_every_table_of_every_report_is_a_fitted_one() -> None:
    reports = Path(__file__).resolve().parents[2] / "jobs"
    makers = [file.name for file in reports.rglob("*.py") if "from rich.table" in file.read_text()]
    assert makers == ["fitted_table.py"]
