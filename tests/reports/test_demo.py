"""The demo's report: what to try next, and last of all the page that it wrote."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from jobs.reports.demo import Demo
from jobs.reports.summary import Summary
from tests.planning.planned import NOVEMBER_1, outcome_of, plan_of, planned_date


def test_the_last_line_names_the_page() -> None:
    folder = Path("demo_warehouse")
    demo = Demo(Summary(outcome_of(plan_of([planned_date(NOVEMBER_1)]))), "played", [], folder, folder / "report.html")
    text = io.StringIO()
    demo.render(Console(file=text, width=80, highlight=False, soft_wrap=True))
    assert text.getvalue().splitlines()[-1] == (
        "report   demo_warehouse/report.html: the month on one page, to open in a browser"
    )
    assert demo.as_json()["report"] == "demo_warehouse/report.html"
