"""Checks of statements: what they do, refuse, and say about themselves."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound
from google.auth.exceptions import RefreshError
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

from tests.bigquery_emulator.checks.check import check, new_dataset, new_table, rows, run
from tests.bigquery_emulator.checks.streams import read_as_one_stream
from tests.bigquery_emulator.corrections.refused_token import REFUSED_TOKEN
from tests.bigquery_emulator.emulator import Emulator, EmulatorDidNotStart

PLAYER_POINTS = (SchemaField("player", "STRING"), SchemaField("points", "INT64"))


@check("offline_start", fails_with=EmulatorDidNotStart, message="INSTALL/LOAD spatial failed")
def the_emulator_starts_without_a_network(emulator: Emulator) -> None:
    assert rows(emulator, "SELECT 1") == [(1,)]


def merge(target: str, source: str, on_match: str = "", on_absence: str = "") -> str:
    updates = f"WHEN MATCHED AND T.points != S.points THEN {on_match}" if on_match else ""
    inserts = f"WHEN NOT MATCHED THEN {on_absence}" if on_absence else ""
    return f"MERGE {target} T USING ({source}) S ON T.player = S.player {updates} {inserts}"


@check("merge_duplicates", fails_with=pytest.fail.Exception, message="DID NOT RAISE")
def a_merge_refuses_two_source_rows_for_one_target_row(emulator: Emulator) -> None:
    name = new_table(emulator, *PLAYER_POINTS)
    run(emulator, f"INSERT INTO {name} (player, points) VALUES ('a', 1)")
    twice = "SELECT 'a' AS player, 2 AS points UNION ALL SELECT 'a', 3"
    with pytest.raises(BadRequest, match="must match at most one source row"):
        run(emulator, merge(name, twice, on_match="UPDATE SET points = S.points"))
    assert rows(emulator, f"SELECT points FROM {name}") == [(1,)]


@check("merge_insert_row", fails_with=GoogleAPICallError, message="ROW")
def a_merge_inserts_a_row_as_it_is(emulator: Emulator) -> None:
    name = new_table(emulator, *PLAYER_POINTS)
    run(emulator, merge(name, "SELECT 'a' AS player, 2 AS points", on_absence="INSERT ROW"))
    assert rows(emulator, f"SELECT player, points FROM {name}") == [("a", 2)]


@check("dml_statistics", message="None")
def a_merge_counts_inserted_and_updated_rows_apart(emulator: Emulator) -> None:
    name = new_table(emulator, *PLAYER_POINTS)
    run(emulator, f"INSERT INTO {name} (player, points) VALUES ('a', 1), ('b', 1), ('c', 1)")
    source = "SELECT 'a' AS player, 1 AS points UNION ALL SELECT 'b', 2 UNION ALL SELECT 'd', 1 UNION ALL SELECT 'e', 1"
    insert = "INSERT (player, points) VALUES (player, points)"
    job = run(emulator, merge(name, source, "UPDATE SET points = S.points", insert))
    counts = job.dml_stats
    assert counts is not None
    assert (counts.inserted_row_count, counts.updated_row_count, counts.deleted_row_count) == (2, 1, 0)
    assert job.num_dml_affected_rows == 3


@check("job_id_once", fails_with=pytest.fail.Exception, message="DID NOT RAISE")
def a_job_id_is_used_once(emulator: Emulator) -> None:
    name = new_table(emulator, *PLAYER_POINTS)
    job_id = f"insert-{uuid.uuid4()}"
    statement = f"INSERT INTO {name} (player, points) VALUES ('a', 1)"
    run(emulator, statement, job_id=job_id, job_retry=None)
    with pytest.raises(Conflict, match="Already Exists"):
        run(emulator, statement, job_id=job_id, job_retry=None)
    assert rows(emulator, f"SELECT COUNT(*) FROM {name}") == [(1,)]


@check("load_job_id", fails_with=pytest.fail.Exception, message="DID NOT RAISE")
def a_job_id_of_a_load_is_used_once(emulator: Emulator) -> None:
    name, job_id, client = new_table(emulator, *PLAYER_POINTS), f"load-{uuid.uuid4()}", emulator.client()
    place, one_row = f"{emulator.project}.{name}", [{"player": "a", "points": 1}]
    config = bigquery.LoadJobConfig(schema=PLAYER_POINTS, write_disposition="WRITE_APPEND")
    client.load_table_from_json(one_row, place, job_id=job_id, job_config=config).result()
    with pytest.raises(Conflict, match="Already Exists"):
        client.load_table_from_json(one_row, place, job_id=job_id, job_config=config)
    assert client.get_job(job_id).state == "DONE"
    assert rows(emulator, f"SELECT COUNT(*) FROM {name}") == [(1,)]


@check("job_configuration", message="{}")
def a_job_that_is_looked_up_has_its_labels(emulator: Emulator) -> None:
    job = run(emulator, "SELECT 1", job_config=bigquery.QueryJobConfig(labels={"run": "one"}))
    assert emulator.client().get_job(job.job_id).labels == {"run": "one"}


@check("numeric_casts", message="Decimal('1.123')")
def a_cast_to_numeric_keeps_nine_decimals(emulator: Emulator) -> None:
    assert rows(emulator, "SELECT CAST('1.123456789' AS NUMERIC)") == [(Decimal("1.123456789"),)]


@check("numeric_casts", message="Decimal('1.123')")
def a_numeric_column_made_by_a_statement_keeps_nine_decimals(emulator: Emulator) -> None:
    name = f"{new_dataset(emulator)}.rows"
    run(emulator, f"CREATE TABLE {name} (score NUMERIC)")
    run(emulator, f"INSERT INTO {name} VALUES (CAST('1.123456789' AS NUMERIC))")
    assert rows(emulator, f"SELECT score FROM {name}") == [(Decimal("1.123456789"),)]


@check("refused_token", fails_with=pytest.fail.Exception, message="DID NOT RAISE")
def a_wrong_token_is_refused(emulator: Emulator) -> None:
    with pytest.raises(RefreshError, match="refresh"):
        emulator.client(REFUSED_TOKEN).get_dataset(new_dataset(emulator))


@check("query_result_tables", fails_with=NotFound, message="anon")
def the_result_of_a_query_can_be_read_as_a_table(emulator: Emulator) -> None:
    job = run(emulator, "SELECT 'a' AS player UNION ALL SELECT 'b'")
    table = read_as_one_stream(emulator, f"{job.destination.dataset_id}.{job.destination.table_id}")
    assert sorted(table["player"].to_pylist()) == ["a", "b"]


def bytes_of(emulator: Emulator, sql: str) -> int:
    config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
    return int(emulator.client().query(sql, job_config=config).total_bytes_processed)


@check("dry_run_bytes", message="0 < 0")
def a_dry_run_estimates_less_for_one_partition(emulator: Emulator) -> None:
    day = SchemaField("game_date", "DATE")
    name = new_table(emulator, *PLAYER_POINTS, day, time_partitioning=bigquery.TimePartitioning(field="game_date"))
    run(emulator, f"INSERT INTO {name} VALUES ('a', 1, DATE '2024-01-01'), ('b', 2, DATE '2024-01-02')")
    one_day = bytes_of(emulator, f"SELECT points FROM {name} WHERE game_date = '2024-01-01'")
    assert 0 < one_day < bytes_of(emulator, f"SELECT points, game_date FROM {name}")
