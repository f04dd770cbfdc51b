"""The SQL that both warehouses are spoken to in, and the few words in which they differ.

Statements are made in `statements` and `counting_statements`; nothing is executed here.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from jobs.schemas.tables import Column, Constant

DateRange = tuple[datetime.date, datetime.date]


class Dialect(ABC):
    """One warehouse's SQL."""

    def dates(self, game_dates: Iterable[datetime.date]) -> str:
        """A parenthesised list of literal dates, which both engines prune partitions by."""
        return "(" + ", ".join(f"DATE '{game_date}'" for game_date in sorted(game_dates)) + ")"

    def quoted(self, name: str) -> str:
        """A column's name in quotes."""
        return f"`{name}`"

    def constant(self, column: Constant) -> str:
        """The one value of a column, in its type."""
        if isinstance(column.value, tuple):
            return self.array(map(_literal, column.value))
        return f"CAST({_literal(column.value)} AS {self.type_name(column)})"

    def array(self, elements: Iterable[str]) -> str:
        """An array of these elements."""
        return f"[{', '.join(elements)}]"

    def type_name(self, column: Column) -> str:
        """The type of a column."""
        return column.spark_type.simpleString().upper()

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


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    return "NULL" if value is None else str(value).upper()


Question = Callable[[Dialect], str]
"""A SELECT, made in the dialect of whoever is to answer it."""
