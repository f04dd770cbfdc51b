"""Stock bqemulator ends the Arrow schema of a read session with an end-of-stream marker.

Seen by the connector: Java's ArrowStreamReader reads schema and batches as one stream, and stops at the marker; every
table reads back as zero rows, without an error. Python's client reads the two apart and does not notice.
"""

from __future__ import annotations

from typing import Any

import pyarrow
from bqemulator.streaming import read_session

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Send the schema message alone."""

    @around(read_session, "_serialise_arrow_schema")
    def serialise_arrow_schema(stock: Any, schema: pyarrow.Schema) -> bytes:
        message: bytes = schema.serialize().to_pybytes()
        return message
