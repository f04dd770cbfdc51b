"""README says what is there: its table of features, the jobs that it names, the settings, the exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobs.config.settings import ENVIRONMENT_PREFIX, load_settings
from jobs.errors import ExitCode
from jobs.schemas import tables as schemas
from tests.documentation.feature_table import feature_table

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_the_table_of_features_is_the_catalogue() -> None:
    found = README.split("<!-- features -->\n")[1].split("<!-- /features -->")[0]
    assert found == feature_table(), "print it by: python -m tests.documentation.feature_table"


def test_every_job_that_it_names_exists() -> None:
    named = set(re.findall(r"spark-submit\.sh local (\w+)", README))
    assert {"demo", "import_tables", "backfill_features"} <= named
    assert [job for job in named if not (ROOT / "jobs" / f"{job}.py").exists()] == []


def test_every_source_table_is_named() -> None:
    assert [table.name for table in schemas.SOURCES if f"`{table.name}`" not in README] == []


def test_the_environment_names_that_it_shows_are_settings() -> None:
    shown = dict(re.findall(rf"({ENVIRONMENT_PREFIX}[A-Z_]+)=(\w+)", README))
    assert len(shown) >= 3
    settings = load_settings({}, environment=shown)
    assert (settings.on_missing, settings.engine.driver_memory) == ("fallback", "8g")


@pytest.mark.parametrize("code", [code for code in ExitCode if code != ExitCode.REFUSED])
def test_every_exit_code_is_explained(code: ExitCode) -> None:
    assert re.search(rf"^\| {code.value} \| ", README, re.MULTILINE)


@pytest.mark.parametrize(
    "path", re.findall(r"^\| `([\w/.]+)` \|", README.split("## For contributors")[1], re.MULTILINE)
)
def test_the_layout_is_there(path: str) -> None:
    assert (ROOT / path).exists()
