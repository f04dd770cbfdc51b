"""Some days on S3, by commands as a person gives them: the rows of a folder, nothing written twice, errors in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from deltalake import DeltaTable

from tests.end_to_end.store import Store, november
from tests.object_stores.reached import CREDENTIAL, s3_options
from tests.object_stores.s3 import REGION, REPOSITORY, FakeS3
from tests.object_stores.server import ALL, WRITES

DAYS = ["--start", "2021-11-18", "--end", "2021-11-19", "--on-missing", "fallback"]
TARGET = "nba_predictions/ml_feature_store_v2"
OF_THE_RUN = ("created_at", "updated_at", "processed_at")
SECONDS = 600


class OnS3:
    """A warehouse in a bucket of its own, reached with the environment's credential."""

    def __init__(self, s3: FakeS3) -> None:
        self.s3 = s3
        self.uri = f"s3://{s3.make_bucket(f'bucket-{uuid4().hex[:8]}')}/warehouse"

    def job(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command in a process of its own."""
        told = {**CREDENTIAL, "FEATURE_STORE_OBJECT_STORES": json.dumps(s3_options(self.s3))}
        command = [sys.executable, "-m", "jobs", name, *arguments, "--warehouse-path", self.uri, "--json"]
        environment = {**os.environ, **told}
        return subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    def answer(self, name: str, *arguments: str) -> dict[str, Any]:
        """What a command that succeeds says."""
        done = self.job(name, *arguments)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def rows(self) -> dict[Any, dict[str, Any]]:
        """The feature store by delta-rs."""
        options = {
            "aws_endpoint_url": self.s3.url,
            "aws_region": REGION,
            "allow_http": "true",
            **{name.lower(): value for name, value in CREDENTIAL.items()},
        }
        return by_key(DeltaTable(f"{self.uri}/{TARGET}", storage_options=options))


def by_key(table: DeltaTable) -> dict[Any, dict[str, Any]]:
    """Rows without the times of the run."""
    return {
        (row["player_lookup"], row["game_date"]): {name: row[name] for name in row if name not in OF_THE_RUN}
        for row in table.to_pyarrow_table().to_pylist()
    }


@pytest.fixture
def on_s3(s3: FakeS3) -> OnS3:
    return OnS3(s3)


def test_some_days_on_s3_have_the_rows_of_a_folder(
    on_s3: OnS3, imported: Store, league_files: Path, tmp_path: Path
) -> None:
    here = imported.copied_to(tmp_path / "here")
    here.backfill(november(18, 19), on_missing="fallback")
    on_s3.answer("import_tables", "--from", str(league_files))
    first = on_s3.answer("backfill_features", *DAYS)
    assert on_s3.rows() == by_key(DeltaTable(str(here.root / TARGET)))
    second = on_s3.answer("backfill_features", *DAYS)
    assert (second["rows"]["inserted"], second["rows"]["updated"]) == (0, 0)
    assert second["rows"]["unchanged"] == first["rows"]["inserted"] == len(on_s3.rows())
    listed = on_s3.answer("status")
    assert [run["status"] for run in listed["runs"]] == ["succeeded"] * 2


@pytest.mark.parametrize(
    ("status", "methods", "told"),
    [
        (403, ALL, "permission denied"),
        (401, ALL, "its credential is missing, wrong or expired"),
        (403, WRITES, "permission denied"),
    ],
    ids=["no permission", "no credential", "read-only"],
)
def test_a_store_that_refuses_is_told_in_one_line(
    on_s3: OnS3, status: int, methods: tuple[str, ...], told: str, league_files: Path
) -> None:
    with on_s3.s3.refusing(status, methods):
        done = on_s3.job("import_tables", "--from", str(league_files))
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert told in line
