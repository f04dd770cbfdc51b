"""Checks of what the emulator keeps of a table and says about it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from google.api_core.exceptions import BadRequest, InternalServerError, NotFound
from google.api_core.retry import Retry
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField, TimePartitioning

from tests.bigquery_emulator.checks.check import check, new_table, rows, run
from tests.bigquery_emulator.emulator import Emulator


@check("type_names", message="'INT64'")
def columns_have_the_legacy_names_of_their_types(emulator: Emulator) -> None:
    name = new_table(emulator, *(SchemaField(type_, type_) for type_ in ("INT64", "FLOAT64", "BOOL", "STRING")))
    assert [column.field_type for column in emulator.client().get_table(name).schema] == [
        "INTEGER",
        "FLOAT",
        "BOOLEAN",
        "STRING",
    ]


@check("decimal_precision", message="(None, None)")
def a_decimal_column_keeps_precision_and_scale(emulator: Emulator) -> None:
    name = new_table(emulator, SchemaField("score", "NUMERIC", precision=5, scale=2))
    (column,) = emulator.client().get_table(name).schema
    assert (column.precision, column.scale) == (5, 2)


@check("decimal_precision", message="Decimal('1.239000000')")
def a_decimal_is_rounded_to_the_scale_of_its_column(emulator: Emulator) -> None:
    name = new_table(emulator, SchemaField("score", "NUMERIC", precision=5, scale=2))
    run(emulator, f"INSERT INTO {name} (score) VALUES (1.239)")
    assert rows(emulator, f"SELECT score FROM {name}") == [(Decimal("1.24"),)]


@check("required_columns", fails_with=pytest.fail.Exception, message="DID NOT RAISE")
def a_required_column_refuses_null(emulator: Emulator) -> None:
    name = new_table(emulator, SchemaField("player", "STRING", mode="REQUIRED"))
    with pytest.raises(BadRequest, match="player"):
        run(emulator, f"INSERT INTO {name} (player) VALUES (NULL)")


@check("missing_dataset", fails_with=InternalServerError)
def a_table_in_a_dataset_that_does_not_exist_is_not_found(emulator: Emulator) -> None:
    table = bigquery.Table(f"{emulator.project}.nowhere.rows", [SchemaField("player", "STRING")])
    with pytest.raises(NotFound, match="Not found: Dataset test-project:nowhere"):
        emulator.client().create_table(table, retry=Retry(lambda error: False))


@check("missing_dataset", fails_with=BadRequest, message="Schema with name")
def a_create_table_statement_for_a_dataset_that_does_not_exist_finds_none(emulator: Emulator) -> None:
    with pytest.raises(NotFound, match="Not found: Dataset test-project:nowhere"):
        run(emulator, "CREATE TABLE nowhere.rows (player STRING)")


@check("table_expiration", message="None")
def a_table_keeps_the_time_at_which_it_expires(emulator: Emulator) -> None:
    expires = datetime.datetime(2037, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    name = new_table(emulator, SchemaField("player", "STRING"), expires=expires)
    assert emulator.client().get_table(name).expires == expires


@check("partition_filter", message="None")
def a_table_keeps_that_it_asks_for_a_filter_on_its_date(emulator: Emulator) -> None:
    partitions = TimePartitioning(field="day", expiration_ms=30 * 86_400_000)
    asked = {"time_partitioning": partitions, "require_partition_filter": True}
    name = new_table(emulator, SchemaField("day", "DATE"), **asked)
    table = emulator.client().get_table(name)
    assert (table.require_partition_filter, table.time_partitioning.expiration_ms) == (True, 30 * 86_400_000)


@check("row_counts", message="(0, 0)")
def rows_are_counted_after_dml(emulator: Emulator) -> None:
    name = new_table(emulator, SchemaField("player", "STRING"))
    run(emulator, f"INSERT INTO {name} (player) VALUES ('a'), ('b')")
    table = emulator.client().get_table(name)
    assert (table.num_rows, table.num_bytes) == (2, 16)


@check("upload_media_type", fails_with=BadRequest, message="*/*")
def rows_are_loaded_from_json(emulator: Emulator) -> None:
    columns = [SchemaField("player", "STRING"), SchemaField("points", "INT64")]
    name = new_table(emulator, *columns)
    loaded = [{"player": "a", "points": 1}, {"player": "b", "points": 2}]
    emulator.client().load_table_from_json(loaded, name, job_config=bigquery.LoadJobConfig(schema=columns)).result()
    assert rows(emulator, f"SELECT player, points FROM {name} ORDER BY player") == [("a", 1), ("b", 2)]
