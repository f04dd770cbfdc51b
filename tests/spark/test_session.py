"""What Spark is told when it starts on this machine, by the size of the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark import SparkContext

from jobs.config.settings import Engine
from jobs.spark.session import Start

JAVA = Path("/usr/lib/jvm/java")


@pytest.mark.parametrize(("megabytes", "page"), [(99.0, "2m"), (101.0, None)])
def test_only_small_runs_have_small_pages(monkeypatch: pytest.MonkeyPatch, megabytes: float, page: str | None) -> None:
    # The JVM of the suite, where there is one, has settings that it would add.
    monkeypatch.setattr(SparkContext, "_jvm", None)
    start = Start(Engine.model_validate({"full_compiler_megabytes": 100}), {}, megabytes=megabytes)
    assert start.spark_conf(JAVA, None).get("spark.buffer.pageSize") == page
