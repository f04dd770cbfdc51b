"""The statement that sums up what the feature store holds of some dates.

Text in, text out; the same for every warehouse, in its dialect.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from jobs.warehouse.dialect import Dialect
from jobs.warehouse.interface import DateRange
from jobs.warehouse.schemas import Table
from jobs.warehouse.statements import DATA_SOURCES

QUALITY_TIERS = ("gold", "silver", "bronze", "poor", "unusable")


def results_statement(
    dialect: Dialect, table: Table, *, target: str, between: DateRange, listed: Sequence[datetime.date] | None = None
) -> str:
    """One row a game date, and one without a date for all of them together, of the dates between two or listed.

    Columns: `game_date`, `held` (rows), `players` (distinct), `mean_quality`, and counts of rows `source_<data source>`
    and `tier_<quality tier>`. An empty table may or may not give the row without a date.
    """
    date = table.date_column
    entity = next(key for key in table.key if key != date)
    counted = {
        **{f"source_{source}": f"data_source = '{source}'" for source in DATA_SOURCES},
        **{f"tier_{tier}": f"quality_tier = '{tier}'" for tier in QUALITY_TIERS},
    }
    counts = ",\n  ".join(f"COUNT(CASE WHEN {condition} THEN 1 END) AS {name}" for name, condition in counted.items())
    first, last = between
    asked = f"BETWEEN DATE '{first}' AND DATE '{last}'" if listed is None else f"IN {dialect.dates(listed)}"
    return f"""SELECT {date} AS game_date, COUNT(*) AS held, COUNT(DISTINCT {entity}) AS players,
  AVG(feature_quality_score) AS mean_quality,
  {counts}
FROM {target}
WHERE {date} {asked}
GROUP BY ROLLUP({date})"""
