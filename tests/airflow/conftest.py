"""The DAGs as a person deploys them: in a folder with what the launcher printed, before an Airflow of its own.

Airflow is told by the environment, before it is imported, where its home is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACE = ("--project", "paying", "--region", "europe-west1", "--bucket", "my-bucket", "--service-account", "robot@p")
SIZES = ("--executors", "7", "--version", "3.0", "--partial-ok")
WAREHOUSE = ("--warehouse", "delta", "--warehouse-path", "gs://data/store")

if find_spec("airflow"):
    _home = tempfile.TemporaryDirectory(prefix="airflow-")
    os.environ |= {"AIRFLOW_HOME": _home.name, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}


def launched(*arguments: str) -> str:
    """What `./spark-submit.sh dataproc` prints."""
    done = subprocess.run(
        [str(ROOT / "spark-submit.sh"), "dataproc", *PLACE, "--dry-run", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def dags_folder() -> Path:
    """The DAG file, and the batch of each job beside it."""
    folder = Path(os.environ["AIRFLOW_HOME"]) / "dags"
    folder.mkdir()
    (folder / "feature_store.py").write_text((ROOT / "conf" / "airflow" / "feature_store.py").read_text())
    for job, sizes in {"daily": SIZES, "backfill_features": SIZES, "validate": SIZES[:-1]}.items():
        printed = launched(*sizes, "--airflow", "gs://my-bucket/feature-store", job, *WAREHOUSE)
        (folder / f"{job}.json").write_text(printed)
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    return folder
