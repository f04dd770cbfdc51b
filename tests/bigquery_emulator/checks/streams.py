"""Checks of the Storage Read and Write APIs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
import requests
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.cloud.bigquery import SchemaField
from google.cloud.bigquery_storage_v1 import types

from tests.bigquery_emulator.checks.appended_rows import SECONDS, append
from tests.bigquery_emulator.checks.check import check, new_table, rows, run
from tests.bigquery_emulator.emulator import Emulator

PLAYER = SchemaField("player", "STRING")


class GarbledOrHanging(AssertionError):  # noqa: N818
    """Statements of several threads got in each other's way: which way is a matter of chance."""


def read_session(emulator: Emulator, name: str) -> types.ReadSession:
    dataset, table = name.split(".")
    return emulator.read_client().create_read_session(
        parent=f"projects/{emulator.project}",
        read_session=types.ReadSession(
            table=f"projects/{emulator.project}/datasets/{dataset}/tables/{table}", data_format=types.DataFormat.ARROW
        ),
        max_stream_count=1,
    )


def read_as_one_stream(emulator: Emulator, name: str) -> pa.Table:
    """The table as Java reads it: schema and batches are one Arrow stream."""
    session = read_session(emulator, name)
    answers = emulator.read_client().read_rows(session.streams[0].name)  # type: ignore[no-untyped-call]
    batches = b"".join(answer.arrow_record_batch.serialized_record_batch for answer in answers)
    return pa.ipc.open_stream(session.arrow_schema.serialized_schema + batches).read_all()


@check("arrow_schema", message="[]")
def schema_and_batches_are_one_arrow_stream(emulator: Emulator) -> None:
    name = new_table(emulator, PLAYER)
    run(emulator, f"INSERT INTO {name} (player) VALUES ('a'), ('b')")
    assert read_as_one_stream(emulator, name).to_pylist() == [{"player": "a"}, {"player": "b"}]


@check("append_stream_name", fails_with=NotFound, message="Stream not found")
def only_the_first_request_of_a_connection_names_its_stream(emulator: Emulator) -> None:
    name = new_table(emulator, PLAYER)
    append(emulator, name, [{"player": "a"}], [{"player": "b"}])
    assert rows(emulator, f"SELECT player FROM {name} ORDER BY player") == [("a",), ("b",)]


@check("required_columns", fails_with=pytest.fail.Exception, message="DID NOT RAISE")
def an_append_of_null_to_a_required_column_is_refused(emulator: Emulator) -> None:
    name = new_table(emulator, SchemaField("player", "STRING", mode="REQUIRED"))
    with pytest.raises(ValueError, match="Field player is REQUIRED"):
        append(emulator, name, [{}])


@check("one_statement_at_a_time", fails_with=GarbledOrHanging)
def queries_and_appends_at_the_same_time_do_not_mix(emulator: Emulator) -> None:
    name = new_table(emulator, PLAYER)
    url = f"{emulator.rest_endpoint}/bigquery/v2/projects/{emulator.project}/queries"

    def append_or_query(number: int) -> set[str]:
        if number % 2:
            append(emulator, name, *[[{"player": "a"}] * 50] * 3)
            return {str(number)}
        sql = f"SELECT {number} FROM UNNEST(GENERATE_ARRAY(1, 500))"
        answer = requests.post(url, json={"query": sql, "useLegacySql": False}, timeout=SECONDS).json()
        return {row["f"][0]["v"] for row in answer.get("rows", [])}

    try:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(append_or_query, range(100)))
    except (GoogleAPICallError, requests.Timeout) as failure:
        raise GarbledOrHanging(str(failure)) from failure
    if answers != [{str(number)} for number in range(100)]:
        raise GarbledOrHanging(f"answers to other queries: {answers}")
    assert rows(emulator, f"SELECT COUNT(*) FROM {name}") == [(50 * 150,)]
