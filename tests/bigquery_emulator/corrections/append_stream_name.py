"""Stock bqemulator looks for the stream's name in every AppendRows request; a client sends it in the first one only.

Seen by the connector: a write of more rows than fit into one request fails with "Stream not found".
"""

from __future__ import annotations

from typing import Any

from bqemulator.grpc_api.write_servicer import BigQueryWriteHandler

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Take a request without a name for the connection's stream."""

    @around(BigQueryWriteHandler, "_ensure_stream_bound")
    def ensure_stream_bound(stock: Any, handler: Any, name: str, bound: Any, context: Any) -> Any:
        if bound is not None and not name:
            return bound
        return stock(handler, name, bound, context)
