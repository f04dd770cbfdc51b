"""Stock bqemulator forgets a table's `expirationTime`.

Seen: `Table.expires` is None after a table was created, or updated, to expire. Tables do not expire here either way.
"""

from __future__ import annotations

import datetime
from typing import Any

from bqemulator.api.routes import tables

from tests.bigquery_emulator.corrections.wrapping import around


def apply() -> None:
    """Keep the time and answer with it."""

    @around(tables, "_rest_to_table_meta")
    def rest_to_table(
        stock: Any, project: str, dataset: str, body: dict[str, Any], clock: Any, existing: Any = None
    ) -> Any:
        table = stock(project, dataset, body, clock, existing)
        expires = existing.expiration_time if existing else None
        if "expirationTime" in body:
            expires = _time(body["expirationTime"])
        return table.model_copy(update={"expiration_time": expires})

    @around(tables, "_table_to_rest")
    def table_to_rest(stock: Any, table: Any) -> dict[str, Any]:
        answer: dict[str, Any] = stock(table)
        if table.expiration_time:
            answer["expirationTime"] = str(int(table.expiration_time.timestamp() * 1000))
        return answer


def _time(milliseconds: str | int | None) -> datetime.datetime | None:
    if milliseconds is None:
        return None
    return datetime.datetime.fromtimestamp(int(milliseconds) / 1000, datetime.timezone.utc)
