"""The text of the statements, for what the emulator cannot show: pruning by literal dates, one statement a slice."""

from __future__ import annotations

import datetime
import re

import pytest
import sqlglot
from google.cloud import bigquery
from google.cloud.bigquery import TimePartitioning
from sqlglot import exp

from jobs.schemas.tables import ML_FEATURE_STORE, NBAC_SCHEDULE, OF_OTHERS, PLAYER_DAILY_CACHE, SOURCES
from jobs.warehouse.bigquery.dialect import BigQueryDialect
from jobs.warehouse.bigquery.tables import expired_dates, materialisation, overwrite_statement, read_statement
from jobs.warehouse.counting_statements import (
    differing_rows_statement,
    feature_counts_statement,
    other_versions_statement,
    out_of_range_statement,
    results_statement,
    staged_dates_statement,
)
from jobs.warehouse.statements import merge_statement, prunable_statement, restore_statement

DATES = [datetime.date(2021, 11, 2), datetime.date(2021, 11, 1)]
LITERALS = "(DATE '2021-11-01', DATE '2021-11-02')"
NAMES = {"target": "`p.d.t`", "staging": "`p.d.t_staging_run`"}
DIALECT = BigQueryDialect()
TABLE = ML_FEATURE_STORE
EXPIRES = datetime.datetime(2021, 12, 1, 8, 30, tzinfo=datetime.timezone.utc)


def merge() -> str:
    return merge_statement(
        DIALECT, TABLE, TABLE.columns, target=NAMES["target"], staging=NAMES["staging"], game_dates=DATES
    )


def test_a_merge_names_literal_dates_on_the_partitions_of_both_tables() -> None:
    assert f"AND target.`game_date` IN {LITERALS}" in merge()
    assert f"FROM `p.d.t_staging_run`\n    WHERE `game_date` IN {LITERALS}" in merge()


def test_a_merge_de_duplicates_its_source() -> None:
    assert "ROW_NUMBER() OVER (PARTITION BY `game_date`, `player_lookup` ORDER BY `created_at` DESC, `data_hash`)" in (
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
        overwrite_statement(DIALECT, TABLE, TABLE.columns, **NAMES, game_dates=DATES, others=["note"]),
        staged_dates_statement(DIALECT, TABLE, **NAMES, columns=TABLE.columns, game_dates=DATES, features=25),
        *(read_statement(f"`p.d.{table.name}`", table, (DATES[1], DATES[0])) for table in SOURCES),
        feature_counts_statement(DIALECT, TABLE, "`p.d.t`", TABLE.column_names, (DATES[1], DATES[0]), 25),
        out_of_range_statement(DIALECT, "`p.d.t`"),
        other_versions_statement(DIALECT, TABLE, target="`p.d.t`", between=(DATES[1], DATES[0]), version="v1"),
        materialisation("p.d.copy", read_statement("`p.d.v`", NBAC_SCHEDULE, None), EXPIRES),
    ]
    for statement in statements:
        assert all(sqlglot.parse(statement, read="bigquery"))


def test_an_overwrite_is_one_statement_that_deletes_and_inserts_every_row_of_its_dates() -> None:
    statement = overwrite_statement(DIALECT, TABLE, TABLE.columns, **NAMES, game_dates=DATES, others=["note"])
    assert statement.startswith("MERGE INTO `p.d.t` AS target")
    assert "\nON FALSE\nWHEN NOT MATCHED THEN INSERT (`player_lookup`, " in statement
    assert statement.endswith(f"WHEN NOT MATCHED BY SOURCE AND target.`game_date` IN {LITERALS} THEN DELETE")
    for name in NAMES.values():
        assert f"FROM {name}\n    WHERE `game_date` IN {LITERALS}" in statement


def test_an_overwrite_takes_columns_of_others_from_the_target() -> None:
    statement = overwrite_statement(DIALECT, TABLE, TABLE.columns, **NAMES, game_dates=DATES, others=["note"])
    assert "held.`note`" in statement
    for name in OF_OTHERS:
        held = f"CASE WHEN held.`player_lookup` IS NULL THEN staged.`{name}` ELSE held.`{name}` END AS `{name}`"
        assert held in statement
    cache = PLAYER_DAILY_CACHE
    nothing_to_keep = overwrite_statement(DIALECT, cache, cache.columns, **NAMES, game_dates=DATES, others=[])
    assert "held" not in nothing_to_keep


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


def test_a_table_that_asks_for_a_filter_gets_a_plain_one_on_its_date() -> None:
    whole = read_statement("`p.d.t`", NBAC_SCHEDULE, None, plain_filter=True)
    assert whole.endswith("WHERE `game_date` BETWEEN DATE '1900-01-01' AND DATE '2999-12-31'")
    some = read_statement("`p.d.t`", PLAYER_DAILY_CACHE, (DATES[1], DATES[0]), plain_filter=True)
    assert some.endswith("WHERE `cache_date` BETWEEN DATE '2021-11-01' AND DATE '2021-11-02'")


def test_the_copy_of_a_view_goes_by_itself() -> None:
    """The emulator keeps no expiration that a statement gives."""
    statement = materialisation("p.d.copy", "SELECT 1 AS one", EXPIRES)
    assert statement == (
        "CREATE TABLE `p.d.copy` OPTIONS (expiration_timestamp = TIMESTAMP '2021-12-01 08:30:00+00') AS SELECT 1 AS one"
    )


def test_every_statement_on_a_target_has_a_filter_on_its_date() -> None:
    """Where BigQuery looks for it: in the WHERE of the SELECT that reads the table, or in the condition of a MERGE."""
    keys = ("`p.d.keys`", ("player_lookup", "game_date"))
    between = (DATES[1], DATES[0])
    statements = {
        "merge": merge(),
        "prunable": prunable_statement(DIALECT, TABLE, target="`p.d.t`", keys=keys, game_dates=DATES),
        "restore": restored(by_key=True),
        "restore_rows": restored(by_key=False),
        "staged": staged_dates_statement(DIALECT, TABLE, **NAMES, columns=TABLE.columns, game_dates=DATES, features=25),
        "differing": differing_rows_statement(DIALECT, TABLE, **NAMES, game_dates=DATES),
        "results": results_statement(DIALECT, TABLE, target="`p.d.t`", between=between),
        "versions": other_versions_statement(DIALECT, TABLE, target="`p.d.t`", between=between, version="v1"),
        "overwrite": overwrite_statement(DIALECT, TABLE, TABLE.columns, **NAMES, game_dates=DATES, others=["note"]),
        "counts": feature_counts_statement(DIALECT, TABLE, "`p.d.t`", (), between, 25),
    }
    for name, statement in statements.items():
        assert has_filter(statement), name


def restored(*, by_key: bool) -> str:
    names = TABLE.column_names
    target, staging = NAMES["target"], NAMES["staging"]
    return restore_statement(
        DIALECT, TABLE, names, target=target, staging=staging, game_dates=DATES, updated=names, by_key=by_key
    )


def has_filter(statement: str) -> bool:
    """Whether each SELECT, MERGE or DELETE of the target names literal dates in its own condition.

    Of a MERGE that matches nothing that is the condition of what it deletes.
    """
    found = []
    for tree in sqlglot.parse(statement, read="bigquery"):
        for table in tree.find_all(exp.Table) if tree is not None else []:
            if table.name != "t":
                continue
            parent = table.find_ancestor(exp.Select, exp.Merge, exp.Delete, exp.Insert)
            if parent is None or isinstance(parent, exp.Insert):
                continue
            if isinstance(parent, exp.Merge):
                matches_nothing = parent.args["on"].sql() == "FALSE"
                condition = parent.args["whens"] if matches_nothing else parent.args["on"]
            else:
                condition = parent.args["where"]
            found.append("game_date" in condition.sql() and "2021-11-01" in condition.sql())
    return bool(found) and all(found)


@pytest.mark.parametrize(("days", "dropped"), [(30, [DATES[1]]), (31, []), (None, [])])
def test_a_partition_is_dropped_so_many_days_after_the_end_of_its_day(
    days: int | None, dropped: list[datetime.date]
) -> None:
    described = bigquery.Table("p.d.cache")
    described.time_partitioning = TimePartitioning(field="cache_date", expiration_ms=days and days * 86_400_000)
    today = DATES[1] + datetime.timedelta(days=31)
    assert expired_dates(described, "cache_date", DATES, today) == (days or 0, dropped)
    assert expired_dates(described, "analysis_date", DATES, today) == (0, [])
