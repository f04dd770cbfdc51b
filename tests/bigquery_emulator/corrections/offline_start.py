"""Stock bqemulator downloads DuckDB's `spatial` extension at every start, and does not start without a network.

Seen: "INSTALL/LOAD spatial failed" and no server at all. GEOGRAPHY is not emulated with this correction.
"""

from __future__ import annotations

from typing import Any

from bqemulator.storage.engine import DuckDBEngine

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Start without the extension."""

    @around(DuckDBEngine, "_load_spatial")
    def load_spatial(stock: Any, engine: DuckDBEngine) -> None:
        """Load nothing."""
