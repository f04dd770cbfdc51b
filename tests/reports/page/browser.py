"""A real browser that opens a page: what it complains of, what does not fit, and what an accessibility checker finds.

Chromium of the machine; nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

WIDTHS = (400, 800, 1600)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 120_000
_OPEN_TABLES = "document.querySelectorAll('details').forEach(details => { details.open = true })"
_UNFIT = (Path(__file__).parent / "unfit.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Looked:
    """What was seen of a page: `complaints` of the browser, what is `unfit`, `serious` findings, its `sections`."""

    complaints: list[str]
    unfit: list[str]
    serious: list[str]
    sections: list[str]


def chromium_path() -> str | None:
    """Where Chromium is; None without one."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def opened_chromium() -> Iterator[Browser]:
    """Chromium without a window; a test that wants it says so and is left out where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium on this machine, so no browser looks at the report: apt-get install chromium")
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root, as whom containers run.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments, timeout=_PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


def looked_at(
    browser: Browser,
    page_file: Path,
    width: int,
    *,
    scheme: Literal["light", "dark"] = "light",
    tables: bool = False,
    check: bool = True,
) -> Looked:
    """Opens a page file, `tables` all open, and with `check` asks axe-core what keeps people from reading it."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.set_default_timeout(_PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(("file:", "data:")) else complaints.append(request.url),
    )
    try:
        page.goto(page_file.absolute().as_uri())
        if tables:
            page.evaluate(_OPEN_TABLES)
        violations: list[dict[str, Any]] = Axe().run(page).response["violations"] if check else []
        return Looked(
            complaints,
            page.evaluate(_UNFIT),
            [
                f"{one['id']}: {one['nodes'][0]['html']}"
                for one in violations
                if one["impact"] in ("serious", "critical")
            ],
            page.evaluate("[...document.querySelectorAll('h2')].map(heading => heading.id)"),
        )
    finally:
        page.close()
