"""The warnings of feature rows, staged or stored: the counts that they are found by, and what may be constant.

Reads by two statements at most; what is worth a warning is decided in `planning.run_warnings`.
"""

from __future__ import annotations

from collections.abc import Collection

from jobs.planning.run_warnings import (
    FeatureCounts,
    RunWarning,
    constant_features,
    default_jumps,
    values_out_of_range,
)
from jobs.schemas.tables import Table
from jobs.warehouse.counting_statements import feature_counts_statement, out_of_range_statement
from jobs.warehouse.dialect import DateRange
from jobs.warehouse.interface import Warehouse
from transforms.catalogue import FEATURE_NAMES, FEATURES


def found_warnings(
    warehouse: Warehouse, table: Table, name: str, columns: Collection[str], between: DateRange
) -> list[RunWarning]:
    """Of the rows of these dates in the table called `name` in a statement, which has these columns."""
    features = len(FEATURE_NAMES)
    rows = warehouse.ask(lambda dialect: feature_counts_statement(dialect, table, name, columns, between, features))
    counts = [FeatureCounts.from_row(row, features) for row in rows]
    out_of_range = {}
    if any(row.get("out_of_range") for row in rows):
        noted = warehouse.ask(lambda dialect: out_of_range_statement(dialect, name))
        out_of_range = {row["name"]: row["number"] for row in noted}
    return [
        *values_out_of_range(out_of_range),
        *constant_features(counts, FEATURE_NAMES, MAY_BE_CONSTANT),
        *default_jumps(counts, FEATURE_NAMES),
    ]


MAY_BE_CONSTANT = [feature.name for feature in FEATURES if feature.may_be_constant]
