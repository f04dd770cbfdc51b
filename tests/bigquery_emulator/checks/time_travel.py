"""Checks of FOR SYSTEM_TIME AS OF, by which a rollback finds what was there before."""

from __future__ import annotations

import datetime
import time

from google.api_core.exceptions import InternalServerError
from google.cloud.bigquery import SchemaField

from tests.bigquery_emulator.checks.check import check, new_table, rows, run
from tests.bigquery_emulator.emulator import Emulator

BETWEEN = 0.02
"""Seconds by which a time differs from those of the statements around it."""


def now() -> str:
    time.sleep(BETWEEN)
    moment = datetime.datetime.now(datetime.timezone.utc)
    time.sleep(BETWEEN)
    return moment.isoformat()


def players_at(emulator: Emulator, name: str, moment: str) -> list[str]:
    found = rows(emulator, f"SELECT player FROM {name} FOR SYSTEM_TIME AS OF TIMESTAMP '{moment}' ORDER BY player")
    return [player for (player,) in found]


@check("time_travel_to_creation", fails_with=InternalServerError, message="first captured state")
def a_table_was_empty_before_its_first_change(emulator: Emulator) -> None:
    name = new_table(emulator, SchemaField("player", "STRING"))
    moment = now()
    run(emulator, f"INSERT INTO {name} (player) VALUES ('a')")
    assert players_at(emulator, name, moment) == []


@check("time_travel_after_script", message="['a', 'b']")
def the_state_after_a_transaction_is_kept(emulator: Emulator) -> None:
    name = new_table(emulator, SchemaField("player", "STRING"))
    run(emulator, f"INSERT INTO {name} (player) VALUES ('a'), ('b')")
    replace = f"DELETE FROM {name} WHERE TRUE; INSERT INTO {name} (player) VALUES ('c');"
    run(emulator, f"BEGIN TRANSACTION; {replace} COMMIT TRANSACTION;")
    moment = now()
    run(emulator, f"DELETE FROM {name} WHERE TRUE")
    assert players_at(emulator, name, moment) == ["c"]
