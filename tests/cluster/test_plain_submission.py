"""What a person forgets or does otherwise with plain `spark-submit`: packages, the archive, the job's name."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from jobs.cli.commands import unknown_job
from tests.cluster.submission import Submitter


def test_the_archive_is_fetched_from_where_spark_was_told(submitter: Submitter, tmp_path: Path) -> None:
    main = tmp_path / "elsewhere" / "run_job.py"
    main.parent.mkdir()
    shutil.copy(submitter.artifact.main, main)
    config = tmp_path / "mine.yaml"
    config.write_text("regoin: europe\n")
    job = ("status", "--config", f"{submitter.folder}/{config.name}")
    alone = submitter.start(submitter.command("", *job, main=[main]))
    assert alone.end()[0] == 2
    assert "is missing; give --py-files" in alone.output.read_text()
    given = {"spark.archives": f"file://{submitter.artifact.packages}#environment", "spark.files": f"file://{config}"}
    told = submitter.start(submitter.command("", *job, main=[main], properties=given))
    code, shown = told.end()
    assert code == 2, told.tail()
    assert re.fullmatch(r"error: configuration in \S+/mine.yaml: unknown option 'regoin' .*\n", shown), told.tail()


def test_a_job_that_is_none(submitter: Submitter) -> None:
    job = submitter.start(submitter.command("", "sources"))
    assert job.end() == (2, f"error: {unknown_job('sources')}\n"), job.tail()
