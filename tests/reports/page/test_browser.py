"""Chromium opens a made-up report: nothing is wider than the page or on another, and people can read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from jobs.reports.page.draw import drawn_page
from tests.reports.page.browser import WIDTHS, looked_at, opened_chromium
from tests.reports.page.facts import season
from tests.reports.page.test_page import SECTIONS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(drawn_page(season()), encoding="utf-8")
    return file


@pytest.mark.parametrize("width", WIDTHS)
def test_everything_fits_with_all_tables_open(browser: Browser, page: Path, width: int) -> None:
    looked = looked_at(browser, page, width, tables=True, check=False)
    assert (looked.complaints, looked.unfit, looked.sections) == ([], [], SECTIONS)


def test_the_accessibility_checker_finds_nothing_serious(browser: Browser, page: Path) -> None:
    assert looked_at(browser, page, 400).serious == []
    assert looked_at(browser, page, 1600, scheme="dark").serious == []


@pytest.mark.parametrize(("dates", "weeks"), [(215, 36), (45, 8), (10, 2), (1, 1)])
def test_a_season_fits_too_and_a_single_date(browser: Browser, tmp_path: Path, dates: int, weeks: int) -> None:
    file = tmp_path / "season.html"
    file.write_text(drawn_page(season(dates=dates, weeks=weeks)), encoding="utf-8")
    assert looked_at(browser, file, 800, check=False).unfit == []


def test_the_look_itself_notices_what_does_not_fit(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "wide.html"
    card = '<div class="card" style="position:absolute;width:50px;height:50px">one</div>'
    text = '<svg viewBox="0 0 9 9"><text x="1" y="5">long text</text><text x="2" y="5">long text</text></svg>'
    file.write_text(f'<p style="width:900px">wide</p>{card}{card}{text}<script>console.error("no")</script>')
    looked = looked_at(browser, file, 400)
    assert looked.complaints == ["no"]
    assert looked.unfit[0] == "the page is 908 wide"
    for what in (
        "beside the page: P",
        "beyond its picture: text",
        "DIV card one on DIV card one",
        "text  long text on",
    ):
        assert [line for line in looked.unfit if line.startswith(what)], what
    assert any("html-has-lang" in line for line in looked.serious)
