"""Small helpers for columns that every step uses; nothing of basketball."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column


def named(columns: Mapping[str, Column]) -> list[Column]:
    """The columns under their names, for a `select`."""
    return [column.alias(name) for name, column in columns.items()]
