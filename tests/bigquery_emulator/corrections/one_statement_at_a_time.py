"""Stock bqemulator shares one DuckDB connection among all its threads, each of which fetches what another executed.

Seen: while rows are appended to a default stream, a query has the rows of another one, or the emulator hangs.
"""

from __future__ import annotations

import threading
from typing import Any

from bqemulator.grpc_api.write_servicer import BigQueryWriteHandler
from bqemulator.storage.engine import DuckDBEngine

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Execute and fetch as one step, one thread at a time."""
    lock = threading.RLock()
    statements = [(DuckDBEngine, "execute"), (DuckDBEngine, "fetch_arrow"), (BigQueryWriteHandler, "_flush_to_target")]
    for owner, name in statements:

        @around(owner, name)
        def in_turn(stock: Any, *positional: Any, **named: Any) -> Any:
            with lock:
                return stock(*positional, **named)
