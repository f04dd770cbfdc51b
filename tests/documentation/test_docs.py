"""README and docs/ say what is there: features, jobs, tables, settings, exit codes, links, the layout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobs.config.layers import ENVIRONMENT_PREFIX
from jobs.config.settings import load_settings
from jobs.errors import ExitCode
from jobs.schemas import tables as schemas
from tests.documentation.feature_table import feature_table

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)
LINK = re.compile(r"\[[^\]]+\]\(([^)#]+)(#[^)]*)?\)")


def test_the_table_of_features_is_the_catalogue() -> None:
    page = (ROOT / "docs" / "features.md").read_text()
    found = page.split("<!-- features -->\n")[1].split("<!-- /features -->")[0]
    assert found == feature_table(), "print it by: python -m tests.documentation.feature_table"


def test_every_job_that_is_named_exists() -> None:
    named = set(re.findall(r"spark-submit\.sh local ([a-z_]+)", TEXT))
    assert {"demo", "import_tables", "backfill_features"} <= named
    assert [job for job in named if not (ROOT / "jobs" / f"{job}.py").exists()] == []


def test_every_job_that_exists_is_named_in_the_readme() -> None:
    jobs = {page.stem for page in (ROOT / "jobs").glob("*.py") if "@job_command" in page.read_text()}
    assert "backfill_features" in jobs
    assert [job for job in sorted(jobs) if f"`{job}`" not in README] == []


def test_every_source_table_is_named() -> None:
    assert [table.name for table in schemas.SOURCES if f"`{table.name}`" not in README] == []


def test_the_environment_names_that_are_shown_are_settings() -> None:
    shown = dict(re.findall(rf"(?<![A-Z_])({ENVIRONMENT_PREFIX}[A-Z_]+)=(\w+)", TEXT))
    assert len(shown) >= 3
    settings = load_settings({}, environment=shown)
    assert (settings.on_missing, settings.engine.driver_memory) == ("fallback", "8g")


@pytest.mark.parametrize("code", [code for code in ExitCode if code != ExitCode.REFUSED])
def test_every_exit_code_is_explained(code: ExitCode) -> None:
    assert re.search(rf"^\| {code.value} \| ", README, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = [link for link, _ in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {link for link, _ in LINK.findall(README)}
    assert [page.name for page in PAGES[1:] if f"docs/{page.name}" not in linked] == []


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= 140


@pytest.mark.parametrize(
    "path", re.findall(r"^\| `([\w/.]+)` \|", (ROOT / "docs" / "contributing.md").read_text(), re.MULTILINE)
)
def test_the_layout_is_there(path: str) -> None:
    assert (ROOT / path).exists()
