"""The SQL that both warehouses are spoken to in, and the few words in which they differ.

Statements are made in `statements`; nothing is executed here.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterable

DateRange = tuple[datetime.date, datetime.date]


class Dialect(ABC):
    """One warehouse's SQL."""

    def dates(self, game_dates: Iterable[datetime.date]) -> str:
        """A parenthesised list of literal dates, which both engines prune partitions by."""
        return "(" + ", ".join(f"DATE '{game_date}'" for game_date in sorted(game_dates)) + ")"

    def quoted(self, name: str) -> str:
        """A column's name in quotes."""
        return f"`{name}`"

    @abstractmethod
    def array_size(self, array: str) -> str:
        """How many elements an array has; 0 for a NULL array."""

    @abstractmethod
    def any_not_finite(self, array: str) -> str:
        """Whether an array of doubles holds a NULL, a NaN or an infinity."""

    @abstractmethod
    def any_null(self, array: str) -> str:
        """Whether an array holds a NULL."""


class SparkDialect(Dialect):
    """Spark SQL, 3.5 and 4."""

    def array_size(self, array: str) -> str:
        """Spark's `size` of a NULL is -1 or NULL, by its settings."""
        return f"COALESCE(CASE WHEN {array} IS NOT NULL THEN SIZE({array}) END, 0)"

    def any_not_finite(self, array: str) -> str:
        """Infinity minus itself is NaN: one comparison finds both."""
        return f"EXISTS({array}, value -> value IS NULL OR ISNAN(value - value))"

    def any_null(self, array: str) -> str:
        """Tests each element by a lambda."""
        return f"EXISTS({array}, value -> value IS NULL)"


class BigQueryDialect(Dialect):
    """GoogleSQL."""

    def array_size(self, array: str) -> str:
        """Replaces the NULL that is the length of a NULL array."""
        return f"COALESCE(ARRAY_LENGTH({array}), 0)"

    def any_not_finite(self, array: str) -> str:
        """Selects the elements in a sub-query."""
        return f"EXISTS(SELECT 1 FROM UNNEST({array}) AS value WHERE value IS NULL OR IS_NAN(value) OR IS_INF(value))"

    def any_null(self, array: str) -> str:
        """Selects the elements in a sub-query."""
        return f"EXISTS(SELECT 1 FROM UNNEST({array}) AS value WHERE value IS NULL)"
