"""The text of the statements, for what the emulator cannot show: pruning by literal dates, one statement a slice."""

from __future__ import annotations

import datetime
import re

import sqlglot
from sqlglot import exp

from jobs.schemas.tables import ML_FEATURE_STORE, NBAC_SCHEDULE, PLAYER_DAILY_CACHE, SOURCES
from jobs.warehouse.bigquery.dialect import BigQueryDialect
from jobs.warehouse.bigquery.tables import overwrite_statement, read_statement
from jobs.warehouse.statements import merge_statement, staged_dates_statement

DATES = [datetime.date(2021, 11, 2), datetime.date(2021, 11, 1)]
LITERALS = "(DATE '2021-11-01', DATE '2021-11-02')"
NAMES = {"target": "`p.d.t`", "staging": "`p.d.t_staging_run`"}
DIALECT = BigQueryDialect()
TABLE = ML_FEATURE_STORE


def merge() -> str:
    return merge_statement(
        DIALECT, TABLE, TABLE.columns, target=NAMES["target"], staging=NAMES["staging"], game_dates=DATES
    )


def test_a_merge_names_literal_dates_on_the_partitions_of_both_tables() -> None:
    assert f"AND target.`game_date` IN {LITERALS}" in merge()
    assert f"FROM `p.d.t_staging_run`\n    WHERE `game_date` IN {LITERALS}" in merge()


def test_a_merge_de_duplicates_its_source() -> None:
    assert "ROW_NUMBER() OVER (PARTITION BY `player_lookup`, `game_date` ORDER BY `created_at` DESC, `data_hash`)" in (
        merge()
    )
    assert "WHERE newest = 1" in merge()


def test_a_merge_updates_where_the_hash_differs_and_leaves_alone_what_is_not_its_own() -> None:
    assert "WHEN MATCHED AND target.`data_hash` IS DISTINCT FROM staged.`data_hash` THEN UPDATE SET" in merge()
    updated = merge().split("UPDATE SET")[1].split("WHEN NOT MATCHED")[0]
    assigned = re.findall(r"^\s*`(\w+)` =", updated, re.MULTILINE)
    assert "created_at" not in assigned
    assert "circuit_breaker_active" not in assigned
    assert "`updated_at` = staged.`created_at`" in updated


def test_every_statement_is_googlesql() -> None:
    statements = [
        merge(),
        overwrite_statement(DIALECT, TABLE, TABLE.columns, **NAMES, game_dates=DATES),
        staged_dates_statement(DIALECT, TABLE, **NAMES, columns=TABLE.columns, game_dates=DATES, features=25),
        *(read_statement(f"`p.d.{table.name}`", table, (DATES[1], DATES[0])) for table in SOURCES),
    ]
    for statement in statements:
        assert all(sqlglot.parse(statement, read="bigquery"))


def test_an_overwrite_is_one_transaction() -> None:
    statement = overwrite_statement(DIALECT, TABLE, TABLE.columns, **NAMES, game_dates=DATES)
    begin, delete, insert, commit = statement.rstrip(";").split(";\n")
    assert (begin, commit) == ("BEGIN TRANSACTION", "COMMIT TRANSACTION")
    assert delete == f"DELETE FROM `p.d.t` WHERE `game_date` IN {LITERALS}"
    assert insert.startswith("INSERT INTO `p.d.t` (`player_lookup`, ")
    assert "WHERE newest = 1" in insert


def test_a_read_is_estimated_with_its_columns_and_its_filter() -> None:
    statement = read_statement("`p.d.t`", PLAYER_DAILY_CACHE, (DATES[1], DATES[0]))
    select = sqlglot.parse_one(statement, read="bigquery")
    assert isinstance(select, exp.Select)
    assert [column.alias_or_name for column in select.selects] == PLAYER_DAILY_CACHE.column_names
    where = "WHERE `cache_date` IS NULL OR `cache_date` BETWEEN DATE '2021-11-01' AND DATE '2021-11-02'"
    assert statement.endswith(where)
    assert "WHERE" not in read_statement("`p.d.t`", NBAC_SCHEDULE, None)


def test_what_is_staged_is_checked_for_nulls_in_arrays_and_for_the_number_of_features() -> None:
    statement = staged_dates_statement(DIALECT, TABLE, **NAMES, columns=TABLE.columns, game_dates=DATES, features=25)
    assert "COALESCE(ARRAY_LENGTH(staged.features), 0) = 25 AND staged.feature_count = 25" in statement
    for array in ("feature_names", "data_quality_issues", "feature_sources"):
        assert f"EXISTS(SELECT 1 FROM UNNEST(staged.{array}) AS value WHERE value IS NULL)" in statement
    assert f"FROM `p.d.t` WHERE game_date IN {LITERALS}" in statement
