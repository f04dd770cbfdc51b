"""The SQL that Delta tables are spoken to in: Spark's, and DuckDB's where that reads their files."""

from __future__ import annotations

from collections.abc import Iterable

from jobs.warehouse.dialect import Dialect


class _ExactMeans(Dialect):
    """Both engines cut means of decimals or take doubles for them, each by its own rule."""

    def mean(self, column: str) -> str:
        """One division of doubles, of a sum that is exact: the same on both."""
        return f"CAST(SUM({column}) AS DOUBLE) / NULLIF(COUNT({column}), 0)"


class SparkDialect(_ExactMeans):
    """Spark SQL, 3.5 and 4."""

    def in_order_of(self, column: str) -> str:
        """Each task gets a range of values; a window by this column and others asks for no further exchange."""
        return f"/*+ REPARTITION_BY_RANGE({column}) */ "

    def array(self, elements: Iterable[str]) -> str:
        """Calls a function; Spark has no literal for it."""
        return f"ARRAY({', '.join(elements)})"

    def array_size(self, array: str) -> str:
        """Spark's `size` of a NULL is -1 or NULL, by its settings."""
        return f"COALESCE(CASE WHEN {array} IS NOT NULL THEN SIZE({array}) END, 0)"

    def any_not_finite(self, array: str) -> str:
        """Infinity minus itself is NaN: one comparison finds both."""
        return f"EXISTS({array}, value -> value IS NULL OR ISNAN(value - value))"

    def any_null(self, array: str) -> str:
        """Tests each element by a lambda."""
        return f"EXISTS({array}, value -> value IS NULL)"

    def element(self, array: str, index: int) -> str:
        """Calls GET, which fails for no index, ANSI or not."""
        return f"GET({array}, {index})"

    def unnested(self, table: str, array: str, alias: str, column: str) -> str:
        """Explodes in a lateral view."""
        return f"{table} LATERAL VIEW EXPLODE({array}) {alias} AS {column}"


class DuckDBDialect(_ExactMeans):
    """DuckDB's SQL; without lambdas, of which its versions differ in how they are written."""

    def quoted(self, name: str) -> str:
        """A column's name in the quotes of the standard."""
        return f'"{name}"'

    def array_size(self, array: str) -> str:
        """Of a NULL the length is NULL."""
        return f"COALESCE(LEN({array}), 0)"

    def any_not_finite(self, array: str) -> str:
        """NaN is above infinity in its order: the greatest and the least tell of all."""
        extremes = " OR ".join(f"NOT ISFINITE({of}({array}))" for of in ("LIST_MAX", "LIST_MIN"))
        return f"COALESCE({self.any_null(array)} OR {extremes}, FALSE)"

    def any_null(self, array: str) -> str:
        """Compares the length with the number of values."""
        return f"COALESCE(LEN({array}) > LIST_COUNT({array}), FALSE)"

    def element(self, array: str, index: int) -> str:
        """Counts from 1."""
        return f"{array}[{index + 1}]"

    def unnested(self, table: str, array: str, alias: str, column: str) -> str:
        """Joins each row with its elements."""
        return f"{table}, UNNEST({array}) AS {alias}({column})"
