"""Spark's jars for the tests: fetched once, before two processes would both do it."""

from __future__ import annotations

from pathlib import Path

import pyspark

from jobs.config.settings import load_settings
from jobs.spark.session import Start, fetched_jars

_ENGINE = load_settings({}, environment={}).engine
_KNOWN = _ENGINE.packages_of(pyspark.__version__)
# The other file systems are large, and each is loaded where it is tested.
OF_THE_SUITE = ("delta", "bigquery", "gs")
_OF_JOBS = (("delta",), ("bigquery",), ("delta", "bigquery"), ("delta", "gs"))


def jars_of(*names: str) -> list[Path]:
    """The jars of these packages, as far as there are some for this Spark."""
    return fetched_jars(Start(_ENGINE, {name: _KNOWN[name] for name in names if name in _KNOWN}))


def fetch_all() -> None:
    """Those of jobs that tests start or submit, and those of the suite's own session."""
    for names in (*_OF_JOBS, OF_THE_SUITE):
        if _KNOWN.keys() & {*names}:
            jars_of(*names)
