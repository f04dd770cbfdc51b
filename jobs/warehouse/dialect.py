"""The SQL that both warehouses are spoken to in, and the few words in which they differ.

Statements are made in `statements` and `counting_statements`; nothing is executed here.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

DateRange = tuple[datetime.date, datetime.date]


class Dialect(ABC):
    """One warehouse's SQL."""

    def dates(self, game_dates: Iterable[datetime.date]) -> str:
        """A parenthesised list of literal dates, which both engines prune partitions by."""
        return "(" + ", ".join(f"DATE '{game_date}'" for game_date in sorted(game_dates)) + ")"

    def quoted(self, name: str) -> str:
        """A column's name in quotes."""
        return f"`{name}`"

    @property
    def integer(self) -> str:
        """The type of whole numbers."""
        return "BIGINT"

    def in_order_of(self, column: str) -> str:
        """What a SELECT begins with, so that its rows are written to files of few values of a column.

        Nothing where the warehouse clusters a table by itself.
        """
        return ""

    def mean(self, column: str) -> str:
        """The mean of a column of decimals, NULL without a value."""
        return f"AVG({column})"

    @abstractmethod
    def array_size(self, array: str) -> str:
        """How many elements an array has; 0 for a NULL array."""

    @abstractmethod
    def any_not_finite(self, array: str) -> str:
        """Whether an array of doubles holds a NULL, a NaN or an infinity."""

    @abstractmethod
    def any_null(self, array: str) -> str:
        """Whether an array holds a NULL."""

    @abstractmethod
    def element(self, array: str, index: int) -> str:
        """An element of an array, counted from 0; NULL beyond its end."""

    @abstractmethod
    def unnested(self, table: str, array: str, alias: str, column: str) -> str:
        """What a SELECT reads from to have one row per element of an array of a table, as `alias.column`."""


Question = Callable[[Dialect], str]
"""A SELECT, made in the dialect of whoever is to answer it."""
