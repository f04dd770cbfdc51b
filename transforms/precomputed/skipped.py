"""When a request has no row in a table, and why: what the tables say of the players that they leave out."""

from __future__ import annotations

from typing import NamedTuple

from pyspark.sql import Column
from pyspark.sql import functions as F


class Skipped(NamedTuple):
    """The condition under which there is no row, the reason, and the detail."""

    when: Column
    reason: Column
    detail: Column


def never() -> Skipped:
    """Of a table that has a row for every request."""
    return Skipped(F.lit(False), F.lit(None).cast("string"), F.lit(None).cast("string"))
