"""Rows decoded by column are the rows that the stock code decodes one by one."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from google.cloud.bigquery import SchemaField

from tests.bigquery_emulator.certificate import Certificate
from tests.bigquery_emulator.checks.appended_rows import append
from tests.bigquery_emulator.checks.check import new_table, rows
from tests.bigquery_emulator.emulator import Emulator

COLUMNS = (
    SchemaField("player", "STRING"),
    SchemaField("points", "INTEGER"),
    SchemaField("share", "FLOAT"),
    SchemaField("home", "BOOLEAN"),
    SchemaField("game_date", "DATE"),
    SchemaField("created_at", "TIMESTAMP"),
    SchemaField("score", "NUMERIC"),
    SchemaField("features", "FLOAT", mode="REPEATED"),
    SchemaField("names", "STRING", mode="REPEATED"),
)
FULL = {
    "player": "a",
    "points": -1,
    "share": 0.1,
    "home": True,
    "game_date": 19723,
    "created_at": 1704067200123456,
    "score": "12.345678901",
    "features": [0.1, 2.0],
    "names": ["x", ""],
}


@pytest.mark.parametrize("without", [(), ("column_decoding",)], ids=["by column", "by row"])
def test_appended_rows_are_stored_as_sent(without: tuple[str, ...], certificate: Certificate, tmp_path: Path) -> None:
    with Emulator(certificate, tmp_path / "log", without=without) as emulator:
        name = new_table(emulator, *COLUMNS)
        append(emulator, name, [FULL, {"player": "b"}])
        assert rows(emulator, f"SELECT * FROM {name} ORDER BY player") == [
            (
                "a",
                -1,
                0.1,
                True,
                datetime.date(2024, 1, 1),
                datetime.datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=datetime.timezone.utc),
                Decimal("12.345678901"),
                [0.1, 2.0],
                ["x", ""],
            ),
            ("b", None, None, None, None, None, None, [], []),
        ]
