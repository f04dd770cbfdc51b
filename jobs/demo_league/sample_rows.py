"""Some rows of the feature store as the demo shows them."""

from __future__ import annotations

from typing import Any

from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.interface import Warehouse

SHOWN = ("points_avg_last_5", "fatigue_score", "team_win_pct")
_ROWS_BY_SOURCE = 2


def sample_rows(warehouse: Warehouse, dates: RequestedDates) -> list[dict[str, Any]]:
    """The newest rows of each data_source, by quality; features by name, NULL where the row is a placeholder."""
    named = ", ".join(
        f"get(features, CAST(array_position(feature_names, '{name}') - 1 AS INT)) AS {name}" for name in SHOWN
    )
    return warehouse.query(f"""
        SELECT game_date, player_lookup, feature_quality_score, data_source, {named}
        FROM (
            SELECT *, ROW_NUMBER() OVER (
                PARTITION BY data_source ORDER BY game_date DESC, feature_quality_score DESC, player_lookup
            ) AS position
            FROM {warehouse.sql_name(ML_FEATURE_STORE)}
            WHERE game_date BETWEEN DATE '{dates.start}' AND DATE '{dates.end}'
        )
        WHERE position <= {_ROWS_BY_SOURCE}
        ORDER BY game_date, data_source, player_lookup
    """)
