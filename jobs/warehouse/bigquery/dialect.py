"""The SQL that BigQuery is spoken to in."""

from __future__ import annotations

from jobs.schemas.tables import Column
from jobs.warehouse.dialect import Dialect


class BigQueryDialect(Dialect):
    """GoogleSQL."""

    def type_name(self, column: Column) -> str:
        """Takes the contract's, which are BigQuery's."""
        return column.type

    def array_size(self, array: str) -> str:
        """Replaces the NULL that is the length of a NULL array."""
        return f"COALESCE(ARRAY_LENGTH({array}), 0)"

    def any_not_finite(self, array: str) -> str:
        """Selects the elements in a sub-query."""
        return f"EXISTS(SELECT 1 FROM UNNEST({array}) AS value WHERE value IS NULL OR IS_NAN(value) OR IS_INF(value))"

    def any_null(self, array: str) -> str:
        """Selects the elements in a sub-query."""
        return f"EXISTS(SELECT 1 FROM UNNEST({array}) AS value WHERE value IS NULL)"

    def element(self, array: str, index: int) -> str:
        """Takes a safe offset."""
        return f"{array}[SAFE_OFFSET({index})]"

    def unnested(self, table: str, array: str, alias: str, column: str) -> str:
        """Joins a table with the elements of its array, as a sub-query with a name for them."""
        return f"(SELECT {column} FROM {table} AS of_array, UNNEST(of_array.{array}) AS {column}) AS {alias}"
