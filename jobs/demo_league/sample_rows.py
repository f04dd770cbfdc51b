"""Some rows of the feature store as the demo shows them, and what to try after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table as RichTable

from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import ML_FEATURE_STORE
from jobs.warehouse.interface import Warehouse

_SHOWN = ("points_avg_last_5", "fatigue_score", "team_win_pct")
_ROWS_BY_SOURCE = 2


def sample_rows(warehouse: Warehouse, dates: RequestedDates) -> list[dict[str, Any]]:
    """The newest rows of each data_source, by quality; features by name, NULL where the row is a placeholder."""
    named = ", ".join(
        f"get(features, CAST(array_position(feature_names, '{name}') - 1 AS INT)) AS {name}" for name in _SHOWN
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


def print_rows(rows: list[dict[str, Any]]) -> None:
    """The rows as a table; a placeholder shows no features."""
    console = Console(highlight=False, soft_wrap=True)
    table = RichTable(
        title="some rows of nba_predictions.ml_feature_store_v2",
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for name in ("game_date", "player_lookup", "quality", "data_source"):
        table.add_column(name, no_wrap=True)
    for name in _SHOWN:
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        values = ["" if row[name] is None else f"{row[name]:.2f}" for name in _SHOWN]
        quality = f"{row['feature_quality_score']:.2f}"
        table.add_row(str(row["game_date"]), row["player_lookup"], quality, row["data_source"], *values)
    console.print(table)


def print_next_steps(warehouse: Path) -> None:
    """Commands that work on the demo's warehouse."""
    back_fill = f"./spark-submit.sh local backfill_features --warehouse-path {warehouse}"
    for line in (
        "Try next:",
        "  ./spark-submit.sh local demo        the same again: every row is unchanged, nothing is written",
        f"  {back_fill} --start 2021-12-01 --end 2021-12-05",
        "                                      the days after, of which every table is there",
        f"  {back_fill} --start 2021-11-01 --end 2021-11-30 --on-missing fail --dry-run",
        "                                      which dates lack which tables; nothing is written",
    ):
        Console(highlight=False, soft_wrap=True).print(line, markup=False)
