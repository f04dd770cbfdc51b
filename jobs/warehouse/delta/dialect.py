"""The SQL that Delta tables are spoken to in, which is Spark's."""

from __future__ import annotations

from jobs.warehouse.dialect import Dialect


class SparkDialect(Dialect):
    """Spark SQL, 3.5 and 4."""

    def in_order_of(self, column: str) -> str:
        """Each task gets a range of values; a window by this column and others asks for no further exchange."""
        return f"/*+ REPARTITION_BY_RANGE({column}) */ "

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
